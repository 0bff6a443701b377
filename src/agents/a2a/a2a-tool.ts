import type { AgentCard } from '@a2a-js/sdk'
import { type JsonSchema, PayloadError } from '../../schema/index.js'
import type { AgentTool } from '../tool.js'
import type { A2aReply, A2aSendOptions } from './a2a-agent.js'
import type { A2aToolOptions } from './a2a-options.js'

type NamedOptions = A2aToolOptions & { readonly name: string; readonly description: string }

interface A2aToolArguments {
  readonly message: string
  readonly taskId: string | null
}

const parameters: JsonSchema = {
  type: 'object',
  properties: {
    message: {
      type: 'string',
      description: 'What the agent is asked, complete: it knows nothing of this conversation.',
    },
    taskId: {
      type: ['string', 'null'],
      description: 'The task that an earlier answer asked for more about; null for a new one.',
    },
  },
  required: ['message', 'taskId'],
  additionalProperties: false,
}

/** An agent behind a network as a tool. */
export function a2aTool(
  options: NamedOptions,
  timeoutMs: number,
  send: (text: string, options: A2aSendOptions) => Promise<A2aReply>,
): AgentTool {
  const { name, description, needsPermission = false, onError = 'report', maxResultChars } = options
  return {
    name,
    description,
    parameters: structuredClone(parameters),
    strict: true,
    onError,
    timeoutMs,
    maxResultChars,
    async parse(value) {
      return checkArguments(value, name)
    },
    needsPermission: () => needsPermission,
    async execute(args, { signal, run, callId }) {
      const { message, taskId } = args as A2aToolArguments
      const reply = await send(message, {
        signal,
        ...(taskId === null ? {} : { taskId }),
        ...(run === undefined ? {} : { context: run, messageId: `${run.idempotencyKey}/${callId}` }),
      })
      return reply.state === 'completed' ? reply.text : wanting(reply)
    },
  }
}

/** @internal What a model reads about an agent. */
export function cardDescription({ description, skills }: AgentCard, name: string): string {
  const known = (skills ?? []).map(skill => `- ${skill.name}: ${skill.description}`)
  const about = description.trim() === '' ? `Asks agent "${name}"` : description
  return known.length === 0 ? about : `${about}\n${known.join('\n')}`
}

function wanting({ state, text, taskId }: A2aReply): string {
  const what = state === 'auth-required' ? 'that somebody authorises it' : 'more from you'
  const how = taskId === undefined ? '' : ` Answer with taskId "${taskId}".`
  return `The agent is not done; it needs ${what}.${how}\n${text}`
}

function checkArguments(value: unknown, tool: string): A2aToolArguments {
  const { message, taskId = null } = (value ?? {}) as { message?: unknown; taskId?: unknown }
  if (typeof message !== 'string' || message.trim() === '') throw wrong(tool, 'message', 'a non-empty string', message)
  if (taskId !== null && typeof taskId !== 'string') throw wrong(tool, 'taskId', 'a string or null', taskId)
  return { message, taskId: taskId === '' ? null : taskId }
}

function wrong(tool: string, path: string, expected: string, value: unknown): PayloadError {
  const received = value === null ? 'null' : typeof value
  const issue = { path, segments: [path], message: `${path} must be ${expected}`, received, constraint: 'type' }
  return new PayloadError(`arguments of ${tool}`, [issue])
}
