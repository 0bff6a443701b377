import {
  type Agent,
  type AgentExit,
  type AgentResult,
  AgentRunner,
  type AgentTool,
  type ModelMessage,
} from '../agents/index.js'
import { OrchestrationRunnable, type RunContext } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
import { promptOf } from './agent-prompt.js'
import type { AgentTurn } from './agent-turn.js'
import { BranchMemory } from './branch-memory.js'
import type { Delivery } from './delivery.js'
import { plainOf } from './plain-content.js'
import type { RoutingPlan } from './routing-plan.js'
import { maxInvalid, RoutingTools } from './routing-tools.js'
import { contextProperty, taskProperty } from './run-surroundings.js'
import { Visit } from './visit.js'

/** The state of an agent in a topology: it lets the agent answer, and says where the answer goes. */
export class AgentState extends OrchestrationRunnable<Delivery, AgentTurn> {
  readonly #plan: RoutingPlan
  readonly #name: string
  readonly #agent: Agent<unknown>

  constructor(plan: RoutingPlan, name: string, agent: Agent<unknown>) {
    super()
    this.#plan = plan
    this.#name = name
    this.#agent = agent
  }

  async invoke(delivery: Delivery, context: RunContext): Promise<AgentTurn> {
    const { branch } = delivery
    const { properties } = context
    const memory = new BranchMemory(context, branch, this.#name)
    const visit = new Visit(this.#plan, this.#name, delivery, context.token)
    const tools = new RoutingTools(visit, this.#agent)
    const around = {
      task: properties.get(taskProperty),
      context: properties.get<Readonly<Record<string, unknown>>>(contextProperty) ?? {},
    }
    const prompt = promptOf(delivery, around, memory.isEmpty, this.#plan.user)
    const result = await this.#ask(prompt, memory.messages, tools.offered, context)
    memory.keep(result.messages)
    const routed = 'exit' in result ? await tools.taken(result.exit) : visit.answer(plainOf(result.output))
    return { agent: this.#name, branch, ...routed }
  }

  /** An answer that is empty is none: the agent is asked again, as after any other invalid decision. */
  async #ask(
    prompt: string,
    before: readonly ModelMessage[],
    exits: readonly AgentTool[],
    context: RunContext,
  ): Promise<AgentResult<unknown> | AgentExit<unknown>> {
    let asked = prompt
    let messages = before
    for (let attempt = 1; attempt <= maxInvalid; attempt++) {
      const result = await AgentRunner.run(this.#agent, asked, { context, key: `state ${attempt}`, messages, exits })
      if ('exit' in result || typeof result.output !== 'string' || result.output.trim() !== '') return result
      asked = 'Your answer was empty. Answer again.'
      messages = result.messages
    }
    throw new OrchestrationError(
      `Agent ${this.#name} has answered ${maxInvalid} times with nothing. See to its instructions, or to its model.`,
      { code: 'MODEL_OUTPUT_INVALID', details: { agent: this.#name } },
    )
  }
}
