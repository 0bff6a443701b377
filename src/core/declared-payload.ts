import type { TypeOf, TypeRef } from '../schema/index.js'

/** What a state declared to take `I` is given; one that declares nothing fits any. */
export type InputOf<I> = I extends TypeRef ? TypeOf<I> : never

/** What a state declared to return `O` returns, arrays also readonly; one that declares nothing may return anything. */
export type OutputOf<O> = O extends TypeRef ? ReadonlyArrays<TypeOf<O>> : unknown

// `[Item]` declares a `readonly Item[]` as well as an `Item[]`; the first is the wider of the two.
type ReadonlyArrays<T> = T extends readonly (infer E)[] ? readonly ReadonlyArrays<E>[] : T
