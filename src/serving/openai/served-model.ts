import type { ChatMessage, ChatRuntime } from '../../chat/index.js'
import type { RunRecord } from '../../durability/index.js'
import type { Principal } from '../principal.js'
import type { Answers } from './spoken-answer.js'

interface ModelBase {
  /** What clients call it. */
  readonly id: string
  /** Since when it is there, in milliseconds since 1970. */
  readonly created: number
  /** What it does. @default nothing is told */
  readonly description?: string
}

/** A model that answers with a run. */
export interface RunModel extends ModelBase {
  readonly kind: 'run'
  /** What of a run's words may be its answer. */
  readonly answersOf: (record: RunRecord) => Answers | Promise<Answers>
  /** An output as what is said. */
  readonly textOf: (output: unknown) => string
  /** Whether it is what a run runs. */
  readonly has: (record: RunRecord) => boolean
  /**
   * Starts a run for a caller; resolves to its id. Rejects as `startRun` does, and for messages that it cannot take.
   * @param messages the whole conversation; the last one is what it is started with
   */
  readonly start: (principal: Principal, messages: readonly ChatMessage[]) => Promise<string>
}

/** A model that answers with a chat runtime. */
export interface ChatModel extends ModelBase {
  readonly kind: 'chat'
  /** A chat of its own for a message of a caller; `id` is for one that is to be found again. */
  readonly open: (principal: Principal, id: string) => ChatRuntime
}

/** Whatever a client can talk to. */
export type ServedModel = RunModel | ChatModel

/** Where models come from; definitions that are kept elsewhere are a source of their own. */
export interface ModelSource {
  /** All that a caller can talk to. */
  readonly list: (principal: Principal) => readonly ServedModel[] | Promise<readonly ServedModel[]>
  readonly find: (principal: Principal, id: string) => ServedModel | undefined | Promise<ServedModel | undefined>
}
