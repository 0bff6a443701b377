import type { Agent } from '../agents/index.js'
import { Orchestration, type RunContext } from '../core/index.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames, didYouMean, nearestNames, type OptionNames } from '../errors/internal.js'
import type { AgentTask } from './agent-task.js'
import type { AgentCapability, AgentDescription, RegisteredAgent, RegistryClient } from './registry-client.js'
import { agentAtWork, functionAtWork, orchestrationAtWork } from './task-workers.js'

/** A function that does tasks; it returns the data, or a whole `TaskResult`. */
export type TaskFunction = (task: AgentTask, context: RunContext) => unknown

/** What can do tasks: an agent with a model, an orchestration, or a function. */
export type TaskWorker =
  | Agent<unknown>
  | Orchestration<AgentTask, any> // any: outputs of every type become data
  | TaskFunction

/** What a registry should say of an agent. */
export interface RegistrationOptions {
  /** @default that of the agent, if it has one */
  readonly description?: string
  /** A name is a capability without anything else. @default none, which is any task */
  readonly capabilities?: readonly (string | AgentCapability)[]
}

const optionNames: OptionNames<RegistrationOptions> = { description: true, capabilities: true }

/**
 * The agents of one process. An {@link Agent} is asked with the task as text, an orchestration with the task as its input. What they
 * answer becomes plain JSON.
 *
 * ```ts
 * const registry = new MemoryRegistryClient()
 *   .register('searcher', task => search(task.parameters), { capabilities: ['search'] })
 *   .register('writer', writer)
 * ```
 */
export class MemoryRegistryClient implements RegistryClient {
  readonly #agents = new Map<string, RegisteredAgent>()

  /**
   * @throws AGENT_EXISTS if there is an agent of this id
   * @throws OPTION_INVALID
   */
  register(agentId: string, worker: TaskWorker, options: RegistrationOptions = {}): this {
    if (typeof agentId !== 'string' || agentId.trim() === '') {
      throw new OptionError('agentId', 'a non-empty text', agentId)
    }
    if (this.#agents.has(agentId)) {
      const message = `An agent "${agentId}" is registered already. Register this one under another id.`
      throw new OrchestrationError(message, { code: 'AGENT_EXISTS', details: { agent: agentId } })
    }
    checkOptionNames(`agent "${agentId}"`, options, optionNames)
    const description = options.description ?? descriptionOf(worker)
    const { capabilities = [] } = options
    if (!Array.isArray(capabilities)) throw new OptionError('capabilities', 'a list of capabilities', capabilities)
    const described = {
      agentId,
      ...(description === undefined ? {} : { description }),
      capabilities: capabilities.map(capabilityOf),
    }
    this.#agents.set(agentId, { ...described, ...atWork(worker) })
    return this
  }

  async getAgent(agentId: string): Promise<RegisteredAgent> {
    const agent = this.#agents.get(agentId)
    if (agent !== undefined) return agent
    const known = [...this.#agents.keys()]
    const hint = didYouMean(agentId, known, 'None is registered.')
    throw new OrchestrationError(`No agent "${agentId}" is registered. ${hint}`, {
      code: 'AGENT_UNKNOWN',
      details: { agent: agentId, nearest: nearestNames(agentId, known) },
    })
  }

  async listAgents(): Promise<readonly AgentDescription[]> {
    return [...this.#agents.values()].map(shown)
  }

  async findByCapability(name: string): Promise<readonly AgentDescription[]> {
    return this.#having(capability => capability.name === name)
  }

  async findByCategory(category: string): Promise<readonly AgentDescription[]> {
    return this.#having(capability => capability.category === category)
  }

  #having(isMeant: (capability: AgentCapability) => boolean): readonly AgentDescription[] {
    return [...this.#agents.values()].filter(agent => agent.capabilities.some(isMeant)).map(shown)
  }
}

function atWork(worker: TaskWorker): Pick<RegisteredAgent, 'execute' | 'orchestration'> {
  if (worker instanceof Orchestration) return orchestrationAtWork(worker)
  if (typeof worker === 'function') return functionAtWork(worker)
  if (isAgent(worker)) return agentAtWork(worker)
  throw new OptionError('worker', 'an Agent, an Orchestration or a function', worker)
}

function isAgent(worker: unknown): worker is Agent<unknown> {
  return typeof worker === 'object' && worker !== null && 'outputFormat' in worker && 'client' in worker
}

function descriptionOf(worker: TaskWorker): string | undefined {
  return isAgent(worker) ? worker.description : undefined
}

function capabilityOf(capability: string | AgentCapability): AgentCapability {
  const { name } = typeof capability === 'string' ? { name: capability } : capability
  if (typeof name === 'string' && name.trim() !== '')
    return typeof capability === 'string' ? { name } : { ...capability }
  throw new OptionError('capabilities', 'names, or capabilities with a name', name)
}

function shown({ agentId, description, capabilities }: RegisteredAgent): AgentDescription {
  return { agentId, ...(description === undefined ? {} : { description }), capabilities }
}
