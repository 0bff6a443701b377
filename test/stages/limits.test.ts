import { describe, expect, it } from 'vitest'
import { OrchestrationFailedError } from '../../src/core/index.js'
import { Orchestrator } from '../../src/stages/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { Notes, note } from './states.js'

describe('S0-30 the time limit of an orchestrator', () => {
  it('is a failure that says how far the run came', async () => {
    const clock = new ManualClock()
    const orch = new Orchestrator({ state: Notes, name: 'Slow', timeoutMs: 1000 })
    orch.addNode('quick', note('quick'))
    orch.addNode('slow', async () => {
      await new Promise<never>(() => undefined)
    })
    orch.addEdge('quick', 'slow')
    orch.entryPoint = 'quick'
    const failed = orch.run({ notes: [] }, { clock }).catch((error: unknown) => error)
    await clock.advance(1000)
    const error = await failed
    expect(error).toBeInstanceOf(OrchestrationFailedError)
    expect(error).toMatchObject({ cause: { code: 'RUN_TIMED_OUT', details: { state: { notes: ['quick'] } } } })
  })
})
