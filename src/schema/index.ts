export { Description, describeClass, describeProperty } from './description.js'
export type { Json } from './json.js'
export type { JsonSchema, JsonSchemaOptions, JsonSchemaType } from './json-schema.js'
export { JsonSchemaFragment, setJsonSchemaFragment } from './json-schema-fragment.js'
export { makeNullable, Nullable } from './nullable.js'
export { OfType, type PropertyOf, RecordOf, setRecord, setType } from './of-type.js'
export { PartialJson } from './partial-json.js'
export { PayloadCodec } from './payload-codec.js'
export { PayloadError, type PayloadErrorOptions, type PayloadIssue, type PayloadPlace } from './payload-error.js'
export type { ParseOptions, Schema } from './schema.js'
export { schemaOf } from './schema-of.js'
export type {
  StandardIssue,
  StandardJsonSchemaOptions,
  StandardResult,
  StandardSchemaProps,
} from './standard-schema.js'
export type { PayloadClass, TypeOf, TypeRef, TypeRefOf } from './type-ref.js'
export { makeUnion, Union, type UnionMembers } from './union.js'
