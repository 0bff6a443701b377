import { count, seconds } from '../field-checks.js'
import { nameOf } from '../node-name.js'
import { ruleFields } from './rule-fields.js'

/** An agent begins so many steps in any interval at most, over all runs in this process. As a text: `rate_limit(Searcher, 10/min)`. Immutable. */
export class RateLimitRule {
  readonly type = 'rateLimit'
  readonly agent: string
  /** How many steps may begin in an interval. */
  readonly limit: number
  /** The length of the interval, in seconds. */
  readonly interval: number

  /** @throws TOPOLOGY_INVALID */
  constructor(options: {
    readonly agent: string
    readonly limit: number
    /** In seconds. @default 60 */
    readonly interval?: number
  }) {
    const { given, problems } = ruleFields(options, ['agent', 'limit', 'interval'])
    this.agent = nameOf('agent', given['agent'], problems)
    this.limit = count('limit', given['limit'], problems)
    this.interval = seconds('interval', given['interval'] ?? 60, problems)
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; agent: string; limit: number; interval: number } {
    return { type: this.type, agent: this.agent, limit: this.limit, interval: this.interval }
  }

  /** As it is written in a topology. */
  toString(): string {
    return `rate_limit(${this.agent}, ${this.limit}/${this.interval}s)`
  }
}
