import type { RunContext } from '../core/index.js'
import { untilAborted } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import { PayloadError } from '../schema/index.js'
import type { EmittedAgentEvent } from './agent-event.js'
import type { ToolCall, ToolMessage } from './model-message.js'
import type { AgentTool } from './tool.js'
import type { ToolPermissionHandler } from './tool-permission.js'

/** What the calls of one turn are answered with. */
export interface ToolCallEnvironment {
  readonly agent: string
  readonly tools: readonly AgentTool[]
  readonly signal: AbortSignal | undefined
  readonly run: RunContext | undefined
  readonly onPermission: ToolPermissionHandler | undefined
  emit(event: EmittedAgentEvent): void
}

interface Answer {
  readonly content: string
  readonly failed: boolean
}

/**
 * Answers the calls of one turn, all at once; the results are in the order of the calls. If one fails the agent, the others are
 * aborted.
 */
export async function answerToolCalls(
  calls: readonly ToolCall[],
  environment: ToolCallEnvironment,
): Promise<ToolMessage[]> {
  const controller = new AbortController()
  const outer = environment.signal
  const onAbort = (): void => controller.abort(outer?.reason)
  if (outer?.aborted === true) onAbort()
  outer?.addEventListener('abort', onAbort, { once: true })
  try {
    // A signal for each: Node warns of a leak when more than ten listen to one.
    return await Promise.all(calls.map(call => answer(call, environment, AbortSignal.any([controller.signal]))))
  } catch (thrown) {
    controller.abort(thrown)
    throw thrown
  } finally {
    outer?.removeEventListener('abort', onAbort)
  }
}

async function answer(call: ToolCall, environment: ToolCallEnvironment, signal: AbortSignal): Promise<ToolMessage> {
  const { agent, tools, emit } = environment
  const input = parsed(call.arguments)
  const about = { agent, tool: call.name, callId: call.id }
  emit({ type: 'agent.tool.called', ...about, arguments: 'value' in input ? input.value : call.arguments })
  const found = tools.find(each => each.name === call.name)
  const { content, failed } =
    found === undefined
      ? reported(`there is no tool "${call.name}". Use one of: ${tools.map(each => each.name).join(', ') || 'none'}.`)
      : await untilAborted(attempt(found, call, input, environment, signal), signal)
  emit({ type: 'agent.tool.completed', ...about, result: content, failed })
  return { role: 'tool', content, toolCallId: call.id }
}

async function attempt(
  tool: AgentTool,
  call: ToolCall,
  input: ParsedArguments,
  environment: ToolCallEnvironment,
  signal: AbortSignal,
): Promise<Answer> {
  const { agent, run, onPermission } = environment
  const fail = (what: string, cause: unknown): Answer => {
    if (tool.onError === 'report') return reported(what)
    throw toolFailed(agent, tool.name, what, cause)
  }
  if (!('value' in input)) return fail(`the arguments are not JSON: ${input.error.message}`, input.error)
  let args: unknown
  try {
    args = await tool.parse(input.value)
  } catch (thrown) {
    if (!(thrown instanceof PayloadError)) throw thrown
    const problems = thrown.issues.map(issue => `${issue.message} (got ${issue.received})`).join('; ')
    return fail(`the arguments are not what the tool takes: ${problems}`, thrown)
  }
  const request = { agent, tool: tool.name, callId: call.id, arguments: args }
  if ((await tool.needsPermission(args)) && !(await isPermitted(onPermission, request, signal))) {
    return { content: 'Tool permission was not granted', failed: true }
  }
  try {
    const result = await tool.execute(args, { agent, callId: call.id, signal, ...(run === undefined ? {} : { run }) })
    return { content: typeof result === 'string' ? result : (JSON.stringify(result) ?? 'null'), failed: false }
  } catch (thrown) {
    signal.throwIfAborted()
    return fail(ensureError(thrown).message, thrown)
  }
}

async function isPermitted(
  handler: ToolPermissionHandler | undefined,
  request: Parameters<ToolPermissionHandler>[0],
  signal: AbortSignal,
): Promise<boolean> {
  if (handler === undefined) return false
  try {
    return (await handler(request, signal)) === true
  } catch (thrown) {
    signal.throwIfAborted()
    throw toolFailed(request.agent, request.tool, `its permission could not be asked for`, thrown)
  }
}

type ParsedArguments = { readonly value: unknown } | { readonly error: Error }

function parsed(text: string): ParsedArguments {
  // Models leave the arguments empty where there are none to give.
  if (text.trim() === '') return { value: {} }
  try {
    return { value: JSON.parse(text) }
  } catch (thrown) {
    return { error: ensureError(thrown) }
  }
}

function reported(what: string): Answer {
  return { content: `Error: ${what}`, failed: true }
}

function toolFailed(agent: string, tool: string, what: string, cause: unknown): OrchestrationError {
  return new OrchestrationError(`Tool "${tool}" of agent "${agent}" failed: ${what}`, {
    code: 'TOOL_FAILED',
    retryable: OrchestrationError.isInstance(cause) && cause.retryable,
    details: { agent, tool },
    cause,
  })
}
