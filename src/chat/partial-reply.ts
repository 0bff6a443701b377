import { ChatMessage } from './chat-message.js'
import type { ConfigurationEvent } from './chat-runtime-event.js'

/** What an agent has just said. */
export interface Spoken {
  readonly agent: string
  /** The state the agent works for, if it works for one. */
  readonly stateName?: string
  readonly text: string
}

/** The piece of text in an event, if there is one. */
export function spokenIn(reported: ConfigurationEvent): Spoken | undefined {
  if (reported.type === 'runtime.agent.failed' || reported.event.type !== 'agent.delta') return undefined
  const { agent, text } = reported.event
  return 'stateName' in reported.event ? { agent, stateName: reported.event.stateName, text } : { agent, text }
}

interface Speech {
  readonly agent: string
  text: string
  /** A tool was called since: what comes next is another paragraph. */
  broken: boolean
}

/** What was said in a turn and is in no message yet, for the case that it never will be. */
export class PartialReply {
  readonly #speeches = new Map<string, Speech>()

  hear(reported: ConfigurationEvent): void {
    if (reported.type === 'runtime.agent.failed') return
    const { event } = reported
    if (event.type !== 'agent.delta' && event.type !== 'agent.tool.called') return
    // Two branches of a run may be at work with one agent.
    const speaker = 'token' in event ? `${event.innerRunId ?? ''}/${event.token}/${event.agent}` : event.agent
    const speech = this.#speeches.get(speaker) ?? { agent: event.agent, text: '', broken: false }
    this.#speeches.set(speaker, speech)
    if (event.type === 'agent.tool.called') {
      speech.broken = speech.text !== ''
      return
    }
    speech.text += speech.broken ? `\n\n${event.text}` : event.text
    speech.broken = false
  }

  /** What was said is part of the conversation now. */
  forget(): void {
    this.#speeches.clear()
  }

  /** A message for each who has said something, in the order of their first words. */
  get messages(): readonly ChatMessage[] {
    return [...this.#speeches.values()].flatMap(({ agent, text }) =>
      text === '' ? [] : new ChatMessage('assistant', text, { agent, interrupted: true }),
    )
  }
}
