import { OrchestrationError } from '../errors/index.js'
import { ArraySchema } from './array-schema.js'
import { ClassSchema } from './class-schema.js'
import { LazySchema } from './lazy-schema.js'
import { receivedType } from './received-type.js'
import type { Schema } from './schema.js'
import type { PayloadClass, TypeOf, TypeRef } from './type-ref.js'
import { valueSchemas } from './value-schemas.js'

const schemasOfReferences = new WeakMap<object, Schema>()
const schemasOfArrays = new WeakMap<Schema, Schema>()

/**
 * The schema of a type reference: always the same object for the same class, and for arrays of the same class.
 * Decorators are read, and thunks called, at the first use of the schema, not here.
 * @throws OrchestrationError `SCHEMA_UNSUPPORTED` if it is no type reference.
 */
export function schemaOf<const R extends TypeRef>(ref: R): Schema<TypeOf<R>> {
  return find(ref) as Schema<TypeOf<R>>
}

function find(ref: TypeRef): Schema {
  const known = valueSchemas.get(ref) ?? schemasOfReferences.get(ref as object)
  if (known !== undefined) return known
  if (Array.isArray(ref)) return arrayOf(ref)
  if (typeof ref !== 'function') throw notAReference(ref)
  // Arrow functions have no prototype, classes and plain functions do.
  const schema =
    ref.prototype === undefined ? new LazySchema(ref as () => TypeRef, find) : new ClassSchema(ref as PayloadClass)
  schemasOfReferences.set(ref, schema)
  return schema
}

function arrayOf(ref: readonly TypeRef[]): Schema {
  const [element] = ref
  if (element === undefined || ref.length !== 1) throw notAReference(ref)
  const elementSchema = find(element)
  let schema = schemasOfArrays.get(elementSchema)
  if (schema === undefined) {
    schema = new ArraySchema(elementSchema)
    schemasOfArrays.set(elementSchema, schema)
  }
  return schema
}

function notAReference(ref: unknown): OrchestrationError {
  const got = Array.isArray(ref) ? `an array of ${ref.length}` : receivedType(ref)
  return new OrchestrationError(
    `A type reference must be a class, String, Number, Boolean, Object, Date, ` +
      `an array with one of these, or a thunk; got ${got}.`,
    { code: 'SCHEMA_UNSUPPORTED' },
  )
}
