import { OrchestrationError } from '../errors/index.js'
import { type PayloadPath, printPath } from './payload-path.js'

/** The error for a value that cannot be stored, or stored JSON that cannot be read, at a place in the value. */
export function notSerializable(path: PayloadPath, problem: string, cause?: unknown): OrchestrationError {
  const place = printPath(path)
  return new OrchestrationError(`${place === '' ? 'The value' : `The value at ${place}`} ${problem}`, {
    code: 'PAYLOAD_NOT_SERIALIZABLE',
    details: { path: place },
    ...(cause === undefined ? {} : { cause }),
  })
}
