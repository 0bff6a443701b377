import { Orchestration, type OrchestrationRunnable } from '../../core/index.js'
import { state } from '../../graph/index.js'
import { boundedState } from './state-names.js'

/** Another orchestration within a time of its own: the time of that is for all of its runs to keep. */
class BoundedOrchestration extends Orchestration<unknown, unknown> {
  constructor(name: string, inner: Orchestration<unknown, unknown>, timeoutMs: number) {
    super()
    this.configure({ name, timeoutMs })
    this.initialRunnable = state(boundedState, inner) as OrchestrationRunnable<unknown, unknown>
  }
}

/** An orchestration, within a time if there is one. */
export function within(
  name: string,
  inner: Orchestration<unknown, unknown>,
  timeoutMs: number | undefined,
): Orchestration<unknown, unknown> {
  return timeoutMs === undefined ? inner : new BoundedOrchestration(name, inner, timeoutMs)
}
