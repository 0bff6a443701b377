import type { ChatRequest } from './wire.js'
import { RequestError } from './wire.js'

const roles = ['system', 'developer', 'user', 'assistant', 'tool']

/**
 * Checks a decoded body as the OpenAI API would: required members, known roles, and tool results that answer exactly
 * the calls before them.
 * @throws RequestError with status 400, naming the member that is wrong
 */
export function checkChatRequest(body: unknown): ChatRequest {
  if (!isObject(body)) throw new RequestError(400, 'The body must be a JSON object.')
  if (typeof body['model'] !== 'string' || body['model'] === '') fail('model', 'you must provide a model parameter')
  const messages = body['messages']
  if (!Array.isArray(messages) || messages.length === 0) fail('messages', 'expected an array with at least one message')
  for (const [index, message] of (messages as unknown[]).entries()) checkMessage(message, `messages[${index}]`)
  checkToolResults(messages as Record<string, unknown>[])
  if (body['tools'] !== undefined) checkTools(body['tools'])
  if (body['stream'] !== undefined && body['stream'] !== null && typeof body['stream'] !== 'boolean') {
    fail('stream', 'expected a boolean')
  }
  if (body['n'] !== undefined && body['n'] !== null && body['n'] !== 1) fail('n', 'only one choice is supported')
  checkResponseFormat(body['response_format'])
  return body as unknown as ChatRequest
}

function checkMessage(message: unknown, at: string): void {
  if (!isObject(message)) return fail(at, 'expected an object')
  const { role, content, tool_calls: calls } = message
  if (!roles.includes(role as string)) fail(`${at}.role`, `expected one of ${roles.join(', ')}`)
  const empty = content === undefined || content === null
  if (empty ? role !== 'assistant' : typeof content !== 'string' && !Array.isArray(content)) {
    fail(`${at}.content`, 'expected a string or an array of content parts')
  }
  if (role === 'tool' && typeof message['tool_call_id'] !== 'string') fail(`${at}.tool_call_id`, 'expected a string')
  if (calls === undefined || calls === null) return
  const wellFormed = (call: unknown) =>
    isObject(call) &&
    typeof call['id'] === 'string' &&
    isObject(call['function']) &&
    typeof call['function']['name'] === 'string' &&
    typeof call['function']['arguments'] === 'string'
  if (!Array.isArray(calls) || !calls.every(wellFormed)) fail(`${at}.tool_calls`, 'expected an array of function calls')
}

function checkToolResults(messages: readonly Record<string, unknown>[]): void {
  let open = new Set<string>()
  for (const [index, message] of messages.entries()) {
    if (message['role'] === 'tool') {
      const id = message['tool_call_id'] as string
      if (!open.delete(id))
        fail(`messages[${index}]`, `the tool result answers no call "${id}" of the message before it`)
      continue
    }
    if (open.size > 0) fail(`messages[${index}]`, `tool results are missing for the calls ${[...open].join(', ')}`)
    const calls = message['role'] === 'assistant' ? ((message['tool_calls'] ?? []) as { id: string }[]) : []
    open = new Set(calls.map(call => call.id))
  }
  if (open.size > 0) fail('messages', `tool results are missing for the calls ${[...open].join(', ')}`)
}

function checkTools(tools: unknown): void {
  if (!Array.isArray(tools)) return fail('tools', 'expected an array')
  for (const [index, tool] of (tools as unknown[]).entries()) {
    const wellFormed =
      isObject(tool) &&
      tool['type'] === 'function' &&
      isObject(tool['function']) &&
      typeof tool['function']['name'] === 'string'
    if (!wellFormed) fail(`tools[${index}]`, 'expected { type: "function", function: { name, parameters } }')
  }
}

function checkResponseFormat(format: unknown): void {
  if (format === undefined || format === null) return
  if (!isObject(format) || !['text', 'json_object', 'json_schema'].includes(format['type'] as string)) {
    return fail('response_format.type', 'expected text, json_object or json_schema')
  }
  const described = format['json_schema']
  if (format['type'] === 'json_schema' && (!isObject(described) || !isObject(described['schema']))) {
    fail('response_format.json_schema', 'expected { name, schema } with a JSON Schema object')
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fail(param: string, expectation: string): never {
  throw new RequestError(400, `Invalid value for '${param}': ${expectation}.`, param, 'invalid_value')
}
