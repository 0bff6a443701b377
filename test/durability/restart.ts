import type { Orchestration, OrchestrationRun, ResumeOptions, RunOptions } from '../../src/core/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { ProbedStore } from './probed-store.js'

/** A process that drives a run. */
export interface Driven<TOut> {
  readonly store: ProbedStore
  readonly clock: ManualClock
  readonly run: OrchestrationRun<TOut>
  readonly events: EventRecorder
}

/** Starts run `r` in a first process. */
export function begun<TIn, TOut>(
  orchestration: Orchestration<TIn, TOut>,
  input: TIn,
  options: RunOptions = {},
  store = new ProbedStore(),
): Driven<TOut> {
  const clock = new ManualClock(1_000_000)
  const run = orchestration.start(input, { store, clock, runId: 'r', ...options })
  return { store, clock, run, events: new EventRecorder(run) }
}

/** Ends a process, without a word to anybody, and takes run `r` up in another one, `later` milliseconds after. */
export async function restarted<TOut>(
  before: Driven<unknown>,
  orchestration: Orchestration<never, TOut>,
  options: ResumeOptions & { readonly later?: number } = {},
): Promise<Driven<TOut>> {
  const { later = 0, ...how } = options
  await before.clock.advance(0)
  await before.store.close()
  const store = before.store.reopen()
  const clock = new ManualClock(before.clock.now() + later)
  const run = await orchestration.configure({ clock }).resume('r', { store, ...how })
  return { store, clock, run, events: new EventRecorder(run) }
}
