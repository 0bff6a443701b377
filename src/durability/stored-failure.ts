import type { RunFailure } from '../core/internal.js'
import type { Json } from '../schema/index.js'
import type { ValueCodec } from './graph-codec.js'

/** Why something failed, and where, as JSON. */
export function encodeFailure(
  { error, stateName, token }: RunFailure,
  values: ValueCodec,
): { readonly [key: string]: Json } {
  return {
    error: values.encode(error),
    ...(stateName === undefined ? {} : { stateName }),
    ...(token === undefined ? {} : { token }),
  }
}

/** What {@link encodeFailure} wrote. */
export function decodeFailure(json: unknown, values: ValueCodec): RunFailure {
  const { error, ...where } = json as { readonly error: unknown }
  return { ...where, error: values.decode(error) as Error }
}
