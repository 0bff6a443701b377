import type { RunContext } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import type { ModelMessage } from './model-message.js'

/** What a guardrail knows besides what it checks. */
export interface GuardrailContext {
  /** The name of the agent that is guarded. */
  readonly agent: string
  /** The conversation so far. */
  readonly messages: readonly ModelMessage[]
  /** Aborts when nobody waits for the verdict any more. */
  readonly signal: AbortSignal
  /** The state's context, if the agent works for a state. */
  readonly run?: RunContext
}

/** Why a guardrail stops something. */
export interface GuardrailVerdict {
  readonly reason: string
}

/**
 * Checks what goes into an agent, what comes out of it, or what goes into and comes out of a tool. It may use an agent itself.
 *
 * - `inputGuardrails` of an agent get the text of its input, beside the first call of the model. One that trips cancels that call; no
 *   tool is called, and no delta is delivered: deltas are held back until all of them have passed. They are those of the agent that is
 *   asked, not of one that takes the conversation over.
 * - `outputGuardrails` get the output, before anybody else does; they are those of the agent that answers. Deltas of the answer are
 *   out by then: where that must not be, turn `streaming` off.
 * - `guardrails` of a tool get its validated arguments before the call, and its result as text after it.
 *
 * What trips is a {@link GuardrailError} with code `GUARDRAIL_TRIPPED`, and an event `agent.guardrail`; a tool by default tells the
 * model instead. A guardrail that throws fails the agent with `GUARDRAIL_FAILED`: what could not be checked does not pass.
 */
export interface Guardrail<T = unknown> {
  /** What events and errors call it. */
  readonly name: string
  /** Why it stops the value; nothing if it lets it pass. */
  check(
    value: T,
    context: GuardrailContext,
  ): GuardrailVerdict | undefined | void | Promise<GuardrailVerdict | undefined | void>
}

/** The guardrails of a tool. */
export interface ToolGuardrails<TArgs = unknown> {
  /** Before the call, over the validated arguments. @default none */
  readonly arguments?: readonly Guardrail<TArgs>[]
  /** After it, over the result as the model would get it. @default none */
  readonly result?: readonly Guardrail<string>[]
  /** Whether the model is told the reason in place of the result, or the agent fails. @default 'reject' */
  readonly onTrip?: 'reject' | 'fail'
}

/**
 * Makes a guardrail of a function.
 *
 * ```ts
 * const noSecrets = guardrail('no secrets', (text: string) => (text.includes('password') ? { reason: 'asks for one' } : undefined))
 * ```
 *
 * @throws OPTION_INVALID
 */
export function guardrail<T>(name: string, check: Guardrail<T>['check']): Guardrail<T> {
  if (typeof check !== 'function') throw new OptionError('check', `the function of guardrail "${name}"`, check)
  return checkGuardrail({ name, check }, 'name')
}

/** @throws OPTION_INVALID */
export function checkGuardrail<T>(given: Guardrail<T>, option: string): Guardrail<T> {
  if (typeof given?.check !== 'function') throw new OptionError(option, 'a Guardrail with a `check` method', given)
  if (typeof given.name === 'string' && given.name.trim() !== '') return given
  throw new OptionError(option, 'a guardrail with a name', given.name)
}
