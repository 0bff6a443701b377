/** Whether something failed only because a value is nested deeper than the call stack reaches. */
export function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && /call stack/i.test(thrown.message)
}
