import type { RunContext } from '../core/index.js'
import { OptionError } from '../errors/index.js'

/** For whom instructions are made. */
export interface InstructionsContext {
  /** The name of the agent. */
  readonly agent: string
  /** The state's context, with the run's properties, if the agent works for a state. */
  readonly run?: RunContext
}

/** What a model is told about its role, or a function that says so; the empty string stands for the default. */
export type AgentInstructions = string | ((context: InstructionsContext) => string | Promise<string>)

const defaultInstructions = 'You are a helpful assistant'

/** @throws OPTION_INVALID */
export function checkInstructions(instructions: AgentInstructions = defaultInstructions): AgentInstructions {
  if (typeof instructions === 'function') return instructions
  if (typeof instructions !== 'string') throw new OptionError('instructions', 'a string or a function', instructions)
  return instructions || defaultInstructions
}

/** The text of an agent's instructions at the moment. @throws OPTION_INVALID if a function does not return a string */
export async function instructionsText(
  instructions: AgentInstructions,
  agent: string,
  run: RunContext | undefined,
): Promise<string> {
  if (typeof instructions === 'string') return instructions
  const text: unknown = await instructions({ agent, ...(run === undefined ? {} : { run }) })
  if (typeof text !== 'string') throw new OptionError('instructions', `a function that returns a string`, text)
  return text || defaultInstructions
}
