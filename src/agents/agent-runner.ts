import type { Agent } from './agent.js'
import type { AgentExit } from './agent-exit.js'
import type { AgentResult } from './agent-result.js'
import { runAgent } from './agent-run.js'
import type { AgentRunOptions } from './agent-run-options.js'
import type { ModelMessage } from './model-message.js'

/** Runs agents (S4-19). */
export class AgentRunner {
  /**
   * Lets an agent work on an input until it has an answer: calls the model, answers its tool calls, and calls it again. An output
   * that is not what `outputSchema` says is sent back once, with what is wrong with it. Every request is a conversation that model
   * servers take: each tool call is answered exactly once.
   *
   * Rejects with a `ModelError`, with `MAX_TURNS_EXCEEDED`, with a `GuardrailError` if a guardrail trips, with `HANDOFF_REFUSED`, with
   * `TOOL_FAILED` or `TOOL_TIMED_OUT` if a tool with `onError: 'fail'` fails, and with the signal's reason when it aborts.
   */
  static async run<TOut>(
    agent: Agent<TOut>,
    input: string | readonly ModelMessage[],
    options?: AgentRunOptions & { readonly exits?: never },
  ): Promise<AgentResult<TOut>>
  /** The same for a run that can also end with one of the `exits` it is given. */
  static async run<TOut>(
    agent: Agent<TOut>,
    input: string | readonly ModelMessage[],
    options: AgentRunOptions,
  ): Promise<AgentResult<TOut> | AgentExit<TOut>>
  static async run<TOut>(
    agent: Agent<TOut>,
    input: string | readonly ModelMessage[],
    options: AgentRunOptions = {},
  ): Promise<AgentResult<TOut> | AgentExit<TOut>> {
    return runAgent(agent, input, options, 0)
  }
}
