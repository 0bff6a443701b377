/** Whether a value has to be awaited. Any thenable counts: user code may use another promise library. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/**
 * Goes on with `next` when `value` is there: at once if it is no promise. What users write may be synchronous or not; one code
 * path serves both, and only what really is asynchronous pays for a promise.
 */
export function whenReady<A, B>(value: A | PromiseLike<A>, next: (value: A) => B | PromiseLike<B>): B | PromiseLike<B> {
  return isPromiseLike(value) ? (value as PromiseLike<A>).then(next) : next(value as A)
}
