import { OrchestrationError } from '../errors/index.js'

/** What a guardrail guards. */
export type GuardrailStage = 'input' | 'output' | 'tool'

/** What a {@link GuardrailError} is made of. */
export interface GuardrailErrorDetails {
  readonly agent: string
  readonly guardrail: string
  readonly stage: GuardrailStage
  readonly reason: string
  /** The tool whose call was stopped. */
  readonly tool?: string
}

/** A guardrail has stopped an input, an output or a tool call of an agent. Code `GUARDRAIL_TRIPPED`; never retryable. */
export class GuardrailError extends OrchestrationError {
  readonly agent: string
  readonly guardrail: string
  readonly stage: GuardrailStage
  readonly reason: string

  constructor(details: GuardrailErrorDetails) {
    const { agent, guardrail, stage, reason, tool } = details
    const what = tool === undefined ? `the ${stage} of agent "${agent}"` : `tool "${tool}" of agent "${agent}"`
    super(`Guardrail "${guardrail}" has stopped ${what}: ${reason}. Trying again will not help.`, {
      code: 'GUARDRAIL_TRIPPED',
      details: { ...details },
    })
    this.agent = agent
    this.guardrail = guardrail
    this.stage = stage
    this.reason = reason
  }
}
