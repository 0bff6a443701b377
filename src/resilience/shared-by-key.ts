import { OptionError } from '../errors/index.js'

/** Instances of a policy that everyone in the process shares who uses the same key. */
export class SharedByKey<TOptions extends object, T> {
  readonly #made = new Map<string, { readonly options: TOptions; readonly instance: T }>()

  /**
   * The instance of a key; the first use makes it.
   * @throws OPTION_INVALID if the key is in use with other options: only one of the two could hold
   */
  obtain(key: string, options: TOptions, create: () => T): T {
    const made = this.#made.get(key)
    if (made === undefined) {
      const instance = create()
      this.#made.set(key, { options, instance })
      return instance
    }
    if (isSame(made.options, options)) return made.instance
    throw new OptionError('key', 'one that is not in use with other options', key)
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (!isLiteral(a) || !isLiteral(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every(key => isSame(Reflect.get(a, key), Reflect.get(b, key)))
}

/** Whether its keys say all about a value: what is in an instance cannot be seen. */
function isLiteral(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Array.isArray(value)
}
