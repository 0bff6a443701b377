import { OptionError } from '../errors/index.js'
import type { ModelClient } from './model-client.js'
import type { ModelMessage } from './model-message.js'

/** A model, and where it is. */
export interface AskedModel {
  readonly client: ModelClient
  readonly model: string
}

/** For whom a {@link ContextWindow} decides, and what it may use. */
export interface ContextWindowCall {
  /** The name of the agent. */
  readonly agent: string
  /** The agent's instructions. They go in front of the conversation and count like the rest. */
  readonly system: string
  /** The agent's own model. */
  readonly agentModel: AskedModel
  /**
   * Asks a model, and returns the text of its answer. In a state the answer is kept, so that a run that was interrupted does not ask
   * again; what it used counts.
   */
  readonly ask: (messages: readonly ModelMessage[], model: AskedModel) => Promise<string>
}

/**
 * Decides what of a conversation the model sees, before every call of it. What it leaves out stays left out; the result of an agent has
 * the whole conversation all the same.
 *
 * An implementation keeps tool calls together with their results, and keeps the newest message of the user. It keeps nothing itself,
 * and comes to the same result for the same conversation, except through {@link ContextWindowCall.ask}.
 */
export interface ContextWindow {
  /** What the model gets to see. @default what it is given */
  fit(
    messages: readonly ModelMessage[],
    call: ContextWindowCall,
  ): readonly ModelMessage[] | Promise<readonly ModelMessage[]>
  /**
   * What is tried, once, when the server found the conversation too long (`MODEL_CONTEXT_EXCEEDED`); nothing if there is nothing left
   * to try. @default the agent fails
   */
  shrink?(messages: readonly ModelMessage[], call: ContextWindowCall): readonly ModelMessage[] | undefined
}

/** The model sees the whole conversation, however long it gets. The default of agents. */
export function keepAll(): ContextWindow {
  return { fit: messages => messages }
}

/** @throws OPTION_INVALID */
export function checkMaxTokens(maxTokens: number): number {
  if (Number.isInteger(maxTokens) && maxTokens >= 1) return maxTokens
  throw new OptionError('maxTokens', 'a whole number of at least 1', maxTokens)
}
