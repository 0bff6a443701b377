import type { Agent, AgentTool } from '../agents/index.js'
import type { JsonSchema } from '../schema/index.js'
import { isPlainObject, kindOf } from './field-checks.js'
import { plainOf } from './plain-content.js'
import type { Routed, Visit } from './visit.js'

/** How often an agent may decide what it must not before its step fails. */
export const maxInvalid = 3

/** The decisions of an agent, as tools that end its turn (S1-70). Each checks what it is called with against the topology. */
export class RoutingTools {
  readonly #visit: Visit
  readonly #agent: Agent<unknown>
  #invalid = 0

  constructor(visit: Visit, agent: Agent<unknown>) {
    this.#visit = visit
    this.#agent = agent
  }

  /** Those that make a difference at this moment. */
  get offered(): readonly AgentTool[] {
    const { targets, byDefault, partner, mayFinish, caller } = this.#visit
    const isDefault = (to: string | undefined): boolean => byDefault.length === 1 && byDefault[0] === to
    const tools: AgentTool[] = []
    if (targets.length > 1 || (targets.length === 1 && !isDefault(targets[0]))) tools.push(this.#invoke(targets))
    if (targets.length > 1) tools.push(this.#parallelInvoke(targets))
    if (partner !== undefined) tools.push(this.#endConversation(partner))
    if (mayFinish && (tools.length > 0 || !isDefault(caller))) tools.push(this.#finalResponse())
    return tools
  }

  /** What follows from a tool that has been called. */
  async taken({ tool, arguments: given }: { readonly tool: string; readonly arguments: unknown }): Promise<Routed> {
    const { agents = [], waitForAll = true, target = '', input = '', response = '' } = given as Given
    if (tool === 'invoke_agent') return this.#visit.invoke(target, input)
    if (tool === 'parallel_invoke') {
      return this.#visit.invokeAll(
        agents.map(each => ({ agent: each.agent, content: each.input })),
        waitForAll,
      )
    }
    const content = await this.#contentOf(response)
    return tool === 'end_conversation' ? this.#visit.endConversation(content) : this.#visit.finish(content)
  }

  #invoke(targets: readonly string[]): AgentTool {
    return this.#tool({
      name: 'invoke_agent',
      description: `Passes on to one agent: ${targets.join(', ')}. Your turn ends with it.`,
      properties: { target: oneOf(targets), input: text('What the agent is to do, with all that it has to know') },
      check: ({ target, input }) => {
        this.#checkTarget(target, targets)
        checkText('input', input)
      },
    })
  }

  #parallelInvoke(targets: readonly string[]): AgentTool {
    const item: JsonSchema = {
      type: 'object',
      properties: { agent: oneOf(targets), input: text('What this agent is to do, with all that it has to know') },
      required: ['agent', 'input'],
      additionalProperties: false,
    }
    return this.#tool({
      name: 'parallel_invoke',
      description:
        `Asks several agents at once: two or more of ${targets.join(', ')}. Your turn ends with it; you go on when their answers ` +
        'are there.',
      properties: {
        agents: { type: 'array', items: item, description: 'Two or more agents' },
        waitForAll: { type: 'boolean', description: 'Whether you wait for all answers, or go on with the first' },
      },
      check: ({ agents, waitForAll }) => {
        if (!Array.isArray(agents) || agents.length < 2) {
          throw new Error('agents must be a list of two agents or more; for one, call invoke_agent')
        }
        for (const each of agents as readonly unknown[]) {
          const { agent, input } = (typeof each === 'object' && each !== null ? each : {}) as Record<string, unknown>
          this.#checkTarget(agent, targets)
          checkText(`input for ${String(agent)}`, input)
        }
        if (waitForAll !== undefined && waitForAll !== null && typeof waitForAll !== 'boolean') {
          throw new Error('waitForAll must be true or false')
        }
      },
    })
  }

  #endConversation(partner: string): AgentTool {
    return this.#tool({
      name: 'end_conversation',
      description: `Ends the conversation with ${partner}, with what came of it.`,
      properties: { response: this.#response() },
      check: ({ response }) => this.#checkResponse(response),
    })
  }

  #finalResponse(): AgentTool {
    return this.#tool({
      name: 'return_final_response',
      description: `Gives your final response to ${this.#visit.caller}. Your turn ends with it.`,
      properties: { response: this.#response() },
      check: ({ response }) => this.#checkResponse(response),
    })
  }

  #response(): JsonSchema {
    const schema = this.#agent.outputFormat.schema
    const form = schema === undefined ? '' : `, as JSON of the schema ${JSON.stringify(schema.schema)}`
    return text(`The whole response${form}`)
  }

  async #checkResponse(response: unknown): Promise<void> {
    checkText('response', response)
    await this.#contentOf(response as string)
  }

  /** An agent with structured output gives that here too. */
  async #contentOf(response: string): Promise<unknown> {
    const read = await this.#agent.outputFormat.read(response)
    if ('value' in read) return plainOf(read.value)
    throw new Error(`response is not what is asked for: ${read.problem}`)
  }

  #checkTarget(target: unknown, targets: readonly string[]): void {
    if (typeof target === 'string' && targets.includes(target)) return
    const { agent, closed } = this.#visit
    const usedUp = closed.includes(target as string) ? ' any more: the turns of their conversation are used up' : ''
    throw new Error(`Agent ${agent} cannot invoke ${String(target)}${usedUp}. Valid targets: [${targets.join(', ')}]`)
  }

  #tool({ name, description, properties, check }: Decision): AgentTool {
    const isSpent = (): boolean => this.#invalid >= maxInvalid
    const invalid = (): void => void this.#invalid++
    return {
      name,
      description,
      strict: true,
      parameters: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
      // Asked when a call has failed.
      get onError() {
        return isSpent() ? 'fail' : 'report'
      },
      // What is wrong with them is told when the tool is called: there it counts, and the third time the step fails.
      parse: async value => (isPlainObject(value) ? withoutNulls(value) : value),
      needsPermission: () => false,
      async execute(args) {
        try {
          if (!isPlainObject(args)) throw new Error(`the arguments must be an object, not ${kindOf(args)}`)
          await check(args)
        } catch (thrown) {
          invalid()
          throw thrown
        }
        return 'Done. Your turn is over.'
      },
    }
  }
}

/** The arguments of all tools, checked. */
interface Given {
  readonly target?: string
  readonly input?: string
  readonly agents?: readonly { readonly agent: string; readonly input: string }[]
  readonly waitForAll?: boolean
  readonly response?: string
}

interface Decision {
  readonly name: string
  readonly description: string
  readonly properties: Readonly<Record<string, JsonSchema>>
  /** Throws what the model is told. */
  check(given: Readonly<Record<string, unknown>>): void | Promise<void>
}

function oneOf(names: readonly string[]): JsonSchema {
  return { type: 'string', enum: [...names] }
}

function text(description: string): JsonSchema {
  return { type: 'string', description }
}

function checkText(name: string, value: unknown): void {
  if (typeof value !== 'string' || value.trim() === '') throw new Error(`${name} must be a text that is not empty`)
}

/** Models write `null` for what they leave out. */
function withoutNulls(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
}
