import { untilAborted } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import type { AgentVoice } from './agent-voice.js'
import { eitherSignal } from './either-signal.js'
import type { Guardrail, GuardrailContext } from './guardrail.js'
import { GuardrailError, type GuardrailStage } from './guardrail-error.js'
import type { KeptWork } from './kept-work.js'
import type { ModelMessage } from './model-message.js'

/** What guardrails check, and for whom. */
export interface GuardedValue<T> {
  readonly value: T
  readonly agent: string
  readonly stage: GuardrailStage
  /** What their verdicts are kept as. */
  readonly part: string
  readonly messages: readonly ModelMessage[]
  readonly signal: AbortSignal | undefined
  readonly kept: KeptWork
  readonly voice: AgentVoice
  /** The tool, of stage `tool`. */
  readonly tool?: string
}

/**
 * Asks all guardrails at once; when one stops the value, the others are aborted.
 * @throws GuardrailError; GUARDRAIL_FAILED if one throws
 */
export async function passGuardrails<T>(guardrails: readonly Guardrail<T>[], guarded: GuardedValue<T>): Promise<void> {
  const done = new AbortController()
  const signal = eitherSignal(guarded.signal, done.signal) as AbortSignal
  try {
    await Promise.all(guardrails.map((guardrail, index) => pass(guardrail, index, guarded, signal)))
  } catch (thrown) {
    done.abort(thrown)
    throw thrown
  }
}

async function pass<T>(
  guardrail: Guardrail<T>,
  index: number,
  guarded: GuardedValue<T>,
  signal: AbortSignal,
): Promise<void> {
  const { value, agent, stage, messages, kept, voice, tool } = guarded
  const part = `${guarded.part}${index}`
  const run = kept.contextFor(part)
  const { name } = guardrail
  const context: GuardrailContext = { agent, messages, signal, ...(run === undefined ? {} : { run }) }
  const { reason } = await kept.once(part, async () => {
    try {
      const verdict = await untilAborted((async () => guardrail.check(value, context))(), signal)
      if (!verdict) return { reason: null }
      voice.emit({ type: 'agent.guardrail', agent, guardrail: name, stage, reason: verdict.reason })
      return { reason: verdict.reason }
    } catch (thrown) {
      signal.throwIfAborted()
      throw guardrailFailed(name, guarded, thrown)
    }
  })
  if (reason === null) return
  throw new GuardrailError({ agent, guardrail: name, stage, reason, ...(tool === undefined ? {} : { tool }) })
}

function guardrailFailed(name: string, { agent, stage }: GuardedValue<unknown>, cause: unknown): OrchestrationError {
  return new OrchestrationError(
    `Guardrail "${name}" of agent "${agent}" failed, so that the ${stage} could not be checked and does not pass: ` +
      `${ensureError(cause).message}`,
    {
      code: 'GUARDRAIL_FAILED',
      retryable: OrchestrationError.isInstance(cause) && cause.retryable,
      details: { agent, guardrail: name, stage },
      cause,
    },
  )
}
