import { schemaOf, type TypeOf, type TypeRef } from '../schema/index.js'
import type { Agent } from './agent.js'
import { parseJsonText } from './json-in-text.js'
import type { ModelUsage } from './model-client.js'
import { ModelError } from './model-error.js'
import type { ModelMessage } from './model-message.js'
import { outputProblem } from './output-format.js'

/** What an agent came to. */
export class AgentResult<out TOut> {
  readonly output: TOut
  /** The model's last answer as it wrote it. */
  readonly text: string
  /**
   * The conversation: what was given, and all that followed, tool calls and their results included. Give it to the next run to go
   * on with it. The agent's instructions are not in it.
   */
  readonly messages: readonly ModelMessage[]
  /** Who has answered: the agent that was asked, or one that it was handed over to. */
  readonly agent: Agent<TOut>
  /** The sum over all turns, not of agents that were called as tools; of turns whose server tells nothing, nothing is counted. */
  readonly usage: ModelUsage
  /** How many times the model was called. */
  readonly turns: number

  /** @internal */
  constructor(
    agent: Agent<TOut>,
    result: Pick<AgentResult<TOut>, 'output' | 'text' | 'usage' | 'turns'> & {
      readonly messages: readonly ModelMessage[]
    },
  ) {
    this.agent = agent
    this.output = result.output
    this.text = result.text
    this.messages = result.messages
    this.usage = result.usage
    this.turns = result.turns
  }

  /**
   * Reads the answer of an agent without `outputSchema` as JSON (S4-20); a Markdown fence around it is ignored.
   * @throws MODEL_OUTPUT_INVALID if it is not what is declared
   */
  parseJson<const R extends TypeRef>(ref: R): TypeOf<R> {
    const schema = schemaOf(ref)
    try {
      return schema.parse(parseJsonText(this.text), { strict: true })
    } catch (thrown) {
      const { problem, issues, cause } = outputProblem(thrown)
      throw new ModelError(`The answer of model "${this.agent.model}" is not ${schema.name}: ${problem}`, {
        code: 'MODEL_OUTPUT_INVALID',
        model: this.agent.model,
        issues,
        cause,
      })
    }
  }
}
