import { OptionError } from '../errors/index.js'
import type { Agent } from './agent.js'
import type { ModelUsage } from './model-client.js'
import type { ModelMessage, ToolCall } from './model-message.js'
import type { AgentTool } from './tool.js'

/** What an agent came to that ended its work by calling one of the `exits` of its run. */
export interface AgentExit<out TOut> {
  /** The call that ended it. */
  readonly exit: {
    readonly tool: string
    /** As the tool takes them: validated, an instance if its parameters are a class. */
    readonly arguments: unknown
  }
  /** What the model wrote beside the call. */
  readonly text: string
  /** The conversation, the call and its result included. */
  readonly messages: readonly ModelMessage[]
  readonly agent: Agent<TOut>
  /** The sum over all turns. */
  readonly usage: ModelUsage
  /** How many times the model was called. */
  readonly turns: number
}

/**
 * What calls of exits are answered with that must not be carried out, by their place among the calls: one exit is taken at a time,
 * and none in the turn in which the conversation is handed over.
 */
export function refusedExits(
  calls: readonly ToolCall[],
  exits: readonly AgentTool[],
  handedOver: boolean,
): ReadonlyMap<number, string> {
  const places = calls.flatMap(({ name }, index) => (exits.some(exit => exit.name === name) ? [index] : []))
  if (places.length === 0 || (places.length === 1 && !handedOver)) return new Map()
  const names = places.map(index => calls[index]?.name).join(', ')
  const why = handedOver
    ? 'the conversation has been handed over in the same turn'
    : `only one of ${names} can be called in a turn. Decide which`
  return new Map(places.map(index => [index, `Error: ${why}.`]))
}

/** @throws OPTION_INVALID if the model could not tell two tools apart */
export function checkExits(exits: readonly AgentTool[], { name: agent, tools }: Agent<unknown>): readonly AgentTool[] {
  const names = [...tools, ...exits].map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new OptionError('exits', `named other than all tools of agent "${agent}"`, twice)
  return exits
}
