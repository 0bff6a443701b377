import type {
  AgentCard,
  CancelTaskRequest,
  GetTaskRequest,
  ListTasksRequest,
  ListTasksResponse,
  SendMessageRequest,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
} from '@a2a-js/sdk'
import type { A2ARequestHandler } from '@a2a-js/sdk/server'
import type { Problem } from '../problem.js'
import { requireScope } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import type { A2aSdk } from './a2a-package.js'
import { a2aError, httpRefusal } from './a2a-refusal.js'
import { listedTasks } from './task-list.js'
import { noPush, type TaskSpeaker, type TaskTurn, TaskTurns } from './task-turns.js'
import { TaskView } from './task-view.js'

/** For whom tasks are done. */
export interface TaskCaller extends TaskSpeaker {
  /** The card that is for everybody. */
  readonly card: AgentCard
  /** That for the caller. */
  readonly extendedCard: () => Promise<AgentCard>
}

/** The tasks of one caller: durable runs, each under its id. What a caller begins goes on without it. */
export class RunTasks implements A2ARequestHandler {
  /** Set if a call was refused in a way that is told by HTTP. */
  refused: Problem | undefined
  readonly #sdk: A2aSdk
  readonly #server: ServerContext
  readonly #caller: TaskCaller
  readonly #view: TaskView
  readonly #turns: TaskTurns

  constructor(sdk: A2aSdk, server: ServerContext, caller: TaskCaller) {
    this.#sdk = sdk
    this.#server = server
    this.#caller = caller
    this.#view = new TaskView(sdk, server)
    this.#turns = new TaskTurns(sdk, server, this.#view, caller)
  }

  async getAgentCard(): Promise<AgentCard> {
    return this.#caller.card
  }

  getAuthenticatedExtendedAgentCard(): Promise<AgentCard> {
    return this.#told(this.#caller.extendedCard)
  }

  sendMessage(request: SendMessageRequest): Promise<Task> {
    return this.#told(async () => {
      const turn = await this.#turns.say(request, request.configuration?.returnImmediately !== true)
      if (turn.follower === undefined) return turn.first
      // Only the last word is told.
      for await (const _ of this.#turns.updates(turn)) continue
      return this.#view.task(await this.#server.host.record(turn.record.runId))
    })
  }

  sendMessageStream(request: SendMessageRequest): AsyncGenerator<StreamResponse, void, undefined> {
    return this.#stream(() => this.#turns.say(request, true))
  }

  resubscribe({ id }: SubscribeToTaskRequest): AsyncGenerator<StreamResponse, void, undefined> {
    return this.#stream(() => this.#turns.hear(id))
  }

  getTask({ id }: GetTaskRequest): Promise<Task> {
    return this.#told(async () => this.#view.task(await this.#turns.find(id)))
  }

  listTasks(request: ListTasksRequest): Promise<ListTasksResponse> {
    return this.#told(() => listedTasks(this.#sdk, this.#server, this.#caller.principal, request))
  }

  cancelTask({ id }: CancelTaskRequest): Promise<Task> {
    return this.#told(async () => {
      const { principal } = this.#caller
      requireScope(principal, 'run')
      const { status } = await this.#turns.find(id)
      if (status === 'completed' || status === 'failed') {
        throw new this.#sdk.errors.TaskNotCancelableError(`Task "${id}" is ${status}, so it cannot be canceled.`)
      }
      await this.#server.host.cancel(id, `canceled by ${principal.name}`)
      return this.#view.task(await this.#server.host.record(id))
    })
  }

  async createTaskPushNotificationConfig(): Promise<never> {
    throw noPush(this.#sdk)
  }

  async getTaskPushNotificationConfig(): Promise<never> {
    throw noPush(this.#sdk)
  }

  async listTaskPushNotificationConfigs(): Promise<never> {
    throw noPush(this.#sdk)
  }

  async deleteTaskPushNotificationConfig(): Promise<never> {
    throw noPush(this.#sdk)
  }

  async *#stream(begin: () => Promise<TaskTurn>): AsyncGenerator<StreamResponse, void, undefined> {
    const turn = await this.#told(begin)
    try {
      yield { payload: { $case: 'task', value: turn.first } }
      if (turn.follower !== undefined) yield* this.#turns.updates(turn)
    } finally {
      turn.follower?.close()
    }
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      this.refused = httpRefusal(thrown)
      throw this.refused ?? a2aError(this.#sdk, this.#server, thrown)
    }
  }
}
