import type { AgentEvent } from '../../agents/index.js'
import type { ChatMessage, ChatRuntime } from '../../chat/index.js'
import type { OpenRequest, OrchestrationEvent } from '../../core/index.js'

/** Something that happens while a chat answers. */
export type TurnEvent =
  | { readonly type: 'event'; readonly event: OrchestrationEvent | AgentEvent }
  | { readonly type: 'request'; readonly request: OpenRequest }
  | { readonly type: 'reply'; readonly message: ChatMessage }
  | { readonly type: 'failed'; readonly error: unknown }
  /** Somebody else has answered, and has the reply. */
  | { readonly type: 'gone' }

/**
 * A message that a chat runtime is answering, over as many requests of a client as it takes: between two of them it may wait for a
 * person. Nothing that happens is lost meanwhile.
 */
export class ServedTurn {
  readonly runtime: ChatRuntime
  readonly #events: TurnEvent[] = []
  readonly #subscription: { unsubscribe(): void }
  #end = (): void => {}
  /** Resolves when there is a reply, or will be none. */
  readonly over = new Promise<void>(resolve => {
    this.#end = resolve
  })
  #wake: (() => void) | undefined

  /** Listens from now on. */
  constructor(runtime: ChatRuntime) {
    this.runtime = runtime
    this.#subscription = runtime.events$.subscribe(event => {
      if (event.type === 'runtime.agent' || event.type === 'runtime.orchestration')
        this.#add({ type: 'event', event: event.event })
      else if (event.type === 'runtime.approval.requested' || event.type === 'runtime.signal.requested')
        this.#add({ type: 'request', request: event.request })
    })
  }

  /** Says what the turn ends with. */
  async endWith(reply: Promise<ChatMessage | undefined>): Promise<void> {
    try {
      const message = await reply
      this.#add(message === undefined ? { type: 'gone' } : { type: 'reply', message })
    } catch (thrown) {
      this.#add({ type: 'failed', error: thrown })
    } finally {
      this.close()
      this.#end()
    }
  }

  /** Listens no longer. */
  close(): void {
    this.#subscription.unsubscribe()
  }

  /** The next event; `undefined` if `signal` aborts before there is one. */
  async next(signal: AbortSignal): Promise<TurnEvent | undefined> {
    const wake = (): void => this.#wake?.()
    signal.addEventListener('abort', wake)
    try {
      while (this.#events.length === 0 && !signal.aborted) {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
      return signal.aborted ? undefined : this.#events.shift()
    } finally {
      this.#wake = undefined
      signal.removeEventListener('abort', wake)
    }
  }

  cancel(reason: string): void {
    this.runtime.cancel(reason)
  }

  #add(event: TurnEvent): void {
    this.#events.push(event)
    this.#wake?.()
  }
}
