import { createHash } from 'node:crypto'
import type { Message, SendMessageRequest, StreamResponse, Task } from '@a2a-js/sdk'
import { isTerminalEvent } from '../../core/index.js'
import type { RunRecord } from '../../durability/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { answerRequest, openRequests } from '../answer-request.js'
import type { Principal } from '../principal.js'
import { requireScope } from '../route-table.js'
import { opensRequest, progressText, RunFollower, waitsForAnswer } from '../run-follower.js'
import { runOf, type ServerContext } from '../server-context.js'
import { type Startable, startNamed } from '../startable.js'
import type { A2aSdk } from './a2a-package.js'
import { askedTask } from './asked-task.js'
import { contentOf, type MessageContent, malformed } from './message-content.js'
import { taskAnswer } from './task-answer.js'
import { contextOf, contextTag, type TaskView, textPart } from './task-view.js'

/** Who talks about tasks. */
export interface TaskSpeaker {
  readonly principal: Principal
  /** Aborts when nobody listens any more; tasks go on. */
  readonly signal: AbortSignal
  /** What can be started. */
  readonly skills: () => Promise<readonly Startable[]>
}

/** A task that somebody has said something about, or listens to. */
export interface TaskTurn {
  readonly record: RunRecord
  /** How it is at first. */
  readonly first: Task
  /** What happens from then on; none if nothing more comes of what was said, or nobody wants to hear it. */
  readonly follower: RunFollower | undefined
  /** What is no news that the task waits for. */
  readonly known: ReadonlySet<string>
}

/** What is said about tasks, and what comes of it. */
export class TaskTurns {
  readonly #sdk: A2aSdk
  readonly #server: ServerContext
  readonly #view: TaskView
  readonly #speaker: TaskSpeaker

  constructor(sdk: A2aSdk, server: ServerContext, view: TaskView, speaker: TaskSpeaker) {
    this.#sdk = sdk
    this.#server = server
    this.#view = view
    this.#speaker = speaker
  }

  /** Begins a task with a message, or goes on with one. @param listens whether what comes of it is to be heard */
  async say({ message, configuration, metadata }: SendMessageRequest, listens: boolean): Promise<TaskTurn> {
    if (message === undefined) throw malformed('There is no message.')
    if (configuration?.taskPushNotificationConfig !== undefined) throw noPush(this.#sdk)
    const content = contentOf(message, metadata)
    return message.taskId === '' ? this.#start(message, content, listens) : this.#answer(message, content, listens)
  }

  /** Listens to a task that is under way. */
  async hear(id: string): Promise<TaskTurn> {
    const record = await this.find(id)
    this.#checkUnderWay(record)
    return this.#following(record, 'now', true, async follower => {
      const open = await openRequests(this.#server, record)
      const first = await this.#view.task(await this.#server.host.record(id))
      return { record, first, follower, known: new Set(open.map(({ requestId }) => requestId)) }
    })
  }

