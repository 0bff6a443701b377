import type { SendMessageRequest } from '@a2a-js/sdk'
import { type RunContext, systemClock } from '../../core/index.js'
import { sleep, untilAborted } from '../../core/internal.js'
import { OptionError, type OrchestrationError } from '../../errors/index.js'
import { HiddenValues } from '../hidden-values.js'
import { type FailedServer, serverTooSlow } from '../server-failure.js'
import type { AgentTool } from '../tool.js'
import { type A2aConnection, openA2aConnection } from './a2a-connection.js'
import { a2aFailure, taskFailed } from './a2a-failure.js'
import { type A2aAgentOptions, type A2aToolOptions, checkA2aOptions } from './a2a-options.js'
import { A2aTask } from './a2a-task.js'
import type { A2aTaskState } from './a2a-task-state.js'
import { a2aTool, cardDescription } from './a2a-tool.js'

/** How a message is sent to an agent. */
export interface A2aSendOptions {
  /** The task to go on with, one that waits for more. @default a new one */
  readonly taskId?: string
  /** The conversation it belongs to. @default a new one */
  readonly contextId?: string
  /** The same for a message that is sent again, so that the agent can recognise it. @default a new one */
  readonly messageId?: string
  /** Cancels the task, at the agent too. */
  readonly signal?: AbortSignal | undefined
  /** The state the message is sent for: its signal cancels the task, and what the agent tells on the way goes into the run's stream. */
  readonly context?: RunContext
  readonly onUpdate?: (update: A2aUpdate) => void
}

/** What an agent tells while it works; in a run's stream, the data of a `custom` event named `a2a.status`. */
export interface A2aUpdate {
  readonly agent: string
  readonly taskId: string | undefined
  readonly state: A2aTaskState
  /** What it says about it; may be empty. */
  readonly text: string
}

/** What an agent answered. */
export interface A2aReply {
  /** `input-required` and `auth-required`: the agent waits, and the text says for what; send it with the same `taskId`. */
  readonly state: 'completed' | 'input-required' | 'auth-required'
  /** What it has made, or said. Texts as they are, data as JSON, of files what they are. */
  readonly text: string
  readonly taskId: string | undefined
  readonly contextId: string | undefined
}

/** Makes an {@link A2aAgent}; nothing is connected yet. @throws OPTION_INVALID */
export function a2aAgent(options: A2aAgentOptions): A2aAgent {
  return new A2aAgent(options)
}

/**
 * An agent behind a network that speaks the Agent2Agent protocol: as a tool of other agents, or called from a state. It needs the
 * package `@a2a-js/sdk`. Its card is read at the first use.
 *
 * ```ts
 * const translator = a2aAgent({ url: 'https://translator.example.com', headers: { authorization: `Bearer ${token}` } })
 * const writer = new Agent({ client, model, tools: [await translator.tool()] })
 * const { text } = await translator.send('Translate: good morning', { context }) // in a state
 * ```
 *
 * Failures, and tasks that have failed, were rejected or canceled, are `TOOL_SERVER_FAILED`; a task that takes too long is
 * `TOOL_TIMED_OUT`. What the agent and its card say goes to the model as it is.
 */
export class A2aAgent {
  readonly name: string
  readonly #options: A2aAgentOptions
  readonly #timeoutMs: number
  readonly #failed: FailedServer
  #connection: Promise<A2aConnection> | undefined

  /** @throws OPTION_INVALID */
  constructor(options: A2aAgentOptions) {
    checkA2aOptions(options)
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? 300_000
    this.name = options.name ?? ('url' in options ? new URL(options.url).host : nameOn(options.card))
    this.#failed = { who: `Agent "${this.name}"`, name: this.name, hidden: new HiddenValues(options.headers ?? {}) }
  }

