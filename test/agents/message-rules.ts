import type { ModelMessage, ModelRequest } from '../../src/agents/index.js'

/**
 * What a server of the chat completions API would refuse in a list of messages: tool calls that are not answered, answered twice or
 * later than at once, results without a call, ids that are not distinct, a conversation without anything to answer.
 */
export function faultsIn(messages: readonly ModelMessage[]): string[] {
  const faults: string[] = []
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    const at = `message ${index} (${message.role})`
    if (message.role === 'tool') {
      if (!open.includes(message.toolCallId)) faults.push(`${at} answers ${message.toolCallId}, which is not open`)
      open = open.filter(id => id !== message.toolCallId)
      continue
    }
    if (open.length > 0) faults.push(`${at} comes before ${open.join(', ')} was answered`)
    open = []
    if (message.role === 'system' && index > 0) faults.push(`${at} is not in front`)
    if (message.role === 'assistant') {
      open = (message.toolCalls ?? []).map(call => call.id)
      if (new Set(open).size < open.length) faults.push(`${at} has the same id twice`)
      if (open.includes('')) faults.push(`${at} has a call without an id`)
    }
  }
  if (open.length > 0) faults.push(`${open.join(', ')} was never answered`)
  const last = messages.at(-1)?.role
  if (last !== 'user' && last !== 'tool') faults.push(`there is nothing to answer: the last message is ${last}`)
  return faults
}

/** The same for a request, which also has the instructions in front, and a user message. */
export function faultsOf({ messages }: ModelRequest): string[] {
  const faults = faultsIn(messages)
  if (messages[0]?.role !== 'system') faults.push('there are no instructions in front')
  if (!messages.some(message => message.role === 'user')) faults.push('there is no user message')
  return faults
}
