import type { Orchestration, OrchestrationBehaviour } from '../../core/index.js'
import type { OptionNames } from '../../errors/internal.js'
import type { CircuitBreaker } from '../../resilience/index.js'
import type { AgentTask } from '../agent-task.js'
import type { RegistryClient } from '../registry-client.js'
import type { RetryPolicy } from '../retry-policy.js'
import type { ResultManager } from '../workflow/result-manager.js'

/** What a plan is compiled with. */
export interface CompileOptions extends Pick<OrchestrationBehaviour, 'interceptors' | 'store' | 'clock' | 'logger'> {
  /** Where the agents of the steps are found, when they are needed. */
  readonly registry: RegistryClient
  /**
   * By agent id, agents that are orchestrations. They run as part of the plan's run: paused, resumed and stored with it. An orchestration
   * that is not among these is asked from outside.
   * @default none
   */
  readonly orchestrations?: ReadonlyMap<string, Orchestration<AgentTask, unknown>>
  /** Makes the result. @default a new `ResultManager` */
  readonly resultManager?: ResultManager
  /** For steps without a `retryPolicy`. @default one attempt */
  readonly retryPolicy?: RetryPolicy
  /** The circuit breakers of agents, by agent id; those that are missing are made. @default one for each agent, of this orchestration */
  readonly breakers?: (agentId: string) => CircuitBreaker | undefined
  /** How many agents may be at work at a time; of this and the plan's own limit the lower one holds. @default no limit */
  readonly maxParallelAgents?: number
}

/** Every key of {@link CompileOptions}. */
export const compileOptionNames: OptionNames<CompileOptions> = {
  registry: true,
  orchestrations: true,
  resultManager: true,
  retryPolicy: true,
  breakers: true,
  maxParallelAgents: true,
  interceptors: true,
  store: true,
  clock: true,
  logger: true,
}
