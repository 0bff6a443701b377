import {
  type ChatConversation,
  ChatMessage,
  type ChatRuntime,
  type ChatRuntimeEvent,
  type RuntimeConfiguration,
  type RuntimeEventHandler,
} from '../../src/chat/index.js'

/** A message that a configuration works on, to be answered by the test. */
export interface Call {
  readonly message: ChatMessage
  readonly signal: AbortSignal
  readonly conversation: ChatConversation
  say(text: string, agent?: string): void
  reply(text: string): void
  fail(error: Error): void
}

/** A configuration whose every answer the test decides. */
export class Controlled implements RuntimeConfiguration {
  readonly calls: Call[] = []
  #reached: (() => void)[] = []

  invoke(
    message: ChatMessage,
    tell?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage> {
    return new Promise((resolve, reject) => {
      this.calls.push({
        message,
        signal: signal as AbortSignal,
        conversation: conversation as ChatConversation,
        say: (text, agent = 'A') => tell?.({ type: 'runtime.agent', event: { type: 'agent.delta', agent, text } }),
        reply: text => resolve(new ChatMessage('assistant', text)),
        fail: reject,
      })
      for (const reached of this.#reached.splice(0)) reached()
    })
  }

  /** The call of a number from 0, once it is there. */
  async call(index: number): Promise<Call> {
    while (this.calls.length <= index) await new Promise<void>(resolve => void this.#reached.push(resolve))
    return this.calls[index] as Call
  }
}

/** The events of a chat from now on. */
export function recorded(runtime: ChatRuntime): ChatRuntimeEvent[] {
  const events: ChatRuntimeEvent[] = []
  runtime.events$.subscribe(event => events.push(event))
  return events
}

/** What a promise rejects with, or resolves to, as plain words. */
export async function outcome(promise: Promise<ChatMessage | undefined>): Promise<string> {
  try {
    return (await promise)?.content ?? 'nothing'
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? (thrown as Error).message
  }
}

/** What was said, briefly. */
export async function said(runtime: ChatRuntime): Promise<readonly string[]> {
  return (await runtime.messages).map(({ role, content, interrupted }) => {
    return `${role}: ${content}${interrupted === true ? ' …' : ''}`
  })
}
