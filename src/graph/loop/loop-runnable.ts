import { type OrchestrationRunnable, SubOrchestrationRunnable } from '../../core/index.js'
import type { LoopOutcome, LoopRunnableOptions } from './loop-options.js'
import { LoopOrchestration } from './loop-orchestration.js'
import { loopSettings } from './loop-settings.js'

/**
 * A state that repeats an orchestration: for each of some items, as long as a condition holds, or until one does. Its turns are runs
 * inside of a run, so their events have a `path`, and they are paused, resumed, cancelled and journalled with the run around them.
 * The journal has each result once, and once more all of them at the end, however many turns there are.
 *
 * ```ts
 * new LoopRunnable({
 *   name: 'Refine',
 *   body: refine,
 *   inputOf: ({ input, last }) => last ?? input,
 *   until: ({ last }) => last !== undefined && last.score > 0.9,
 *   maxIterations: 5,
 * })
 * ```
 *
 * @throws OPTION_INVALID
 */
export class LoopRunnable<TInput, TItem, TTurn, TResult> extends SubOrchestrationRunnable<
  TInput,
  LoopOutcome<TResult>
> {
  constructor(options: LoopRunnableOptions<TInput, TItem, TTurn, TResult>) {
    const settings = loopSettings(options)
    super(new LoopOrchestration(settings))
    ;(this as OrchestrationRunnable<TInput, LoopOutcome<TResult>>).configure({ name: settings.name })
  }
}
