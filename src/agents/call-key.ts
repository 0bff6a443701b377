import { canonicalJson } from '../schema/internal.js'
import { fingerprint } from './fingerprint.js'
import type { ModelMessage, ToolCall } from './model-message.js'

/**
 * What a tool call is recognised by when the state is tried again, by a server that may have seen it: the tool, the arguments, and how
 * often the conversation has called it with these before. `messages` ends with the one that has the calls in it.
 */
export function callKey(calls: readonly ToolCall[], index: number, messages: readonly ModelMessage[]): string {
  const call = calls[index] as ToolCall
  const args = canonical(call.arguments)
  const before = [...messages.slice(0, -1).flatMap(callsIn), ...calls.slice(0, index)]
  const times = before.filter(each => each.name === call.name && canonical(each.arguments) === args).length
  return `${call.name}.${fingerprint(args)}.${times + 1}`
}

function callsIn(message: ModelMessage): readonly ToolCall[] {
  return message.role === 'assistant' ? (message.toolCalls ?? []) : []
}

function canonical(text: string): string {
  try {
    return canonicalJson(JSON.parse(text))
  } catch {
    return text
  }
}
