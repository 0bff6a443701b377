import { flag } from '../field-checks.js'
import { nameOf } from '../node-name.js'
import { ruleFields, severalNames } from './rule-fields.js'

/** Several agents begin at once, each in a branch of its own. As a text: `parallel(Worker1, Worker2)`. Immutable. */
export class ParallelRule {
  readonly type = 'parallel'
  /** Who begins at once; two or more. */
  readonly agents: readonly string[]
  /** Whose output they all get. Undefined: of every node that leads to all of them. */
  readonly trigger: string | undefined
  /** Whether what comes after them waits for all of them, or goes on with the first. */
  readonly waitForAll: boolean

  /** @throws TOPOLOGY_INVALID */
  constructor(options: {
    readonly agents: readonly string[]
    /** @default every node that leads to all of them */
    readonly trigger?: string
    /** @default true */
    readonly waitForAll?: boolean
  }) {
    const { given, problems } = ruleFields(options, ['agents', 'trigger', 'waitForAll'])
    this.agents = severalNames('agents', given['agents'], problems)
    this.trigger = given['trigger'] === undefined ? undefined : nameOf('trigger', given['trigger'], problems)
    this.waitForAll = flag('waitForAll', given['waitForAll'], true, problems)
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; `type` says which rule it is. */
  toJSON(): { type: string; agents: readonly string[]; trigger?: string; waitForAll: boolean } {
    const { type, agents, trigger, waitForAll } = this
    return trigger === undefined ? { type, agents, waitForAll } : { type, agents, trigger, waitForAll }
  }

  /** As it is written in a topology; trigger and `waitForAll` cannot be. */
  toString(): string {
    return `parallel(${this.agents.join(', ')})`
  }
}
