import type { RunContext } from '../core/index.js'

/** The steps that a retry stands around at the moment, by their idempotency key, with how many do. */
const retried = new Map<string, number>()

/** Notes that a retry stands around a step. Give back what it returns when the retry is over. */
export function enterRetry({ idempotencyKey }: RunContext): () => void {
  retried.set(idempotencyKey, (retried.get(idempotencyKey) ?? 0) + 1)
  return () => {
    const left = (retried.get(idempotencyKey) ?? 1) - 1
    if (left === 0) retried.delete(idempotencyKey)
    else retried.set(idempotencyKey, left)
  }
}

/** Whether a retry stands around this step: whoever works for it leaves trying again to that. */
export function isRetried({ idempotencyKey }: RunContext): boolean {
  return retried.has(idempotencyKey)
}
