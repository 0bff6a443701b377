/**
 * The place of a token in the order of its run: branch position, step, position in the fan-out opened there, step … .
 * A step is before what it leads to, and of branches side by side the one declared first is first; timing plays no part.
 */
export type TokenOrder = readonly number[]

/** Negative if `a` is before `b`, positive if after, 0 if they are the same token. */
export function compareTokenOrder(a: TokenOrder, b: TokenOrder): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