  /** What becomes of a task, until it has ended or waits for an answer. */
  async *updates({ record, follower, known }: TaskTurn): AsyncGenerator<StreamResponse, void, undefined> {
    for await (const event of follower ?? []) {
      const text = progressText(this.#server, record, event)
      if (text !== undefined) yield this.#statusUpdate(record, this.#view.working(record, event.at, text))
      if (isTerminalEvent(event)) break
      if (opensRequest(event) && (await waitsForAnswer(this.#server, record, known))) break
    }
    const now = await this.#server.host.store.get(record.runId)
    // Nothing more is to be said of one that was deleted, and to somebody who has gone.
    if (now === undefined || this.#speaker.signal.aborted) return
    const { artifacts, status } = await this.#view.task(now)
    const [artifact] = artifacts
    if (artifact !== undefined) {
      const value = { ...this.#place(record), artifact, append: false, lastChunk: true, metadata: undefined }
      yield { payload: { $case: 'artifactUpdate', value } }
    }
    yield this.#statusUpdate(record, status)
  }

  /** @throws Problem 404 */
  async find(id: string): Promise<RunRecord> {
    if (typeof id !== 'string' || id === '') throw malformed('The id of the task is missing.')
    return runOf(this.#server, this.#speaker.principal, id)
  }

  async #start({ messageId, contextId }: Message, content: MessageContent, listens: boolean): Promise<TaskTurn> {
    const { principal, skills } = this.#speaker
    requireScope(principal, 'run')
    if (contextId.length > 200) throw malformed('message.contextId has to have 200 characters at most.')
    const asked = askedTask(content, await skills())
    // A message that is sent again begins no second task; one that only has the id of another one does.
    const id = uuidOf(digestOf([principal.tenant, messageId]))
    const key = digestOf([principal.tenant, messageId, contextId, asked.id, asked.input])
    const tags = { [contextTag]: contextId === '' ? id : contextId }
    const runId = await startNamed(this.#server, principal, { ...asked, tags, attempt: { id, key } }).catch(thrown => {
      if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'RUN_EXISTS') throw thrown
      return startNamed(this.#server, principal, { ...asked, tags })
    })
    const record = await this.#server.host.record(runId)
    return this.#following(record, 0, listens, async follower => {
      return { record, first: this.#view.submitted(record), follower, known: new Set() }
    })
  }

  async #answer({ taskId, contextId }: Message, content: MessageContent, listens: boolean): Promise<TaskTurn> {
    const { principal } = this.#speaker
    const record = await this.find(taskId)
    if (contextId !== '' && contextId !== this.#place(record).contextId) {
      throw malformed(`Task "${taskId}" does not belong to context "${contextId}".`)
    }
    this.#checkUnderWay(record)
    const open = await openRequests(this.#server, record)
    if (open.length === 0) {
      const detail = `Task "${taskId}" waits for nothing, so a message does nothing to it. Subscribe to it, or get it later.`
      throw new this.#sdk.errors.UnsupportedOperationError(detail)
    }
    requireScope(principal, 'approve')
    const given = taskAnswer(content, open)
    if (typeof given === 'string') {
      return { record, first: await this.#asking(record, given), follower: undefined, known: new Set() }
    }
    return this.#following(record, 'now', listens, async follower => {
      await answerRequest(this.#server, principal, record, given.requestId, given.answer)
      const known = new Set([given.requestId])
      const first = await this.#view.task(await this.#server.host.record(taskId))
      // It may wait for something else too; then nothing need happen before more is to be said.
      const isOpen = await waitsForAnswer(this.#server, record, known)
      if (isOpen) follower?.close()
      return { record, first, follower: isOpen ? undefined : follower, known }
    })
  }

  async #following(
    record: RunRecord,
    from: number | 'now',
    listens: boolean,
    turn: (follower: RunFollower | undefined) => Promise<TaskTurn>,
  ): Promise<TaskTurn> {
    if (!listens) return turn(undefined)
    const follower = await RunFollower.open(this.#server, record, { from, signal: this.#speaker.signal })
    try {
      return await turn(follower)
    } catch (thrown) {
      follower.close()
      throw thrown
    }
  }

  /** A task that is not answered yet, with a word about why. */
  async #asking(record: RunRecord, why: string): Promise<Task> {
    const task = await this.#view.task(record)
    const { status } = task
    if (status?.message === undefined) return task
    const message = { ...status.message, parts: [textPart(why), ...status.message.parts] }
    return { ...task, status: { ...status, message } }
  }

  #checkUnderWay({ runId, status }: RunRecord): void {
    if (status === 'running' || status === 'paused') return
    const detail = `Task "${runId}" is ${status}; nothing more comes of it. Begin a new one.`
    throw new this.#sdk.errors.UnsupportedOperationError(detail)
  }

  #statusUpdate(record: RunRecord, status: Task['status']): StreamResponse {
    return { payload: { $case: 'statusUpdate', value: { ...this.#place(record), status, metadata: undefined } } }
  }

  #place(record: RunRecord): { readonly taskId: string; readonly contextId: string } {
    return { taskId: record.runId, contextId: contextOf(record) }
  }
}

/** @internal Nobody is called back. */
export function noPush({ errors }: A2aSdk): Error {
  const message = 'This agent does not call back. Stream the task, or get it from time to time.'
  return new errors.PushNotificationNotSupportedError(message)
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function uuidOf(digest: string): string {
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
