import { counted, duration, money } from './amounts.js'
import type { Mark } from './drawing.js'
import type { StateTrace } from './run-trace.js'

/** How a state is marked; `undefined` is one that the run did not reach. */
export function markOf(trace: StateTrace | undefined): Mark {
  if (trace === undefined) return 'untouched'
  if (trace.failures > 0) return 'failed'
  if (trace.unfinished > 0) return 'active'
  if (trace.completed > 0) return 'visited'
  return trace.skipped > 0 ? 'skipped' : 'visited'
}

/** What a run did in a state, in lines. */
export function figuresOf(trace: StateTrace): readonly string[] {
  const { visits, totalMs, inputTokens, outputTokens, cost, failures, retries, skipped, unfinished } = trace
  const tokens = inputTokens + outputTokens
  const troubles = [
    ...(failures > 0 ? [`${failures} failed`] : []),
    ...(retries > 0 ? [`${retries} retried`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(unfinished > 0 ? [`${unfinished} unfinished`] : []),
  ]
  return [
    [`${counted(visits, 'visit')}`, duration(totalMs)].join(' · '),
    ...(tokens > 0 ? [[counted(tokens, 'token'), ...(cost > 0 ? [`cost ${money(cost)}`] : [])].join(' · ')] : []),
    ...(troubles.length > 0 ? [troubles.join(' · ')] : []),
  ]
}
