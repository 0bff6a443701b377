import type { Observable } from 'rxjs'
import type { OrchestrationEvent } from './events.js'

/** Reads a stream with `for await`. Events that come faster than they are read are kept; leaving the loop unsubscribes. */
export function eventIterator(events$: Observable<OrchestrationEvent>): AsyncIterableIterator<OrchestrationEvent> {
  const kept: OrchestrationEvent[] = []
  let over = false
  let wake: (() => void) | undefined
  const subscription = events$.subscribe({
    next(event) {
      kept.push(event)
      wake?.()
    },
    complete() {
      over = true
      wake?.()
    },
  })
  return {
    async next() {
      while (kept.length === 0 && !over) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      const value = kept.shift()
      return value === undefined ? { done: true, value } : { done: false, value }
    },
    async return() {
      over = true
      kept.length = 0
      subscription.unsubscribe()
      wake?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
