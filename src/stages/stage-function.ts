import type { RunContext } from '../core/index.js'
import type { BaseGraphState } from './base-graph-state.js'
import type { ProgressReporter } from './progress.js'

/** What a stage returns: the name of the stage or group that is next, `END`, or nothing, and then its edges decide. */
export type StageReturn = string | null | undefined | void

/**
 * A stage as a function, synchronous or not. It changes the state that it is given, which is its own copy, and may name who is next.
 * What it has changed counts when it returns; where it throws, nothing has happened to the state.
 *
 * ```ts
 * orch.addNode('math_step', state => {
 *   state.score = brierScore(state.forecasts, state.outcomes)
 *   return 'end'
 * })
 * ```
 *
 * `context` is that of the run: its `signal`, its clock, and what agents that the function runs itself are given as `context`.
 */
export type StageFunction<S extends BaseGraphState> = (
  state: S,
  progress: ProgressReporter,
  context: RunContext,
) => StageReturn | Promise<StageReturn>
