import type { JsonSchema } from './json-schema.js'
import { decoratedClass, noteProperty } from './property-notes.js'
import type { PayloadClass } from './type-ref.js'

/**
 * Says in JSON Schema what a custom validator of a property checks. The fragment is merged over what is derived from
 * the other decorators; it changes the schema only, never the validation.
 */
export function JsonSchemaFragment(fragment: JsonSchema): (prototype: object, property: string | symbol) => void {
  return (prototype, property) => {
    const target = decoratedClass('JsonSchemaFragment', 'setJsonSchemaFragment', prototype, property)
    noteProperty(target, property as string, { fragment })
  }
}

/** Does what `@JsonSchemaFragment` does, without a decorator. */
export function setJsonSchemaFragment<T>(
  target: PayloadClass<T>,
  property: keyof T & string,
  fragment: JsonSchema,
): void {
  noteProperty(target, property, { fragment })
}
