import { OrchestrationError } from '../errors/index.js'

/** What the model is told of a call, and whether it failed. Plain data. */
export interface ToolAnswer {
  readonly content: string
  readonly failed: boolean
}

/** A failure that the model is told. */
export function reported(what: string): ToolAnswer {
  return { content: `Error: ${what}`, failed: true }
}

/** A failure that the agent fails with. */
export function toolFailed(agent: string, tool: string, what: string, cause: unknown): OrchestrationError {
  // A limit that was hit is known by its own code, whoever hears of it.
  const timedOut = OrchestrationError.isInstance(cause) && cause.code === 'TOOL_TIMED_OUT'
  return new OrchestrationError(`Tool "${tool}" of agent "${agent}" failed: ${what}`, {
    code: timedOut ? 'TOOL_TIMED_OUT' : 'TOOL_FAILED',
    retryable: OrchestrationError.isInstance(cause) && cause.retryable,
    details: { agent, tool },
    ...(timedOut ? {} : { cause }),
  })
}

/** The result of a tool as the model gets it: a string as it is, anything else as JSON; cut off after `maxChars`. */
export function resultText(result: unknown, maxChars = Number.POSITIVE_INFINITY): string {
  const text = typeof result === 'string' ? result : (JSON.stringify(result) ?? 'null')
  if (text.length <= maxChars) return text
  return `${text.slice(0, maxChars)}\n[cut off: these are the first ${maxChars} of ${text.length} characters]`
}
