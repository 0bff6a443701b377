import type { TypeOf, TypeRef } from '../schema/index.js'

/** What a state declared to take `I` is given; one that declares nothing fits any. */
export type InputOf<I> = I extends TypeRef ? TypeOf<I> : never

/** What a state declared to return `O` returns; one that declares nothing may return anything. */
export type OutputOf<O> = O extends TypeRef ? TypeOf<O> : unknown
