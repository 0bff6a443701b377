import { type JsonSchema, type PayloadClass, schemaOf } from '../schema/index.js'

const known = new WeakMap<PayloadClass, Readonly<Record<string, JsonSchema>>>()

/** The properties that a class declares, by name. */
export function declaredProperties(target: PayloadClass): Readonly<Record<string, JsonSchema>> {
  let properties = known.get(target)
  if (properties === undefined) {
    properties = schemaOf(target).toJsonSchema().properties ?? {}
    known.set(target, properties)
  }
  return properties
}
