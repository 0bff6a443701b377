import { count } from '../field-checks.js'
import { ruleFields } from './rule-fields.js'

/** So many steps of agents at most, over all branches of a run. As a text: `max_steps(50)`. Immutable. */
export class MaxStepsRule {
  readonly type = 'maxSteps'
  readonly maxSteps: number

  /** @throws TOPOLOGY_INVALID */
  constructor(options: { readonly maxSteps: number }) {
    const { given, problems } = ruleFields(options, ['maxSteps'])
    this.maxSteps = count('maxSteps', given['maxSteps'], problems)
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; maxSteps: number } {
    return { type: this.type, maxSteps: this.maxSteps }
  }

  /** As it is written in a topology. */
  toString(): string {
    return `max_steps(${this.maxSteps})`
  }
}
