import { count } from '../field-checks.js'
import { ruleFields } from './rule-fields.js'

/** So many agents work at the same time at most; others wait their turn. As a text: `max_agents(4)`. Immutable. */
export class MaxAgentsRule {
  readonly type = 'maxAgents'
  readonly maxAgents: number

  /** @throws TOPOLOGY_INVALID */
  constructor(options: { readonly maxAgents: number }) {
    const { given, problems } = ruleFields(options, ['maxAgents'])
    this.maxAgents = count('maxAgents', given['maxAgents'], problems)
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; maxAgents: number } {
    return { type: this.type, maxAgents: this.maxAgents }
  }

  /** As it is written in a topology. */
  toString(): string {
    return `max_agents(${this.maxAgents})`
  }
}
