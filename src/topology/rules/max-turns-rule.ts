import { count, kindOf, list } from '../field-checks.js'
import { distinctNames } from '../node-name.js'
import { ruleFields } from './rule-fields.js'

/**
 * Two agents talk to each other so many turns at most; then the edges between them are closed, and their other edges count. A turn is
 * one round trip, counted when the first addresses the second. As a text: `max_turns(Writer <-> Reviewer, 3)`. Immutable.
 */
export class MaxTurnsRule {
  readonly type = 'maxTurns'
  /** Who talks to whom: the turns are those that go from the first to the second. */
  readonly between: readonly [first: string, second: string]
  readonly maxTurns: number

  /** @throws TOPOLOGY_INVALID */
  constructor(options: { readonly between: readonly [first: string, second: string]; readonly maxTurns: number }) {
    const { given, problems } = ruleFields(options, ['between', 'maxTurns'])
    const between = distinctNames('between', list('between', given['between'], problems), problems)
    if (Array.isArray(given['between']) && between.length !== 2) {
      problems.add('between', `Is ${kindOf(between)}.`, 'Expected are two names: who begins a turn, and who answers.')
    }
    this.between = between as [string, string]
    this.maxTurns = count('maxTurns', given['maxTurns'], problems)
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; between: readonly [string, string]; maxTurns: number } {
    return { type: this.type, between: this.between, maxTurns: this.maxTurns }
  }

  /** As it is written in a topology. */
  toString(): string {
    return `max_turns(${this.between.join(' <-> ')}, ${this.maxTurns})`
  }
}
