import type { OrchestrationEvent } from '../core/index.js'
import type { Json } from '../schema/index.js'
import { snakeCase, wireTime, wireValue } from './wire-value.js'

/** Fields that are called something else than in TypeScript. */
const names: Readonly<Record<string, string>> = { runId: 'execution_id', innerRunId: 'inner_execution_id' }
const times: ReadonlySet<string> = new Set(['at', 'until'])

/** An event as clients get it: the names of its fields in snake_case, times in ISO 8601, payloads as they are. */
export function wireEvent(event: OrchestrationEvent): Readonly<Record<string, Json>> {
  const wire: Record<string, Json> = {}
  for (const [key, value] of Object.entries(event)) {
    if (value === undefined) continue
    const name = names[key] ?? snakeCase(key)
    if (times.has(key)) wire[name] = wireTime(value as number)
    else if (key === 'error') wire[name] = renamed(value as object)
    else wire[name] = wireValue(value)
  }
  return wire
}

function renamed(error: object): Json {
  return Object.fromEntries(
    Object.entries(error).flatMap(([key, value]) => (value === undefined ? [] : [[snakeCase(key), wireValue(value)]])),
  )
}
