import type { Orchestration, RunContext } from '../core/index.js'
import type { JsonSchema } from '../schema/index.js'
import type { AgentTask } from './agent-task.js'
import type { TaskResult } from './task-result.js'

/** Something an agent can do (S3-41). */
export interface AgentCapability {
  /** What a step names as its `taskType`. */
  readonly name: string
  /** A family of capabilities, such as `research`. */
  readonly category?: string
  readonly description?: string
  /** What the parameters of a task look like. */
  readonly inputSchema?: JsonSchema
  /** What the data of a result looks like. */
  readonly outputSchema?: JsonSchema
}

/** What a registry says of an agent. */
export interface AgentDescription {
  readonly agentId: string
  readonly description?: string
  /** Empty if the agent does not say; it takes any task then. */
  readonly capabilities: readonly AgentCapability[]
}

/** An agent that can be asked. */
export interface RegisteredAgent extends AgentDescription {
  /**
   * Does a task on behalf of the state that `context` belongs to. What it throws fails the attempt, and so does a result with the
   * status `failure`. An agent without a result for its task's `taskId` has failed.
   */
  execute(task: AgentTask, context: RunContext): Promise<TaskResult>
  /**
   * The orchestration behind the agent, if it is one. An engine runs it as part of its own run, so that it is paused, resumed and stored
   * with it, and makes a {@link TaskResult} of the output with `taskResultOf`; {@link execute} is for whoever cannot.
   */
  readonly orchestration?: Orchestration<AgentTask, unknown>
}

/**
 * Where an engine and a planner find agents: in memory, behind HTTP, in a directory of services. The names are unique. Nothing is
 * asked before it is needed, and an implementation keeps its own connections.
 */
export interface RegistryClient {
  /** Rejects with `AGENT_UNKNOWN`, naming the nearest, if there is none. */
  getAgent(agentId: string): Promise<RegisteredAgent>
  /** All of them, in a stable order. */
  listAgents(): Promise<readonly AgentDescription[]>
  /** Those with a capability of this name. */
  findByCapability(name: string): Promise<readonly AgentDescription[]>
  /** Those with a capability of this category. */
  findByCategory(category: string): Promise<readonly AgentDescription[]>
}
