/** A class whose instances travel between states. It must be constructable without arguments. */
export type PayloadClass<T = unknown> = abstract new (...args: never[]) => T

/**
 * How a definition names the type of a value at run time: a payload class, `String`, `Number`, `Boolean`, `Object`,
 * `Date`, `[ref]` for an array of one element type, or a thunk `() => ref` for a class that does not exist yet. A
 * thunk must be an arrow function; it is called once, at the first use.
 */
export type TypeRef =
  | PayloadClass
  | StringConstructor
  | NumberConstructor
  | BooleanConstructor
  | ObjectConstructor
  | DateConstructor
  | readonly [TypeRef]
  | (() => TypeRef)

/**
 * The TypeScript type of the values a {@link TypeRef} describes: `String` → `string`, `[Item]` → `Item[]`, `() =>
 * Item` → `Item`. Of a reference that is only known as `TypeRef` it is `unknown`.
 */
export type TypeOf<R> = [TypeRef] extends [R] ? unknown : TypeOfOne<R>

type TypeOfOne<R> = R extends StringConstructor
  ? string
  : R extends NumberConstructor
    ? number
    : R extends BooleanConstructor
      ? boolean
      : R extends DateConstructor
        ? Date
        : R extends ObjectConstructor
          ? Record<string, unknown>
          : R extends readonly [infer E]
            ? TypeOf<E>[]
            : R extends abstract new (
                  ...args: never[]
                ) => infer T
              ? T
              : R extends () => infer N
                ? TypeOf<N>
                : never

/**
 * The references that are right for values of type `T`; the type of options such as `input?: TypeRefOf<TIn>`.
 * A literal type (`'a' | 'b'`) takes the reference of its primitive, which checks less than the type says.
 * For `any` and `unknown` every reference is right.
 */
export type TypeRefOf<T> = DirectRefOf<T> | ((() => TypeRefOf<T>) & NotObject)

// `Object` can be called and returns `any`, so by its call alone it would pass for a thunk of anything.
interface NotObject {
  readonly prototype?: undefined
}

type DirectRefOf<T> = unknown extends T
  ? TypeRef
  : [T] extends [string]
    ? StringConstructor
    : [T] extends [number]
      ? NumberConstructor
      : [T] extends [boolean]
        ? BooleanConstructor
        : [T] extends [Date]
          ? DateConstructor
          : [T] extends [readonly (infer E)[]]
            ? readonly [TypeRefOf<E>]
            : Record<string, unknown> extends T
              ? ObjectConstructor | PayloadClass<T>
              : PayloadClass<T>
