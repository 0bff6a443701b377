import { seconds } from '../field-checks.js'
import { ruleFields } from './rule-fields.js'

/** The whole run may take so long. As a text: `timeout(300)`, `timeout(5min)`. Immutable. */
export class TimeoutRule {
  readonly type = 'timeout'
  /** In seconds. */
  readonly maxDuration: number

  /** @throws TOPOLOGY_INVALID */
  constructor(options: {
    /** In seconds. */
    readonly maxDuration: number
  }) {
    const { given, problems } = ruleFields(options, ['maxDuration'])
    this.maxDuration = seconds('maxDuration', given['maxDuration'], problems)
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; maxDuration: number } {
    return { type: this.type, maxDuration: this.maxDuration }
  }

  /** As it is written in a topology. */
  toString(): string {
    return `timeout(${this.maxDuration})`
  }
}
