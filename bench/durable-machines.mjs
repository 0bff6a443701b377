// The orchestration whose durable runs are measured: one state again and again, and if wanted one that waits at the end.
import { Orchestration, OrchestrationRunnable, SignalRunnable } from 'advancer'

/** Runs through `Work` as often as its input says; `parks`: then waits for a signal. `onFirst` is called in the first step. */
export function durableLoop({ parks = false, onFirst } = {}) {
  class Work extends OrchestrationRunnable {
    #total
    async invoke(left, context) {
      this.#total ??= left
      if (left === this.#total) onFirst?.(context)
      return left - 1
    }
  }
  class Durable extends Orchestration {
    constructor() {
      super()
      const work = new Work().configure({ name: 'Work' })
      const last = parks ? new SignalRunnable().configure({ name: 'Last' }) : new Done().configure({ name: 'Last' })
      this.initialRunnable = work.addAdvancer(left => left > 0, work).addAdvancer(last)
      this.configure({ maxSteps: Infinity })
    }
  }
  return new Durable()
}

class Done extends OrchestrationRunnable {
  async invoke(value) {
    return value
  }
}
