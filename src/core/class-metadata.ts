/** Any class at all. */
export type AnyClass = abstract new (...args: any[]) => unknown // any: every constructor fits

/**
 * Records that decorators and their function twins write, keyed by the class itself. A subclass without a record of its own
 * has its parent's; there is no registry to clear between tests and none that two copies of a class could share.
 */
export class ClassMetadata<TRecord extends object> {
  readonly #records = new WeakMap<object, TRecord>()

  set(target: AnyClass, record: TRecord): void {
    this.#records.set(target, record)
  }

  /** The class's own record, laid over those of its parents field by field. */
  get(target: AnyClass): Partial<TRecord> {
    const parent: unknown = Object.getPrototypeOf(target)
    const inherited = typeof parent === 'function' ? this.get(parent as AnyClass) : {}
    return { ...inherited, ...this.#records.get(target) }
  }

  /** Whether the class itself, not only a parent, has a record. */
  has(target: AnyClass): boolean {
    return this.#records.has(target)
  }
}
