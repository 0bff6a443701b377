import { OptionError } from '../errors/index.js'
import type { JsonSchema } from '../schema/index.js'
import type { Agent, Handoff } from './agent.js'
import type { ModelTool } from './model-client.js'
import type { ToolCall } from './model-message.js'

/** What {@link handoff} takes besides the agent. */
export type HandoffOptions = Partial<Pick<Handoff, 'name' | 'description' | 'when' | 'filter'>>

/**
 * A handoff with options, for the `handoffs` of an agent. Defaults: the model calls it `transfer_to_` and the agent's name, and is told
 * the agent's `description`; it is always offered, and the other agent sees the whole conversation.
 *
 * ```ts
 * handoffs: [refunds, handoff(sales, { description: 'Wants to buy something', filter: messages => messages.slice(-1) })]
 * ```
 *
 * @throws OPTION_INVALID
 */
export function handoff<TOut>(agent: Agent<TOut>, options: HandoffOptions = {}): Handoff<TOut> {
  const { name = `transfer_to_${agent.name.replace(/[^\w-]+/g, '_')}`.slice(0, 64), when, filter } = options
  if (!/^[\w-]{1,64}$/.test(name)) throw new OptionError('name', 'letters, digits, `_` and `-`, at most 64', name)
  const about = agent.description === undefined ? '' : ` ${agent.description}`
  return {
    agent,
    name,
    description: options.description ?? `Hands the conversation over to ${agent.name}.${about}`,
    when,
    filter,
  }
}

/**
 * The handoffs of an agent.
 * @throws OPTION_INVALID if the model could not tell them apart, from each other or from the agent's tools
 */
export function handoffsOf<TOut>({ name: owner, handoffs, tools }: Agent<TOut>): readonly Handoff<TOut>[] {
  const all = handoffs.map(each => ('outputFormat' in each ? handoff(each) : each))
  const names = new Set(tools.map(each => each.name))
  for (const { name } of all) {
    if (names.has(name))
      throw new OptionError('handoffs', `of other names than its tools, each its own, for agent "${owner}"`, name)
    names.add(name)
  }
  return all
}

const parameters: JsonSchema = {
  type: 'object',
  properties: { reason: { type: ['string', 'null'], description: 'Why, in a few words' } },
  required: ['reason'],
  additionalProperties: false,
}

/** A handoff as the model sees it. */
export function handoffTool({ name, description }: Handoff): ModelTool {
  return { name, description, parameters, strict: true }
}

/** The model's reason for a handoff, if it gave one. */
export function handoffReason({ arguments: text }: ToolCall): string | undefined {
  try {
    const { reason } = JSON.parse(text) as { reason?: unknown }
    return typeof reason === 'string' && reason !== '' ? reason : undefined
  } catch {
    // Nobody depends on it.
    return undefined
  }
}
