import { createHash } from 'node:crypto'
import { cited, notCoveredSentence, writeReport } from './report-writer.js'
import { fillSchema } from './schema-filler.js'
import type { PlannedCall } from './tool-user.js'
import { answerFromTools, nextCalls } from './tool-user.js'
import type { UserMessage } from './user-message.js'
import { readUserMessage } from './user-message.js'
import type { ChatRequest, Completion } from './wire.js'
import { textOf } from './wire.js'

/** The only model there is: it picks and orders what it is given, and makes nothing up. */
export const modelName = 'extractive-1'

/**
 * Answers a checked request: with tool calls while tools can tell more, else with a value of the requested schema, else
 * with text. The same request always gives the same answer.
 */
export function complete(request: ChatRequest): Completion {
  const message = readUserMessage(lastUserText(request))
  const calls = callsFor(request, message)
  if (calls.length > 0) {
    const toolCalls = calls.map((call, index) => ({
      id: `call_${fingerprint([request.messages, index]).slice(0, 24)}`,
      type: 'function' as const,
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }))
    return { content: null, toolCalls, finishReason: 'tool_calls' }
  }
  return limited(answer(request, message), request.max_completion_tokens ?? request.max_tokens)
}

/** About four characters make a token in English. */
export function tokensIn(text: string): number {
  return Math.ceil(text.length / 4)
}

/** A stable name for a value: the same value gives the same text. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

function lastUserText({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role }) => role === 'user')
  return last ? textOf(last) : ''
}

function callsFor({ tools = [], tool_choice: choice, messages }: ChatRequest, message: UserMessage): PlannedCall[] {
  if (choice === 'none' || message.query === '') return []
  const offered = typeof choice === 'object' ? tools.filter(tool => tool.function.name === choice.function.name) : tools
  return nextCalls(message, messages, offered)
}

function answer(request: ChatRequest, message: UserMessage): string {
  const found = answerFromTools(message, request.messages)
  const format = request.response_format
  if (format?.type === 'json_schema') {
    const material = found === undefined ? message : readUserMessage(`# ${message.question}\n\n${found}`)
    return JSON.stringify(fillSchema(format.json_schema.schema, material))
  }
  const text = found ?? plainAnswer(message)
  return format?.type === 'json_object' ? JSON.stringify({ answer: text }) : text
}

function plainAnswer(message: UserMessage): string {
  if (message.sections.length === 0) {
    return 'I answer from text that I am given, and this conversation holds none: send material or tools to find some.'
  }
  const { summary, covered } = writeReport(message)
  if (covered) return summary
  // a request such as "Summarise this" shares no word with its material
  const [first] = message.sections
  return first?.statements.slice(0, 3).map(cited).join(' ') ?? notCoveredSentence([])
}

function limited(content: string, limit: number | undefined): Completion {
  if (limit === undefined || limit === null || tokensIn(content) <= limit) {
    return { content, toolCalls: [], finishReason: 'stop' }
  }
  return { content: content.slice(0, limit * 4), toolCalls: [], finishReason: 'length' }
}
