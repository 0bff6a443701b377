import type { Artifact, Message, StreamResponse, Task, TaskStatus } from '@a2a-js/sdk'
import type { A2aPackage } from './a2a-package.js'
import type { A2aTaskState } from './a2a-task-state.js'
import { artifactsText, messageText } from './a2a-text.js'

const waiting: readonly A2aTaskState[] = ['submitted', 'working', 'unknown']

/** @internal What is known of one task, as its agent tells it. */
export class A2aTask {
  id: string | undefined
  contextId: string | undefined
  state: A2aTaskState = 'unknown'
  readonly #sdk: A2aPackage
  readonly #artifacts = new Map<string, Artifact>()
  readonly #isContinued: boolean
  #isOld = false
  #said = ''
  #lastWord = ''

  /** @param id - of a task that is to go on */
  constructor(sdk: A2aPackage, id?: string) {
    this.#sdk = sdk
    this.id = id
    this.#isContinued = id !== undefined
  }

  /** Whether nothing more comes, as far as its state tells. */
  get isSettled(): boolean {
    return !waiting.includes(this.state)
  }

  /** The same while more can come: an agent may begin with telling that the task it goes on with was waiting. */
  get isSettledForSure(): boolean {
    return this.isSettled && !(this.#isOld && this.state.endsWith('-required'))
  }

  /** What the agent said with its last change of state. */
  get said(): string {
    return this.#said
  }

  /** What the agent has made; what it said if it made nothing. */
  get text(): string {
    return artifactsText(this.#artifacts.values()) || this.#said || this.#lastWord
  }

  apply({ payload }: StreamResponse): void {
    this.#isOld = false
    switch (payload?.$case) {
      case 'message':
        this.answer(payload.value)
        break
      case 'task':
        this.replace(payload.value)
        this.#isOld = this.#isContinued
        break
      case 'statusUpdate':
        this.#know(payload.value.taskId, payload.value.contextId)
        this.#status(payload.value.status)
        break
      case 'artifactUpdate':
        this.#know(payload.value.taskId, payload.value.contextId)
        if (payload.value.artifact !== undefined) this.#add(payload.value.artifact, payload.value.append)
        break
      default:
    }
  }

  /** A message in place of a task is the answer. */
  answer(message: Message): void {
    this.#know(message.taskId, message.contextId)
    this.state = 'completed'
    this.#said = messageText(message)
  }

  replace({ id, contextId, status, artifacts, history }: Task): void {
    this.#know(id, contextId)
    for (const artifact of artifacts) this.#add(artifact, false)
    this.#lastWord = messageText(history.findLast(({ role }) => role === this.#sdk.Role.ROLE_AGENT))
    this.#status(status)
  }

  #know(id: string, contextId: string): void {
    if (id !== '') this.id = id
    if (contextId !== '') this.contextId = contextId
  }

  #status(status: TaskStatus | undefined): void {
    if (status === undefined) return
    const name = this.#sdk
      .taskStateToJSON(status.state)
      .replace(/^TASK_STATE_/, '')
      .toLowerCase()
      .replace('_', '-')
    this.state = states.has(name) ? (name as A2aTaskState) : 'unknown'
    this.#said = messageText(status.message)
  }

  #add(artifact: Artifact, isMore: boolean): void {
    const before = isMore ? this.#artifacts.get(artifact.artifactId) : undefined
    const parts = before === undefined ? artifact.parts : [...before.parts, ...artifact.parts]
    this.#artifacts.set(artifact.artifactId, { ...artifact, parts })
  }
}

const states = new Set<string>([
  'submitted',
  'working',
  'completed',
  'failed',
  'canceled',
  'rejected',
  'input-required',
  'auth-required',
] satisfies A2aTaskState[])
