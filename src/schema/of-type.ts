import { ValidateBy } from 'class-validator'
import { declaredConstraint, decoratedClass, noteProperty } from './property-notes.js'
import { RecordSchema } from './record-schema.js'
import type { Schema } from './schema.js'
import { schemaOf } from './schema-of.js'
import type { PayloadClass, TypeOf, TypeRef, TypeRefOf } from './type-ref.js'
import { isOf } from './value-check.js'

/** A decorator for properties whose values are a `T`; they may be optional and nullable besides. */
export type PropertyOf<T> = <K extends string>(
  prototype: { readonly [P in K]?: ReadonlyLists<T> | null | undefined },
  property: K,
) => void

type ReadonlyLists<T> = T extends readonly (infer E)[] ? readonly ReadonlyLists<E>[] : T

/**
 * The type of a property as a type reference, for what `@Type` and the validators cannot say: lists of lists, lists of unions, the
 * exact type of a primitive. It is converted, validated and described as a whole; `@IsOptional` and `@Nullable` apply to it.
 *
 * ```ts
 * class Board {
 *   \@OfType([[Cell]]) rows!: Cell[][]
 *   \@OfType([[Number]]) weights!: number[][]
 * }
 * ```
 *
 * Needs `experimentalDecorators`, else use {@link setType}. Its classes must not have asynchronous validators.
 */
export function OfType<const R extends TypeRef>(ref: R): PropertyOf<TypeOf<R>> {
  return (prototype, property) => declare('OfType', 'setType', prototype, property, schemaOf(ref as TypeRef))
}

/** Does what `@OfType` does, without a decorator. */
export function setType<T, K extends keyof T & string>(
  target: PayloadClass<T>,
  property: K,
  ref: TypeRefOf<NonNullable<T[K]>>,
): void {
  declare('OfType', 'setType', target.prototype as object, property, schemaOf(ref as TypeRef))
}

/**
 * The property is a plain object with any keys, and values of one type: `Record<string, Item>`. OpenAI's strict mode has no such
 * objects, so an output with one is not held to its schema by the server, only validated.
 *
 * Needs `experimentalDecorators`, else use {@link setRecord}.
 */
export function RecordOf<const R extends TypeRef>(ref: R): PropertyOf<Readonly<Record<string, TypeOf<R>>>> {
  return (prototype, property) =>
    declare('RecordOf', 'setRecord', prototype, property, new RecordSchema(schemaOf(ref as TypeRef)))
}

/** Does what `@RecordOf` does, without a decorator. */
export function setRecord<T, K extends keyof T & string>(target: PayloadClass<T>, property: K, ref: TypeRef): void {
  declare('RecordOf', 'setRecord', target.prototype as object, property, new RecordSchema(schemaOf(ref)))
}

function declare(decorator: string, twin: string, prototype: unknown, property: string, declared: Schema): void {
  const target = decoratedClass(decorator, twin, prototype, property)
  noteProperty(target, property, { declared })
  ValidateBy({
    name: declaredConstraint,
    validator: {
      validate: value => isOf(declared, value),
      defaultMessage: () => `$property must be a ${declared.name}`,
    },
  })(target.prototype as object, property)
}
