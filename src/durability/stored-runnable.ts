import type { AnyRunnable } from '../core/index.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import type { Json } from '../schema/index.js'
import type { ValueCodec } from './graph-codec.js'

/**
 * A fresh instance that an advancer made for one step, as JSON: its fields. What its constructor gives every instance anyway,
 * such as arrow functions, is left out.
 * @throws PAYLOAD_NOT_SERIALIZABLE
 */
export function storedRunnable(runnable: AnyRunnable, stateName: string, values: ValueCodec): Json {
  const blank = blankLike(runnable)
  const fields: Record<string, Json> = {}
  for (const key of Object.keys(runnable)) {
    const value = (runnable as unknown as Record<string, unknown>)[key]
    if (typeof value === 'function' && Object.hasOwn(blank, key)) continue
    try {
      fields[key] = values.encode(value)
    } catch (thrown) {
      const cause = ensureError(thrown)
      throw new OrchestrationError(
        `Field "${key}" of the fresh ${runnable.constructor.name} for state "${stateName}" cannot be stored: ` +
          `${cause.message} Name the registered state instead, and hand the value on as its input.`,
        { code: 'PAYLOAD_NOT_SERIALIZABLE', details: { stateName, field: key }, cause },
      )
    }
  }
  return fields
}

/** The instance again; `registered` is of the same class. */
export function freshRunnable(json: unknown, registered: AnyRunnable, values: ValueCodec): AnyRunnable {
  const runnable = blankLike(registered)
  for (const [key, stored] of Object.entries(json as object)) {
    const value = values.decode(stored)
    Object.defineProperty(runnable, key, { value, writable: true, enumerable: true, configurable: true })
  }
  return runnable as AnyRunnable
}

/** An instance without the values that its constructor was called with. One that can be made without any has private fields too. */
function blankLike(runnable: AnyRunnable): object {
  const { constructor } = runnable
  if (constructor.length === 0) {
    try {
      return new (constructor as new () => object)()
    } catch {
      // It wants arguments although it does not declare them.
    }
  }
  return Object.create(Object.getPrototypeOf(runnable) as object) as object
}
