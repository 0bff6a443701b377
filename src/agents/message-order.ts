import type { AssistantMessage, ModelMessage, ToolCall, ToolMessage } from './model-message.js'

const interrupted = 'Error: the call was interrupted and has no result.'

/**
 * A conversation as model servers take it: every tool call answered exactly once, right behind the message it is in, in the order of
 * the calls. A call without an answer gets one that says so; an answer without a call is left out. Everything else stays.
 */
export function inOrder(messages: readonly ModelMessage[]): ModelMessage[] {
  const ordered: ModelMessage[] = []
  for (let at = 0; at < messages.length; ) {
    const message = messages[at++] as ModelMessage
    const answers: ToolMessage[] = []
    for (let next = messages[at]; next?.role === 'tool'; next = messages[++at]) answers.push(next)
    if (message.role === 'tool') continue
    ordered.push(message)
    const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : []
    for (const { id } of calls) {
      const index = answers.findIndex(answer => answer.toolCallId === id)
      const [answer] = index === -1 ? [] : answers.splice(index, 1)
      ordered.push(answer ?? { role: 'tool', content: interrupted, toolCallId: id })
    }
  }
  return ordered
}

/** What the model said, as a message. Calls without an id, or with one that another call of the message has, get one. */
export function spoken(content: string, toolCalls: readonly ToolCall[], turn: number): AssistantMessage {
  if (toolCalls.length === 0) return { role: 'assistant', content }
  const ids = new Set<string>()
  const distinct = toolCalls.map((call, index) => {
    const isOwn = call.id !== '' && !ids.has(call.id)
    const id = isOwn ? call.id : `call_${turn}_${index + 1}`
    ids.add(id)
    return isOwn ? call : { ...call, id }
  })
  return { role: 'assistant', content, toolCalls: distinct }
}
