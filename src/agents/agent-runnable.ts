import { OrchestrationRunnable, type RunContext } from '../core/index.js'
import type { Agent } from './agent.js'
import { AgentRunner } from './agent-runner.js'
import type { ModelMessage } from './model-message.js'

/**
 * A state whose work is an agent. Its output is the agent's; the agent's events arrive in the run's stream, with the state's name.
 *
 * ```ts
 * @Runnable({ input: String, output: SearchPlan })
 * class Planning extends AgentRunnable<string, SearchPlan> {
 *   readonly agent = new Agent({ client, model, instructions: 'You plan research.', outputSchema: SearchPlan })
 * }
 * ```
 *
 * What the model and the tools have answered is kept: a run that was interrupted, by a crash or while it waited for a person, goes on
 * with the next turn. A retry of the state is a new conversation.
 *
 * The agent is shared by all runs, which is safe: it keeps nothing of a conversation. A getter makes one for each invocation.
 */
export abstract class AgentRunnable<in TIn, out TOut> extends OrchestrationRunnable<TIn, TOut> {
  abstract readonly agent: Agent<TOut>

  /** What the agent is asked. The default is the input itself if it is a string, else the input as JSON. */
  prompt(
    input: TIn,
    _context: RunContext,
  ): string | readonly ModelMessage[] | Promise<string | readonly ModelMessage[]> {
    return typeof input === 'string' ? input : (JSON.stringify(input) ?? 'null')
  }

  override async invoke(input: TIn, context: RunContext): Promise<TOut> {
    const prompt = await this.prompt(input, context)
    // There is one conversation here, whatever the prompt is.
    const { output } = await AgentRunner.run(this.agent, prompt, { context, key: 'state' })
    return output
  }
}
