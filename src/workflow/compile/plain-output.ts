import { ensureError, OrchestrationError } from '../../errors/index.js'

/** What objects are as JSON; what has been made plain is so itself. */
const plain = new WeakMap<object, unknown>()

/** What an agent has returned as JSON, so that templates can read it and journals keep it. Nothing is `null`. */
export function plainOutput(value: unknown, nodeId: string): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  const known = typeof value === 'object' ? plain.get(value) : undefined
  if (known !== undefined) return known
  try {
    const text = JSON.stringify(value) as string | undefined
    if (text !== undefined) return kept(value, JSON.parse(text) as unknown)
  } catch (thrown) {
    throw noJson(nodeId, ensureError(thrown).message, thrown)
  }
  throw noJson(nodeId, `a ${typeof value} is no JSON`, undefined)
}

function kept(value: unknown, json: unknown): unknown {
  if (typeof value === 'object' && value !== null) plain.set(value, json)
  if (typeof json === 'object' && json !== null) plain.set(json, json)
  return json
}

function noJson(nodeId: string, why: string, cause: unknown): OrchestrationError {
  return new OrchestrationError(
    `Node "${nodeId}" has an output that cannot be written as JSON: ${why}. Return plain data.`,
    {
      code: 'PAYLOAD_NOT_SERIALIZABLE',
      details: { node: nodeId },
      cause,
    },
  )
}
