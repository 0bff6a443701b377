import {
  type Agent,
  AgentRunner,
  type ModelMessage,
  type ToolApprovalSubject,
  type ToolPermissionHandler,
} from '../agents/index.js'
import { Approved } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { ChatMessage, type ChatMessageDetails, toChatMessage } from './chat-message.js'
import type { ChatConversation, RuntimeEventHandler } from './runtime-configuration.js'

/** How agents in a chat behave. */
export interface AgentChatOptions {
  /**
   * What happens to a tool call that needs permission if the agent itself has no `onToolPermission`. `ask`: the person in the chat is
   * asked, with `runtime.approval.requested` and a `ToolApprovalSubject` as its input, and answers with `runtime.approve()`. The question
   * ends with the process. @default 'deny'
   */
  readonly toolPermission?: 'ask' | 'deny'
}

/** What an agent is given to speak. */
export interface Speech {
  readonly before: readonly ModelMessage[]
  readonly asked: readonly ModelMessage[]
  readonly onRuntimeEvent: RuntimeEventHandler | undefined
  readonly signal: AbortSignal | undefined
  readonly conversation: ChatConversation | undefined
  readonly options: AgentChatOptions
  /** What its messages have besides. */
  readonly details: ChatMessageDetails
}

/** What an agent has said. */
export interface Answer {
  readonly reply: ChatMessage
  /** What came before: tool calls, their results, attempts. */
  readonly between: readonly ChatMessage[]
  /** All of it as models take it, the reply included. */
  readonly said: readonly ModelMessage[]
}

/** Lets an agent go on with a conversation. */
export async function speak(agent: Agent<unknown>, speech: Speech): Promise<Answer> {
  const { before, asked, onRuntimeEvent, signal, conversation, options, details } = speech
  const {
    messages,
    text,
    agent: last,
  } = await AgentRunner.run(agent, asked, {
    messages: before,
    ...(signal === undefined ? {} : { signal }),
    ...(onRuntimeEvent === undefined
      ? {}
      : { onEvent: (event): void => onRuntimeEvent({ type: 'runtime.agent', event }) }),
    ...permission(agent, options, conversation),
  })
  const said = messages.slice(placeAfter(asked, messages) ?? before.length + asked.length)
  const between = said.slice(0, -1).map(message => toChatMessage(message, details))
  // An agent may have handed the conversation over by itself.
  const speaker = details.agent === undefined ? {} : { agent: last.name }
  return { reply: new ChatMessage('assistant', text, { ...details, ...speaker }), between, said }
}

/** Where what follows from a question begins: what was said before it may have been put in order. */
function placeAfter(asked: readonly ModelMessage[], messages: readonly ModelMessage[]): number | undefined {
  const question = asked.at(-1)
  const place = question === undefined ? -1 : messages.lastIndexOf(question)
  return place < 0 ? undefined : place + 1
}

function permission(
  agent: Agent<unknown>,
  { toolPermission }: AgentChatOptions,
  conversation: ChatConversation | undefined,
): { readonly onToolPermission?: ToolPermissionHandler } {
  if (toolPermission !== 'ask' || agent.onToolPermission !== undefined || conversation === undefined) return {}
  return {
    onToolPermission: async ({ agent: name, tool, arguments: args }) => {
      const message = `May agent "${name}" call tool "${tool}" with ${JSON.stringify(args)}?`
      const subject: ToolApprovalSubject = { agent: name, tool, arguments: args }
      const outcome = await conversation.requestApproval(tool, { message, subject })
      if (outcome instanceof Approved) return true
      const { comment } = outcome.outcome === 'rejected' ? outcome.decision : {}
      return comment === undefined ? false : { reason: comment }
    },
  }
}

/** @throws OPTION_INVALID unless there are agents, and of different names */
export function checkAgents(agents: readonly Agent<unknown>[]): readonly Agent<unknown>[] {
  if (!Array.isArray(agents) || agents.length === 0) throw new OptionError('agents', 'at least one agent', agents)
  const names = agents.map(agent => agent.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new OptionError('agents', 'agents of different names', twice)
  return [...agents]
}
