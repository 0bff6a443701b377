import { Approved, Expired, type OrchestrationGraph, Rejected, SignalRunnable, StateFailure } from '../core/index.js'
import { type Json, PayloadCodec, type Schema, type TypeRef } from '../schema/index.js'

/** Writes values as JSON and reads them. */
export interface ValueCodec {
  encode(value: unknown): Json
  decode(json: unknown): unknown
}

const codecs = new WeakMap<OrchestrationGraph, ValueCodec>()

/** The codec for the values of a graph's runs: it knows every class that the graph declares somewhere. Made once. */
export function codecOf(graph: OrchestrationGraph): ValueCodec {
  let codec = codecs.get(graph)
  if (codec === undefined) {
    codec = new PayloadCodec(declaredTypes(graph))
    codecs.set(graph, codec)
  }
  return codec
}

/** Leaves values as the JSON that they are: for reading a run whose definition is not at hand. Only errors become errors. */
export const rawValues: ValueCodec = {
  encode: value => (value instanceof Error ? plain.encode(value) : (value as Json)),
  // Its class cannot be had, and is not needed to go on from the error.
  decode: json => (isErrorForm(json) ? plain.decode(classless(json)) : json),
}

const plain = new PayloadCodec([])

function isErrorForm(json: unknown): json is { readonly $: '@error'; readonly v: object } {
  return typeof json === 'object' && json !== null && (json as { $?: unknown }).$ === '@error'
}

/** An error without its class, and with nothing in it that has one. */
function classless({ $, v }: { readonly $: '@error'; readonly v: object }): unknown {
  const { name, message, cause } = v as {
    readonly name?: unknown
    readonly message?: unknown
    readonly cause?: unknown
  }
  const { fields = {} } = v as { readonly fields?: object }
  const kept = Object.fromEntries(Object.entries(fields).filter(([, value]) => isPlain(value)))
  return { $, v: { name, message, fields: kept, ...(isErrorForm(cause) ? { cause: classless(cause) } : {}) } }
}

function isPlain(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return true
  return !Object.hasOwn(json, '$') && Object.values(json).every(isPlain)
}

function declaredTypes({ input, output, nodes, classes }: OrchestrationGraph): readonly (TypeRef | Schema)[] {
  const types: (TypeRef | Schema | undefined)[] = [input, output]
  for (const node of nodes) {
    types.push(node.input, node.output)
    if (node.runnable instanceof SignalRunnable) types.push(node.runnable.signalType)
  }
  return [...types.filter(type => type !== undefined), ...classes, Approved, Rejected, Expired, StateFailure]
}
