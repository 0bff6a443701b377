import type { OrchestrationEvent } from '../../core/index.js'

/** Shows how a run is getting on. */
export interface RunProgress {
  /** Takes in what has happened. */
  event(event: OrchestrationEvent): void
  /** Shows nothing while somebody is asked something; what happens meanwhile is shown then. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Shows the last of it. */
  end(): void
}
