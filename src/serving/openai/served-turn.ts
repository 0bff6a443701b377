import type { AgentEvent } from '../../agents/index.js'
import type { ChatMessage, ChatRuntime } from '../../chat/index.js'
import type { OpenRequest, OrchestrationEvent } from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'

/** Something that happens while a chat answers. */
export type TurnEvent =
  | { readonly type: 'event'; readonly event: OrchestrationEvent | AgentEvent }
  | { readonly type: 'request'; readonly request: OpenRequest }
  | { readonly type: 'reply'; readonly message: ChatMessage }
  | { readonly type: 'failed'; readonly error: unknown }

/**
 * A message that a chat runtime is answering, over as many requests of a client as it takes: between two of them it may wait for a
 * person. Nothing that happens is lost meanwhile.
 */
export class ServedTurn {
  readonly runtime: ChatRuntime
  readonly #controller = new AbortController()
  readonly #events: TurnEvent[] = []
  /** Resolves when there is a reply, or will be none. */
  readonly over: Promise<void>
  #wake: (() => void) | undefined

  constructor(runtime: ChatRuntime, message: ChatMessage) {
    this.runtime = runtime
    const subscription = runtime.events$.subscribe(event => {
      if (event.type === 'runtime.agent' || event.type === 'runtime.orchestration')
        this.#add({ type: 'event', event: event.event })
      else if (event.type === 'runtime.approval.requested' || event.type === 'runtime.signal.requested')
        this.#add({ type: 'request', request: event.request })
    })
    const end = (event: TurnEvent): void => {
      subscription.unsubscribe()
      this.#add(event)
    }
    this.over = runtime.invoke(message, { signal: this.#controller.signal }).then(
      reply => end({ type: 'reply', message: reply }),
      (error: unknown) => end({ type: 'failed', error }),
    )
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
    this.#controller.abort(
      new OrchestrationError(`The turn was cancelled: ${reason}`, { code: 'RUN_CANCELLED', details: { reason } }),
    )
  }

  #add(event: TurnEvent): void {
    this.#events.push(event)
    this.#wake?.()
  }
}
