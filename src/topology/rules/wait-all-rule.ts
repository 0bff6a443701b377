import { nameOf } from '../node-name.js'
import { ruleFields, severalNames } from './rule-fields.js'

/** An agent begins once it has what all of these have sent it. As a text: `wait_all(A, B) -> C`. Immutable. */
export class WaitAllRule {
  readonly type = 'waitAll'
  /** Who is waited for; each has an edge to the target. */
  readonly agents: readonly string[]
  /** Who waits. */
  readonly target: string

  /** @throws TOPOLOGY_INVALID */
  constructor(options: { readonly agents: readonly string[]; readonly target: string }) {
    const { given, problems } = ruleFields(options, ['agents', 'target'])
    this.agents = severalNames('agents', given['agents'], problems)
    this.target = nameOf('target', given['target'], problems)
    if (this.target !== '' && this.agents.includes(this.target)) {
      problems.add('', `"${this.target}" would wait for itself.`, 'Name an agent that is not waited for.')
    }
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; agents: readonly string[]; target: string } {
    return { type: this.type, agents: this.agents, target: this.target }
  }

  /** As it is written in a topology. */
  toString(): string {
    return `wait_all(${this.agents.join(', ')}) -> ${this.target}`
  }
}
