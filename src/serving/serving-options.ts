import type { ChatRuntime } from '../chat/index.js'
import type { Clock, Logger } from '../core/index.js'
import type { HostedOrchestration, JournalStore } from '../durability/index.js'
import type { A2aServingOptions } from './a2a/a2a-options.js'
import type { AuthenticationOptions } from './authentication.js'
import type { McpServingOptions } from './mcp/mcp-options.js'
import type { Principal } from './principal.js'
import type { WorkflowServing } from './served-workflows.js'

/** An orchestration that callers can start, and what they are told about it. */
export interface ServedOrchestration {
  readonly orchestration: HostedOrchestration
  /** What it does, for models and people. @default nothing */
  readonly description?: string
}

/** How many requests may come in how much time. */
export interface RequestRate {
  readonly limit: number
  /** In milliseconds. @default 60 000 */
  readonly intervalMs?: number
}

/** What is bounded, so that nobody can use up the server. */
export interface ServingLimits {
  /** @default 1 MiB */
  readonly maxBodyBytes?: number
  /** How deep arrays and objects of a body may be in each other. @default 64 */
  readonly maxDepth?: number
  /** How many runs may be under way in this server at once; more are answered with 429. Those that are paused do not count. @default 1000 */
  readonly maxRuns?: number
  /** How many of them may belong to one tenant. @default as many as `maxRuns` */
  readonly maxRunsPerTenant?: number
  /**
   * How many requests each caller, by its tenant and name, may make in any interval of time; more are answered with 429. Where nobody has
   * to say who they are, all are one caller. Public routes have no limit. @default there is none
   */
  readonly requests?: RequestRate
  /** How many streams of events may be open at once, over all callers. @default 1000 */
  readonly maxStreams?: number
  /**
   * How many bytes are kept for a reader of events; one that is so far behind and takes nothing for ten seconds is cut off, and takes up
   * again where it was. @default 1 MiB
   */
  readonly maxBufferedBytes?: number
}

/** The limits that routes go by. */
export type BoundedLimits = Required<Omit<ServingLimits, 'requests'>>

/** What is served. */
export interface ServingOptions {
  /** Where runs and definitions are kept. Who makes it closes it. */
  readonly store: JournalStore
  /** Orchestrations in code, by their names. @default none */
  readonly orchestrations?: readonly (HostedOrchestration | ServedOrchestration)[]
  /** JSON workflows: what they find around them; `true` for nothing. @default they are not served */
  readonly workflows?: WorkflowServing | true
  /**
   * Chat runtimes by the name under which OpenAI clients ask for them; a new one, whose history is empty, is made for each message of a
   * caller. One that is made with the `id` that it is given, and whose configuration keeps its turns in a store, waits for people there:
   * it is made again, with the same id, when the answer comes, in whatever process. @default none
   */
  readonly chats?: Readonly<Record<string, (caller: Principal, id: string) => ChatRuntime>>
  /** Who may call. @default everybody, and then only from this machine */
  readonly auth?: AuthenticationOptions
  readonly limits?: ServingLimits
  /** How the server is one for MCP clients, at `/mcp`. */
  readonly mcp?: McpServingOptions
  /** What the server is as an agent for others, over A2A at `/a2a`. */
  readonly a2a?: A2aServingOptions
  /** The page for people. @default true */
  readonly monitor?: boolean
  /** @default the console */
  readonly logger?: Logger
  /** @default the system's clock */
  readonly clock?: Clock
}
