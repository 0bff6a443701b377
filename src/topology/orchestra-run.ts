import type { Observable } from 'rxjs'
import type { OrchestrationEvent, OrchestrationRun } from '../core/index.js'
import type { OrchestraResult } from './orchestra-result.js'

/** A run that an {@link Orchestra} has started (S1-61). */
export interface OrchestraRun {
  readonly sessionId: string
  /**
   * The handle of the run, to pause, cancel and answer it. Rejects if the run cannot be started, for example because its session is busy.
   */
  readonly run: Promise<OrchestrationRun<unknown>>
  /** The events of the run; completes after its last one, and when there is no run. It never errors. */
  readonly events$: Observable<OrchestrationEvent>
  /** What came of it. Rejects only if the run could not be started, or its store has failed; a run that fails has a result. */
  readonly result: Promise<OrchestraResult>
}
