import { OrchestrationError } from '../errors/index.js'
import type { Agent } from './agent.js'
import { ModelError } from './model-error.js'
import type { ToolCall } from './model-message.js'
import type { ReadOutput } from './output-format.js'

/** The agent went on calling tools until no turn was left. */
export function tooManyTurns(agent: string, maxTurns: number, calls: readonly ToolCall[]): OrchestrationError {
  const called = calls.map(call => call.name)
  return new OrchestrationError(
    `Agent "${agent}" did not come to an answer within ${maxTurns} turn${maxTurns === 1 ? '' : 's'}; in the last one it still ` +
      `called ${called.join(', ')}. Raise maxTurns, or tell it in its instructions when to stop.`,
    { code: 'MAX_TURNS_EXCEEDED', details: { agent, maxTurns, called } },
  )
}

/** An output is not what was asked for; `wasRepaired` says that the model was told so before. */
export function unrepaired(
  { model, name, outputFormat }: Agent<unknown>,
  { problem, issues, cause }: Exclude<ReadOutput<never>, { value: never }>,
  wasRepaired: boolean,
): ModelError {
  const tried = wasRepaired ? 'even after it was told what is wrong' : 'and no turn is left to repair it'
  return new ModelError(
    `The answer of model "${model}" for agent "${name}" is not a ${outputFormat.schema?.name ?? 'text'}, ${tried}: ` +
      `${problem}. Trying again may help; a simpler output class or a stronger model helps more.`,
    { code: 'MODEL_OUTPUT_INVALID', model, retryable: true, issues, cause },
  )
}