  /**
   * The agent as a tool; its name and description are those on the card unless they are given. An answer that asks for more tells the
   * model how to go on with the task.
   * @throws OPTION_INVALID, TOOL_SERVER_FAILED if the card cannot be read
   */
  async tool(options: A2aToolOptions = {}): Promise<AgentTool> {
    const { card } = await this.#connected(AbortSignal.timeout(this.#timeoutMs))
    const name = options.name ?? card.name.replace(/[^\w-]+/g, '_').slice(0, 64)
    if (!/^[\w-]{1,64}$/.test(name)) throw new OptionError('name', 'letters, digits, `_` and `-`, at most 64', name)
    const description = options.description ?? cardDescription(card, this.name)
    return a2aTool({ ...options, name, description }, this.#timeoutMs, (text, more) => this.send(text, more))
  }

  /**
   * Sends a message, and waits for the task that comes of it.
   * @throws TOOL_SERVER_FAILED, TOOL_TIMED_OUT
   */
  async send(text: string, options: A2aSendOptions = {}): Promise<A2aReply> {
    if (typeof text !== 'string' || text.trim() === '') throw new OptionError('text', 'a message', text)
    const signals = [options.signal, options.context?.signal].filter(signal => signal !== undefined)
    for (const signal of signals) signal.throwIfAborted()
    const tooSlow = serverTooSlow(this.#failed, 'do its task', this.#timeoutMs)
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(tooSlow), this.#timeoutMs)
    const signal = AbortSignal.any([...signals, limit.signal])
    let task: A2aTask | undefined
    let connection: A2aConnection | undefined
    try {
      connection = await this.#connected(signal)
      task = new A2aTask(connection.sdk, options.taskId)
      const sent = this.#run(connection, task, requestOf(connection, text, options), signal, options)
      await untilAborted(sent, signal)
    } catch (thrown) {
      if (!signal.aborted) throw a2aFailure(this.#failed, 'do its task', thrown)
      if (connection !== undefined && task !== undefined) cancel(connection, task)
      throw signal.reason
    } finally {
      clearTimeout(timer)
    }
    return this.#reply(task)
  }

  async #run(
    connection: A2aConnection,
    task: A2aTask,
    request: SendMessageRequest,
    signal: AbortSignal,
    options: A2aSendOptions,
  ): Promise<void> {
    const { client, card } = connection
    if (card.capabilities?.streaming === true) {
      for await (const event of client.sendMessageStream(request, { signal })) {
        task.apply(event)
        if (event.payload?.$case === 'statusUpdate') this.#tell(task, options)
        if (task.isSettledForSure) break
      }
    } else {
      const answer = await client.sendMessage(request, { signal })
      if ('messageId' in answer) task.answer(answer)
      else task.replace(answer)
    }
    while (!task.isSettled) await this.#lookAgain(connection, task, signal, options)
  }

  /** For an agent that does not tell by itself, or whose stream has ended before its task. */
  async #lookAgain(
    { client }: A2aConnection,
    task: A2aTask,
    signal: AbortSignal,
    options: A2aSendOptions,
  ): Promise<void> {
    if (task.id === undefined) throw new Error('the answer has neither a message nor a task')
    await sleep(systemClock, this.#options.pollMs ?? 1000, signal)
    const before = task.state
    task.replace(await client.getTask({ tenant: '', id: task.id }, { signal }))
    if (task.state !== before) this.#tell(task, options)
  }

  #reply(task: A2aTask): A2aReply {
    const { state, id: taskId, contextId, said } = task
    if (state !== 'completed' && state !== 'input-required' && state !== 'auth-required') {
      throw taskFailed(this.#failed, task)
    }
    const text = this.#failed.hidden.inResult(state === 'completed' ? task.text : said || task.text)
    return { state, text, taskId, contextId }
  }

  #tell({ id: taskId, state, said }: A2aTask, { context, onUpdate }: A2aSendOptions): void {
    const update: A2aUpdate = { agent: this.name, taskId, state, text: this.#failed.hidden.inResult(said) }
    context?.emit({ type: 'custom', name: 'a2a.status', data: update })
    onUpdate?.(update)
  }

  #connected(signal: AbortSignal): Promise<A2aConnection> {
    this.#connection ??= this.#open()
    return untilAborted(this.#connection, signal)
  }

  async #open(): Promise<A2aConnection> {
    try {
      return await openA2aConnection(this.#options, this.#failed, AbortSignal.timeout(30_000))
    } catch (thrown) {
      this.#connection = undefined
      throw cardFailure(this.#failed, thrown)
    }
  }
}

function cardFailure(failed: FailedServer, thrown: unknown): OrchestrationError {
  if ((thrown as { name?: unknown }).name === 'TimeoutError') return serverTooSlow(failed, 'give its card', 30_000)
  return a2aFailure(failed, 'give its card', thrown)
}

function requestOf({ sdk }: A2aConnection, text: string, options: A2aSendOptions): SendMessageRequest {
  const { messageId = crypto.randomUUID(), taskId = '', contextId = '' } = options
  const part = {
    content: { $case: 'text', value: text } as const,
    metadata: undefined,
    filename: '',
    mediaType: 'text/plain',
  }
  return {
    tenant: '',
    message: {
      messageId,
      taskId,
      contextId,
      role: sdk.Role.ROLE_USER,
      parts: [part],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    },
    configuration: {
      acceptedOutputModes: [],
      taskPushNotificationConfig: undefined,
      // The id of the task is known at once then, so that it can be cancelled.
      // What is known at once of a task that goes on is that it was waiting.
      returnImmediately: taskId === '',
    },
    metadata: undefined,
  }
}

/** Nobody waits for the task any more; whether the agent heeds it is up to the agent. */
function cancel({ client }: A2aConnection, { id, isSettled }: A2aTask): void {
  if (id === undefined || isSettled) return
  client.cancelTask({ tenant: '', id, metadata: undefined }, { signal: AbortSignal.timeout(5000) }).catch(() => {})
}

function nameOn(card: object): string {
  const { name } = card as { name?: unknown }
  if (typeof name === 'string' && name.trim() !== '') return name
  throw new OptionError('card', 'the card of an agent, with its name', card)
}
