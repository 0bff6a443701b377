import { type RunContext, systemClock } from '../core/index.js'
import { sleep, untilAborted } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import { PayloadError } from '../schema/index.js'
import type { Guardrail } from './guardrail.js'
import { passGuardrails } from './guardrail-checks.js'
import { GuardrailError } from './guardrail-error.js'
import type { ToolCall } from './model-message.js'
import type { AgentTool, ToolContext } from './tool.js'
import { reported, resultText, type ToolAnswer, toolFailed } from './tool-answer.js'
import type { ReadArguments, ToolCallEnvironment } from './tool-call-environment.js'
import type { ToolPermissionRequest } from './tool-permission.js'

/** What one call is answered with. */
interface CallEnvironment extends ToolCallEnvironment {
  /** What is kept of the call is kept under this name. */
  readonly part: string
  /** What a server may recognise the call by. */
  readonly key: string
}

/** Checks a call, asks for permission, and calls the tool. */
export async function attemptTool(
  tool: AgentTool,
  call: ToolCall,
  input: ReadArguments,
  environment: CallEnvironment,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  return untilAborted(attempt(tool, call, input, environment, signal), signal)
}

async function attempt(
  tool: AgentTool,
  call: ToolCall,
  input: ReadArguments,
  environment: CallEnvironment,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const { agent, kept, part, key } = environment
  const fail = (what: string, cause: unknown): ToolAnswer => {
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
  const { guardrails } = tool
  const stopped = await refusal(tool, guardrails?.arguments, args, `g${part}.before`, environment, signal)
  if (stopped !== undefined) return stopped
  const run = kept.contextFor(part, key)
  const request = { agent, tool: tool.name, callId: call.id, arguments: args }
  if (await tool.needsPermission(args)) {
    const denied = await denial(request, environment, signal, run)
    if (denied !== undefined) return denied
  }
  let text: string
  try {
    text = resultText(await execute(tool, args, call, environment, signal, run), tool.maxResultChars)
  } catch (thrown) {
    signal.throwIfAborted()
    return fail(ensureError(thrown).message, thrown)
  }
  const held = await refusal(tool, guardrails?.result, text, `g${part}.after`, environment, signal)
  return held ?? { content: text, failed: false }
}

async function execute(
  tool: AgentTool,
  args: unknown,
  call: ToolCall,
  { agent, voice, depth, onPermission }: CallEnvironment,
  signal: AbortSignal,
  run: RunContext | undefined,
): Promise<unknown> {
  const { onEvent } = voice
  const nesting = {
    depth: depth + 1,
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(onPermission === undefined ? {} : { onToolPermission: onPermission }),
  }
  const context = { agent, callId: call.id, nesting, ...(run === undefined ? {} : { run }) }
  const work = async (own: AbortSignal): Promise<unknown> =>
    tool.execute(args, { ...context, signal: own } as ToolContext)
  const { timeoutMs } = tool
  if (timeoutMs === undefined) return work(signal)
  const over = new AbortController()
  const limited = AbortSignal.any([signal, over.signal])
  const timer = run === undefined ? sleep(systemClock, timeoutMs, limited) : run.sleep(timeoutMs, limited)
  const limit = timer.then(() => {
    const late = tookTooLong(tool.name, agent, timeoutMs)
    over.abort(late)
    throw late
  })
  try {
    return await Promise.race([work(limited), limit])
  } finally {
    over.abort(new Error('the call is over'))
    limit.catch(() => {})
  }
}

/** What the model is told in place of a result when a guardrail of the tool trips; nothing if none does. */
async function refusal<T>(
  tool: AgentTool,
  guardrails: readonly Guardrail<T>[] | undefined,
  value: T,
  part: string,
  { agent, messages, kept, voice }: CallEnvironment,
  signal: AbortSignal,
): Promise<ToolAnswer | undefined> {
  if (guardrails === undefined || guardrails.length === 0) return undefined
  const guarded = { value, agent, stage: 'tool', tool: tool.name, part, messages, signal, kept, voice } as const
  try {
    await passGuardrails(guardrails, guarded)
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof GuardrailError) || tool.guardrails?.onTrip === 'fail') throw thrown
    return reported(`the call was stopped by guardrail "${thrown.guardrail}": ${thrown.reason}`)
  }
}

/** What the model is told if the call is not permitted; nothing if it is. */
async function denial(
  request: ToolPermissionRequest,
  { onPermission }: CallEnvironment,
  signal: AbortSignal,
  run: RunContext | undefined,
): Promise<ToolAnswer | undefined> {
  const denied = 'Tool permission was not granted'
  if (onPermission === undefined) return { content: denied, failed: true }
  try {
    const decision = await (run === undefined ? onPermission(request, signal) : onPermission(request, signal, run))
    if (decision === true) return undefined
    const told = typeof decision === 'object' && decision !== null ? `: ${decision.reason}` : ''
    return { content: `${denied}${told}`, failed: true }
  } catch (thrown) {
    signal.throwIfAborted()
    throw toolFailed(request.agent, request.tool, `its permission could not be asked for`, thrown)
  }
}

function tookTooLong(tool: string, agent: string, timeoutMs: number): OrchestrationError {
  return new OrchestrationError(`it took longer than ${timeoutMs} ms`, {
    code: 'TOOL_TIMED_OUT',
    retryable: true,
    details: { tool, agent, timeoutMs },
  })
}
