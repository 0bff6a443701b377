import { isPlainObject, kindOf, seconds } from '../field-checks.js'
import { nameOf } from '../node-name.js'
import { ruleFields } from './rule-fields.js'

/**
 * One step of an agent may take so long. As a text: `agent_timeout(Researcher: 120, default: 90)`, or for one agent
 * `timeout(Researcher, 30s)`. Immutable.
 */
export class AgentTimeoutRule {
  readonly type = 'agentTimeout'
  /** By the name of the agent, in seconds. */
  readonly timeouts: Readonly<Record<string, number>>
  /** In seconds, for all other agents; undefined: no limit. */
  readonly default: number | undefined

  /** @throws TOPOLOGY_INVALID */
  constructor(options: {
    /** By the name of the agent, in seconds. @default {} */
    readonly timeouts?: Readonly<Record<string, number>>
    /** In seconds, for all other agents. @default no limit */
    readonly default?: number
  }) {
    const { given, problems } = ruleFields(options, ['timeouts', 'default'])
    const timeouts = given['timeouts'] ?? {}
    if (!isPlainObject(timeouts)) {
      problems.add('timeouts', `Is ${kindOf(timeouts)}.`, 'Expected are seconds by the name of the agent.')
    }
    const entries = Object.entries(isPlainObject(timeouts) ? timeouts : {}).map(([agent, value]) => {
      const place = `timeouts.${agent}`
      return [nameOf(place, agent, problems), seconds(place, value, problems)] as const
    })
    this.timeouts = Object.freeze(Object.fromEntries(entries))
    this.default = given['default'] === undefined ? undefined : seconds('default', given['default'], problems)
    if (isPlainObject(timeouts) && entries.length === 0 && this.default === undefined) {
      problems.add('', 'Limits nobody.', 'Name an agent and its seconds, or a default.')
    }
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; timeouts: Readonly<Record<string, number>>; default?: number } {
    const { type, timeouts, default: otherwise } = this
    return otherwise === undefined ? { type, timeouts } : { type, timeouts, default: otherwise }
  }

  /** As it is written in a topology. */
  toString(): string {
    const limits = Object.entries(this.timeouts).map(([agent, seconds]) => `${agent}: ${seconds}`)
    const otherwise = this.default === undefined ? [] : [`default: ${this.default}`]
    return `agent_timeout(${[...limits, ...otherwise].join(', ')})`
  }
}
