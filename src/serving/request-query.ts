import { didYouMean } from '../errors/internal.js'
import { type JsonSchema, type PayloadClass, schemaOf } from '../schema/index.js'
import type { RouteContext } from './app.js'
import { declaredProperties } from './declared-properties.js'
import { Problem } from './problem.js'

/**
 * The parameters of a query as an instance of a class; texts become numbers and booleans where the class has those, and lists where it
 * has lists (`status=running,paused`, or the parameter several times).
 * @throws Problem 400 for a parameter that there is not; PAYLOAD_INVALID for one that is wrong
 */
export function readQuery<T>({ req }: RouteContext, target: PayloadClass<T>): { readonly [K in keyof T]: T[K] } {
  const properties = declaredProperties(target)
  const plain: Record<string, unknown> = {}
  for (const [name, values] of Object.entries(req.queries())) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (schema === undefined) throw unknownParameter(name, Object.keys(properties))
    plain[name] = valueOf(schema, values)
  }
  return schemaOf(target).parse(plain) as T
}

function valueOf(schema: JsonSchema, values: readonly string[]): unknown {
  if (schema.type === 'array') return values.flatMap(value => value.split(','))
  const text = values.at(-1) as string
  if ((schema.type === 'integer' || schema.type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (schema.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function unknownParameter(name: string, known: readonly string[]): Problem {
  const message = `there is no parameter "${name}". ${didYouMean(name, known, 'It takes none.')}`
  return new Problem(400, {
    code: 'BAD_REQUEST',
    detail: `In the query, ${message}`,
    faults: [{ path: `?${name}`, message }],
  })
}
