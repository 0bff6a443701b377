import { nameOf } from '../node-name.js'
import { ruleFields } from './rule-fields.js'

/**
 * An agent waits for everybody who has an edge to it, also where it would not by itself because it has edges back to them. As a text:
 * `convergence_point(Editor)`. Immutable.
 */
export class ConvergencePointRule {
  readonly type = 'convergencePoint'
  readonly agent: string

  /** @throws TOPOLOGY_INVALID */
  constructor(options: { readonly agent: string }) {
    const { given, problems } = ruleFields(options, ['agent'])
    this.agent = nameOf('agent', given['agent'], problems)
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; agent: string } {
    return { type: this.type, agent: this.agent }
  }

  /** As it is written in a topology. */
  toString(): string {
    return `convergence_point(${this.agent})`
  }
}
