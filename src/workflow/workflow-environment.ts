import type { A2aAgent, Agent, AgentRegistry } from '../agents/index.js'
import type { Orchestration, RunContext } from '../core/index.js'
import type { CircuitBreaker, CircuitBreakerSettings, PriceTable } from '../resilience/index.js'
import type { Workflow } from './workflow.js'

/**
 * What an `agent_call` gets: the input of the workflow, the outputs of the nodes before it by their ids, the only one of them as
 * `previous`, in a loop `item`, `index` and `last`, and the config with its templates filled in.
 */
export interface AgentCallInput {
  readonly input: unknown
  readonly previous?: unknown
  readonly config: Readonly<Record<string, unknown>>
  readonly [name: string]: unknown
}

/**
 * An agent that is a function. It gets {@link AgentCallInput}, or what `config.payload` comes to. What it returns is the node's output,
 * as JSON; a number `_cost` in it is what the call has cost. What it throws fails the node.
 */
export type AgentFunction = (
  input: any, // any: what a definition hands to an agent is known to the two of them only
  context: RunContext,
) => unknown

/** Whatever an `agent_call` can ask: an agent of this package, a function, an orchestration, or an agent behind a network. */
export type WorkflowAgent =
  | Agent<unknown>
  | AgentFunction
  | Orchestration<any, unknown> // any: as for a function
  | A2aAgent

/** Decides whether a definition may call an address; a text says why not. */
export type AllowUrl = (url: URL) => boolean | string | Promise<boolean | string>

/** What definitions find around them. */
export interface WorkflowEnvironment {
  /** The agents by `agent_id`. @default none */
  readonly agents?:
    | Readonly<Record<string, WorkflowAgent>>
    | ReadonlyMap<string, WorkflowAgent>
    | ((id: string) => WorkflowAgent | undefined)
  /** Where agents are looked for that `agents` does not have. @default AgentRegistry.global */
  readonly registry?: AgentRegistry
  /** The definitions that a `subworkflow` names: the one of a version, or the latest. @default none */
  readonly workflows?: (id: string, version?: number) => Workflow | undefined
  /**
   * Asked before each request to an `endpoint`, also to one that an agent's card names. Redirects are not followed.
   * @default `publicAddress`: https and http to public addresses
   */
  readonly allowUrl?: AllowUrl
  /** Headers for an `endpoint`, such as a token; they are not in the definition, nor in errors and events. @default none */
  readonly headersFor?: (url: URL) => Readonly<Record<string, string>> | undefined
  /** @default the global one */
  readonly fetch?: (url: string | URL | Request, init?: RequestInit) => Promise<Response>
  /** What an execution may cost; overrides the definition's `max_budget`. @default that of the definition */
  readonly maxBudget?: number
  /** What models cost, for usage that is reported without a cost. @default none */
  readonly prices?: PriceTable
  /** What to do under a budget about usage whose cost nobody knows: fail with `PRICE_UNKNOWN`, or let it pass. @default 'fail' */
  readonly unpriced?: 'fail' | 'allow'
  /** The circuit breakers by agent, to share them between workflows and to look at them. @default a map of this workflow's own */
  readonly breakers?: Map<string, CircuitBreaker>
  /** @default 5 failures in a row, 30 s, 1 call at a time to try (S2-33) */
  readonly circuitBreaker?: CircuitBreakerSettings
}
