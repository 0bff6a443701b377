import { type Orchestration, OrchestrationRun, type RunOptions } from '../../core/index.js'
import { afterOthers, checkStore } from '../../core/internal.js'

/** How a run is started later. */
interface LaterOptions extends RunOptions {
  readonly runId: string
}

/**
 * Starts a run on the next turn of the event loop, unlike `orchestration.start()`: whoever awaits its handle has it before anything
 * happens, and misses no event.
 */
export function startLater<TIn, TOut>(
  orchestration: Orchestration<TIn, TOut>,
  input: TIn,
  options: LaterOptions,
): OrchestrationRun<TOut> {
  const { runId, store } = options
  const ledger = store === undefined ? undefined : checkStore(store).begin(orchestration.durable, runId, options)
  const driver = orchestration.drive(options, { sinks: [], attempts: [], inherited: [] }, ledger)
  afterOthers(() => driver.begin(input))
  driver.result.catch(() => undefined)
  return new OrchestrationRun<TOut>(driver)
}
