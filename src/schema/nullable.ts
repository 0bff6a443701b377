import { IsDefined, ValidateIf } from 'class-validator'
import { decoratedClass } from './property-notes.js'
import type { PayloadClass } from './type-ref.js'

/**
 * The value of the property may be `null`: the other validators of the property are skipped for it, and the JSON
 * Schema says so. `undefined` is still refused, unless the property is `@IsOptional()` too.
 */
export function Nullable(): (prototype: object, property: string | symbol) => void {
  return (prototype, property) => {
    decoratedClass('Nullable', 'makeNullable', prototype, property)
    ValidateIf(isNotNull)(prototype, property as string)
    IsDefined({ message: '$property should be given, or be null' })(prototype, property as string)
  }
}

/** Does what `@Nullable()` does, without a decorator. */
export function makeNullable<T>(target: PayloadClass<T>, property: keyof T & string): void {
  Nullable()(target.prototype as object, property)
}

/** The condition `@Nullable()` registers, by which a property is recognised as nullable. */
export function isNotNull(_object: object, value: unknown): boolean {
  return value !== null
}
