import type { OrchestrationEvent } from '../../core/index.js'
import { plainValue, snakeCase } from '../terminal/plain-value.js'
import { isoTime } from '../terminal/times.js'

/** An event as `--json` writes it: the names of its fields in snake_case, times in ISO 8601, payloads as they are. */
export function wireEvent(event: OrchestrationEvent): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(event).flatMap(([key, value]) => {
      if (value === undefined) return []
      return [[snakeCase(key), key === 'at' || key === 'until' ? isoTime(value as number) : wireField(key, value)]]
    }),
  )
}

function wireField(key: string, value: unknown): unknown {
  if (key !== 'error') return plainValue(value)
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([name, each]) => (each === undefined ? [] : [[snakeCase(name), each]])),
  )
}
