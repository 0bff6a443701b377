import type { AdvanceCondition, Orchestration } from '../../core/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import { state } from '../state.js'
import { exhaustion, roomFor } from './exhaustion.js'
import { asTarget, type PatternOptions, type Work, workState } from './work.js'

/** How a pattern with rounds is bounded. */
export interface RoundOptions extends PatternOptions {
  /** How many rounds there may be. @default 10 */
  readonly maxRounds?: number
  /** What to do when they are used up: fail, or end with what the last round made. @default 'fail' */
  readonly onExhausted?: 'fail' | 'proceed'
}

/** What {@link loopUntil} is made of. */
export interface LoopUntilOptions<T> extends RoundOptions {
  /** What is repeated, each time on its own output. */
  readonly body: Work<T, T>
  /** Whether an output is as wanted. */
  readonly until: AdvanceCondition<T>
}

/** Work that is repeated on its own output until that is as wanted (S4-31). */
export function loopUntil<T>({
  body,
  until,
  maxRounds = 10,
  onExhausted = 'fail',
  ...options
}: LoopUntilOptions<T>): Orchestration<T, T> {
  const repeated = workState('body', body)
  const end = state('end', (value: T) => value)
  return new OrchestrationBuilder<T, T>({ name: 'LoopUntil', ...roomFor(maxRounds + 1), ...options })
    .entry(asTarget(repeated))
    .loop(repeated, until, asTarget(end), { maxRounds, ...exhaustion(onExhausted, end) })
    .output(end)
    .build()
}
