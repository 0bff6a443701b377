import { ArraySchema } from './array-schema.js'
import { namedClasses } from './class-shape.js'
import { className } from './received-type.js'
import { Schema } from './schema.js'
import { schemaOf } from './schema-of.js'
import type { PayloadClass, TypeRef } from './type-ref.js'

/** The names under which instances are stored. Every class has exactly one. */
export interface ClassTags {
  readonly tagOf: ReadonlyMap<unknown, string>
  readonly classOf: ReadonlyMap<string, PayloadClass>
}

/**
 * Names every class that is reachable from the references through `@Type`. A name that is taken gets a number
 * (`Item_2`), in the order in which the classes are met, so the same references in the same order give the same tags.
 */
export function classTags(refs: readonly (TypeRef | Schema)[]): ClassTags {
  const tagOf = new Map<unknown, string>()
  const classOf = new Map<string, PayloadClass>()
  const add = (target: PayloadClass): void => {
    if (tagOf.has(target)) return
    const name = className(target)
    let tag = name
    for (let number = 2; classOf.has(tag); number++) tag = `${name}_${number}`
    tagOf.set(target, tag)
    classOf.set(tag, target)
    namedClasses(target).forEach(add)
  }
  for (const ref of refs) {
    const target = elementOf(ref instanceof Schema ? ref : schemaOf(ref)).payloadClass
    if (target !== undefined) add(target)
  }
  return { tagOf, classOf }
}

function elementOf(schema: Schema): Schema {
  const resolved = schema.resolve()
  return resolved instanceof ArraySchema ? elementOf(resolved.element as Schema) : resolved
}
