import { OptionError, OrchestrationError } from '../errors/index.js'
import { didYouMean, nearestNames } from '../errors/internal.js'
import type { Agent } from './agent.js'

/**
 * Agents by name, for programs that choose them at run time. {@link AgentRegistry.global} is there for everybody; one with a `parent`
 * sees what its parent has, and may have agents of its own under the same names. It holds its agents until they are unregistered.
 */
export class AgentRegistry {
  /** The registry of the process. */
  static readonly global: AgentRegistry = new AgentRegistry()

  readonly #parent: AgentRegistry | undefined
  readonly #agents = new Map<string, Agent<unknown>>()

  constructor(parent?: AgentRegistry) {
    this.#parent = parent
  }

  /**
   * Returns the agent, so that it can be registered where it is made.
   * @throws AGENT_EXISTS if this registry itself has one of the name
   */
  register<TOut>(agent: Agent<TOut>, name: string = agent.name): Agent<TOut> {
    if (typeof name !== 'string' || name.trim() === '') throw new OptionError('name', 'a non-empty string', name)
    if (this.#agents.has(name)) {
      throw new OrchestrationError(
        `An agent "${name}" is registered already. Register this one under another name, or unregister that one first.`,
        { code: 'AGENT_EXISTS', details: { agent: name } },
      )
    }
    this.#agents.set(name, agent)
    return agent
  }

  /** @throws AGENT_UNKNOWN, with the names that come nearest */
  get(name: string): Agent<unknown> {
    const agent = this.#find(name)
    if (agent !== undefined) return agent
    const known = this.list()
    const near = nearestNames(name, known)
    const hint = didYouMean(name, known, 'None is registered.')
    throw new OrchestrationError(`No agent "${name}" is registered. ${hint}`, {
      code: 'AGENT_UNKNOWN',
      details: { agent: name, nearest: near },
    })
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined
  }

  /** The names, the parent's included, in alphabetical order. */
  list(): readonly string[] {
    return [...new Set([...(this.#parent?.list() ?? []), ...this.#agents.keys()])].sort()
  }

  /** Takes an agent off this registry, never off its parent. False if it had none of the name. */
  unregister(name: string): boolean {
    return this.#agents.delete(name)
  }

  #find(name: string): Agent<unknown> | undefined {
    const own = this.#agents.get(name)
    return own !== undefined || this.#parent === undefined ? own : this.#parent.#find(name)
  }
}
