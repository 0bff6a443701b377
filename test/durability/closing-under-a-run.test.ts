import { describe, expect, it } from 'vitest'
import { Orchestration, OrchestrationRunnable, SignalRunnable } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'

class Work extends OrchestrationRunnable<number, number> {
  invoke(value: number) {
    return value + 1
  }
}

class Waiting extends Orchestration<number, unknown> {
  constructor() {
    super()
    this.initialRunnable = new Work().addAdvancer(new SignalRunnable<number, unknown>().configure({ name: 'Signal' }))
  }
}

describe('a store that is closed under a run (S3-30)', () => {
  it.each(['sync', 'async', 'exit'] as const)('brings nothing down where it waits, in mode %s', async durability => {
    const unhandled: unknown[] = []
    const listener = (thrown: unknown) => void unhandled.push(thrown)
    process.on('unhandledRejection', listener)
    try {
      const store = new MemoryJournalStore()
      const run = new Waiting().start(1, { store, runId: 'run', durability })
      await new Promise<void>(resolve => run.on('state.waiting', () => void store.close().then(resolve)))
      for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', listener)
    }
  })
})
