import { callKey } from './call-key.js'
import type { ToolCall, ToolMessage } from './model-message.js'
import { reported, type ToolAnswer } from './tool-answer.js'
import { attemptTool } from './tool-attempt.js'
import type { ReadArguments, ToolCallEnvironment } from './tool-call-environment.js'

/** What the model is told of a call, and whether the call failed. */
export interface AnsweredCall {
  readonly message: ToolMessage
  readonly failed: boolean
}

/**
 * Answers the calls of one turn, all at once; the results are in the order of the calls. If one fails the agent, the others are
 * aborted.
 */
export async function answerToolCalls(
  calls: readonly ToolCall[],
  environment: ToolCallEnvironment,
): Promise<AnsweredCall[]> {
  const controller = new AbortController()
  const outer = environment.signal
  const onAbort = (): void => controller.abort(outer?.reason)
  if (outer?.aborted === true) onAbort()
  outer?.addEventListener('abort', onAbort, { once: true })
  try {
    // A signal for each: Node warns of a leak when more than ten listen to one.
    return await Promise.all(
      calls.map(async (call, index) => {
        const { answered } = environment
        const given = answered.get(index)
        const { content, failed } =
          given === undefined
            ? await answer(calls, index, environment, AbortSignal.any([controller.signal]))
            : { content: given, failed: true }
        return { message: { role: 'tool' as const, content, toolCallId: call.id }, failed }
      }),
    )
  } catch (thrown) {
    controller.abort(thrown)
    throw thrown
  } finally {
    outer?.removeEventListener('abort', onAbort)
  }
}

async function answer(
  calls: readonly ToolCall[],
  index: number,
  environment: ToolCallEnvironment,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const { agent, tools, kept, voice, turn, messages } = environment
  const call = calls[index] as ToolCall
  const part = `t${turn}.${index}`
  return kept.once(part, async (): Promise<ToolAnswer> => {
    const input = readArguments(call.arguments)
    const about = { agent, tool: call.name, callId: call.id }
    voice.emit({ type: 'agent.tool.called', ...about, arguments: 'value' in input ? input.value : call.arguments })
    const found = tools.find(each => each.name === call.name)
    const result =
      found === undefined
        ? reported(`there is no tool "${call.name}". Use one of: ${tools.map(each => each.name).join(', ') || 'none'}.`)
        : await attemptTool(found, call, input, { ...environment, part, key: callKey(calls, index, messages) }, signal)
    voice.emit({ type: 'agent.tool.completed', ...about, result: result.content, failed: result.failed })
    return result
  })
}

function readArguments(text: string): ReadArguments {
  // Models leave the arguments empty where there are none to give.
  if (text.trim() === '') return { value: {} }
  try {
    return { value: JSON.parse(text) }
  } catch (thrown) {
    return { error: thrown as SyntaxError }
  }
}
