import { describe, expect, it } from 'vitest'
import { CollectRunnable, Orchestration, OrchestrationOptions } from '../../src/core/index.js'
import { begin, fail, fork, machine, pass, rejection, say, slow, step } from './machines.js'

describe('the result of a run', () => {
  it('S4-14 C4 is one output: the terminal one that is last in token order; results are all of them', async () => {
    for (const [a, b] of [
      [10, 20],
      [20, 10],
    ] as const) {
      const { clock, run } = begin(machine(fork('F', slow('A', a), slow('B', b))), 1)
      await clock.advance(20)
      expect(await run.result).toBe('B')
      expect(run.results).toEqual(['A', 'B'])
    }
  })

  it('is that of resultRunnable if it is set, also where the run goes on from it', async () => {
    const orchestration = machine(pass('Start'))
    const chosen = say('Chosen').addAdvancer(pass('After'))
    orchestration.initialRunnable = fork('F', chosen, say('Other'))
    orchestration.resultRunnable = chosen
    const { run } = begin(orchestration, 1)
    expect(await run.result).toBe('Chosen')
    expect(run.results).toEqual(['Chosen'])
  })

  it('is missing, an error that says so, if resultRunnable did not complete', async () => {
    const result = say('C')
    const orchestration = machine(
      pass('A')
        .addAdvancer(() => false, result)
        .addAdvancer(say('B')),
    )
    orchestration.resultRunnable = result
    const error = await rejection(orchestration.run(1))
    expect(error.cause).toMatchObject({ code: 'NO_OUTPUT' })
    expect(error.message).toContain('state "C" did not complete')
  })

  it('may be undefined if a terminal state returned that', async () => {
    expect(await machine(step('A', () => undefined)).run(1)).toBeUndefined()
  })

  it('S4-15 is validated as what the orchestration declares, and the run fails if it is not', async () => {
    @OrchestrationOptions({ output: Number })
    class Counting extends Orchestration<unknown, number> {
      override readonly initialRunnable = step<unknown, unknown>('A', input => input)
    }
    expect(await new Counting().run(1)).toBe(1)
    const { run, events } = begin(new Counting(), 'one')
    const error = await rejection(run.result)
    expect(error).toMatchObject({ code: 'RUN_FAILED', stateName: 'A', cause: { code: 'PAYLOAD_INVALID' } })
    expect(error.message).toContain('Output of orchestration "Counting" is not a number')
    expect(run.status).toBe('failed')
    expect(events.types.at(-1)).toBe('orchestration.failed')
  })

  it('results are in token order also after a failure', async () => {
    const { clock, run } = begin(
      machine(fork('F', slow('A', 20), slow('B', 10), slow('C', 30).addAdvancer(fail('D')))),
      1,
    )
    await clock.advance(30)
    await rejection(run.result)
    expect(run.results).toEqual(['A', 'B'])
  })

  it('can be read while the run goes on', async () => {
    const { clock, run } = begin(machine(fork('F', slow('A', 10), slow('B', 20))), 1)
    await clock.advance(10)
    expect(run.results).toEqual(['A'])
    run.cancel()
  })

  it('of a fan-out that comes together is the output after the join', async () => {
    const join = new CollectRunnable<unknown>().configure({ name: 'J' })
    const { run } = begin(machine(fork('F', say('A').addAdvancer(join), say('B').addAdvancer(join), say('C'))), 1)
    await run.result
    expect(run.results).toEqual([['A', 'B'], 'C'])
  })
})
