/** Any class at all. */
export type AnyClass = abstract new (...args: any[]) => unknown // any: every constructor fits

/**
 * Records that decorators and their function twins write, keyed by the class itself. A subclass has its parent's for every field
 * that its own does not set, except the name, which is one class's only. There is no registry to clear between tests and none
 * that two copies of a class could share.
 */
export class ClassMetadata<TRecord extends { readonly name?: string }> {
  readonly #records = new WeakMap<object, TRecord>()

  set(target: AnyClass, record: TRecord): void {
    this.#records.set(target, record)
  }

  /** The class's own record, laid over those of its parents field by field. */
  get(target: AnyClass): Partial<TRecord> {
    const parent: unknown = Object.getPrototypeOf(target)
    const { name: _, ...inherited } =
      typeof parent === 'function' ? this.get(parent as AnyClass) : ({} as Partial<TRecord>)
    return { ...inherited, ...this.#records.get(target) } as Partial<TRecord>
  }
}
