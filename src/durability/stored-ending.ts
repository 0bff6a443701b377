import type { Ending, RunState } from '../core/internal.js'
import type { Json } from '../schema/index.js'
import type { ValueCodec } from './graph-codec.js'
import { decodeFailure, encodeFailure } from './stored-failure.js'

export function encodeEnding(ending: Ending, values: ValueCodec): Json {
  if (ending.status !== 'failed') return { ...ending }
  return { status: 'failed', failures: ending.failures.map(failure => encodeFailure(failure, values)) }
}

export function decodeEnding(json: Json, values: ValueCodec): Ending {
  const ending = json as unknown as Ending
  if (ending.status !== 'failed') return ending
  return { status: 'failed', failures: ending.failures.map(failure => decodeFailure(failure, values)) }
}

export function encodeOutcome({ output, failure }: NonNullable<RunState['outcome']>, values: ValueCodec): Json {
  return {
    ...(output === undefined ? {} : { output: values.encode(output) }),
    ...(failure === undefined ? {} : { failure: encodeFailure(failure, values) }),
  }
}

export function decodeOutcome(json: Json, values: ValueCodec): NonNullable<RunState['outcome']> {
  const { output, failure } = json as { readonly output?: Json; readonly failure?: Json }
  return {
    output: output === undefined ? undefined : values.decode(output),
    failure: failure === undefined ? undefined : decodeFailure(failure, values),
  }
}
