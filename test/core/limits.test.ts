import { describe, expect, it } from 'vitest'
import { CollectRunnable, DelayRunnable } from '../../src/core/index.js'
import { begin, fork, machine, pass, rejection, say, slow, step } from './machines.js'

describe('limits', () => {
  it('S4-34 ends a loop with "Orchestration never completes", and names the limit and the states that looped', async () => {
    const validate = pass<number>('Validate')
    const refine = step<number, number>('Refine', n => n + 1).addAdvancer(validate)
    validate.addAdvancer(n => n >= 0, refine).addAdvancer(pass<number>('Done'))
    const { run, events } = begin(machine<number>(pass<number>('Draft').addAdvancer(validate)), 0, { maxSteps: 11 })
    const error = await rejection(run.result)
    expect(error.cause).toMatchObject({ code: 'NEVER_COMPLETES' })
    expect(error.message).toContain('Orchestration never completes: "Machine" has invoked 11 states')
    expect(error.message).toContain('Validate (5 times), Refine (5 times)')
    expect(events.ofType('state.started')).toHaveLength(11)
  })

  it('counts a join that fails, so that one whose onError leads back to it ends as well', async () => {
    const join = new CollectRunnable<unknown>({ policy: { quorum: 2 } }).configure({ name: 'J' })
    const never = say('A')
      .addAdvancer(() => false, join)
      .configure({ allowDeadEnd: true })
    join.onError(join)
    const error = await rejection(machine(fork('F', never, say('B').addAdvancer(join))).run(1, { maxSteps: 20 }))
    expect(error.cause).toMatchObject({ code: 'NEVER_COMPLETES' })
  })

  it('maxSteps is 1000 unless told otherwise', async () => {
    const loop = pass<number>('Loop')
    loop.addAdvancer(n => n === 0, loop).addAdvancer(say('End') as never)
    await expect(machine<number>(loop).run(0)).rejects.toThrow('has invoked 1000 states')
  })

  it('a run that needs exactly maxSteps completes', async () => {
    expect(await machine(pass('A').addAdvancer(say('B'))).run(1, { maxSteps: 2 })).toBe('B')
  })

  it('S4-34 ends a run after timeoutMs, and says where it was', async () => {
    const { clock, run } = begin(machine(pass('A').addAdvancer(slow('B', 1000))), 1, { timeoutMs: 500 })
    await clock.advance(499)
    expect(run.status).toBe('running')
    await clock.advance(1)
    const error = await rejection(run.result)
    expect(error.cause).toMatchObject({ code: 'RUN_TIMED_OUT' })
    expect(error.message).toContain('did not complete within 500 ms; it was at: B')
    expect(run.status).toBe('failed')
    expect(clock.pendingTimers).toBe(0)
  })

  it('timeoutMs also covers waiting and pauses, and leaves no timer behind when the run is faster', async () => {
    const waiting = begin(machine(new DelayRunnable<unknown>(1000).configure({ name: 'Wait' })), 1, { timeoutMs: 10 })
    void waiting.run.pause()
    await waiting.clock.advance(10)
    expect((await rejection(waiting.run.result)).cause).toMatchObject({ code: 'RUN_TIMED_OUT' })
    const fast = begin(machine(say('A')), 1, { timeoutMs: 10 })
    await fast.run.result
    expect(fast.clock.pendingTimers).toBe(0)
  })

  it.each([
    [{ maxSteps: 0 }, 'maxSteps'],
    [{ maxConcurrency: 1.5 }, 'maxConcurrency'],
    [{ timeoutMs: -1 }, 'timeoutMs'],
    [{ scheduling: 'sideways' as never }, 'scheduling'],
    [{ failure: 'never' as never }, 'failure'],
    [{ retainEvents: -1 }, 'retainEvents'],
    [{ runId: '' }, 'runId'],
  ])('%o is refused', async (options, name) => {
    await expect(machine(say('A')).run(1, options)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      details: { option: name },
    })
  })
})
