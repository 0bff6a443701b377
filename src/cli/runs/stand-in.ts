import { Orchestration, OrchestrationRunnable } from '../../core/index.js'
import type { HostedOrchestration } from '../../durability/index.js'

/**
 * Stands in for an orchestration whose code is not at hand, where a run is only looked into or answered: the store has the definition
 * that it was recorded under, and reads it with that.
 */
export function standInFor(name: string): HostedOrchestration {
  const orchestration = new NotAtHand()
  orchestration.configure({ name })
  return orchestration
}

class NoState extends OrchestrationRunnable<unknown, unknown> {
  override invoke(input: unknown): unknown {
    return input
  }
}

class NotAtHand extends Orchestration<unknown, unknown> {
  constructor() {
    super()
    this.initialRunnable = new NoState()
  }
}
