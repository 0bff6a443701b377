import type { PayloadClass } from './type-ref.js'

/** A class and its ancestors, the most basic one first. */
export function ancestry(target: PayloadClass): PayloadClass[] {
  const chain: PayloadClass[] = []
  let current: unknown = target
  while (typeof current === 'function' && current !== Function.prototype) {
    chain.unshift(current as PayloadClass)
    current = Object.getPrototypeOf(current)
  }
  return chain
}
