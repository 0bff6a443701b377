import { describe, expect, it } from 'vitest'
import type { RunContext } from '../../src/core/index.js'
import { retry, timeout } from '../../src/resilience/index.js'
import { FactRecorder } from '../../src/testing/index.js'
import { begin, fork, machine, pass, rejection, say, step } from './machines.js'

/** Work that counts how often it was done. */
function counted<T>(result: (time: number) => T) {
  const work = () => result(++work.times)
  work.times = 0
  return work
}

/** A promise that is settled from outside. */
function settled<T = void>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(done => {
    resolve = done
  })
  return { promise, resolve }
}

function broken(message: string): never {
  throw new Error(message)
}

/**
 * What comes of a result that is there when the step has returned, has failed or is to be cancelled, while the recorder is still
 * busy with what happened before.
 */
async function lateResult(how: 'return' | 'fail' | 'cancel', next: ReturnType<typeof say> | undefined) {
  const [writing, written, pay] = [settled(), settled(), settled()]
  const recorder = new FactRecorder(async facts => {
    if (!facts.some(fact => fact.type === 'emitted')) return
    writing.resolve()
    await written.promise
  })
  let outcome: unknown = 'still pending'
  const note = (what: unknown) => void (outcome = what)
  const state = step('A', async (_, context) => {
    const paid = context.once('pay', async () => pay.promise.then(() => 'paid'))
    paid.then(note, note)
    context.emit({ type: 'custom', name: 'hold' })
    await writing.promise
    if (how === 'fail') broken('A broke')
    if (how === 'cancel') await paid
  })
  if (next !== undefined) state.addAdvancer(next as never).onError(next as never)
  const { run } = begin(machine(state), 1, { recorder })
  await writing.promise
  await new Promise(setImmediate)
  if (how === 'cancel') run.cancel()
  pay.resolve()
  await new Promise(setImmediate)
  written.resolve()
  await run.result.catch(() => undefined)
  await new Promise(setImmediate)
  return { facts: recorder.facts.map(fact => fact.type), outcome }
}

const again = { interceptors: [retry({ maxAttempts: 3, initialDelayMs: 0 })] }

describe('context.once()', () => {
  it('does its work the first time, and keeps the result across the retries of a policy', async () => {
    const work = counted(time => ({ receipt: time }))
    const seen: unknown[] = []
    const paying = step('Pay', async (_, context) => {
      seen.push(await context.once('pay', work))
      return context.attempt < 3 ? broken('the line went dead') : seen.at(-1)
    })
    expect(await machine(paying.configure(again)).run(1)).toEqual({ receipt: 1 })
    expect([seen.length, new Set(seen).size, work.times]).toEqual([3, 1, 1])
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['false', false],
  ])('keeps a result that is %s', async (_, result) => {
    const work = counted(() => result)
    const seen: unknown[] = []
    const state = step('A', async (__, context) => {
      seen.push(await context.once('nothing', work), await context.once('nothing', async () => Promise.resolve(work())))
      if (context.attempt === 1) broken('A broke')
    })
    await machine(state.configure(again)).run(1)
    expect(seen).toEqual([result, result, result, result])
    expect(work.times).toBe(1)
  })

  it('keeps results of different names apart', async () => {
    const state = step('A', async (_, context) => [
      await context.once('a', () => 1),
      await context.once('b', () => 2),
      await context.once('a', () => 3),
    ])
    expect(await machine(state).run(1)).toEqual([1, 2, 1])
  })

  it('is shared by those who ask while the work is under way', async () => {
    const work = counted(async time => {
      await Promise.resolve()
      return { time }
    })
    const state = step('A', async (_, context) => Promise.all([1, 2, 3].map(() => context.once('work', work))))
    const [first, ...others] = (await machine(state).run(1)) as unknown as object[]
    expect(first).toEqual({ time: 1 })
    expect(others.every(other => other === first)).toBe(true)
    expect(work.times).toBe(1)
  })

  it('fails with its work for all who share it, keeps nothing, and does it again when it is asked next', async () => {
    const work = counted(time => (time < 3 ? broken(`failure ${time}`) : time))
    const recorder = new FactRecorder()
    const outcomes: unknown[] = []
    const state = step('A', async (_, context) => {
      const both = await Promise.allSettled([context.once('work', work), context.once('work', work)])
      for (const each of both) outcomes.push(each.status === 'fulfilled' ? each.value : (each.reason as Error).message)
      return context.once('work', work)
    })
    expect(await machine(state.configure(again)).run(1, { recorder })).toBe(3)
    expect(outcomes).toEqual(['failure 1', 'failure 1', 3, 3])
    expect(recorder.facts.filter(fact => fact.type === 'kept')).toEqual([
      { type: 'kept', branch: '0', step: 0, name: 'work', value: 3 },
    ])
  })

  it('after an attempt that timed out does not share the fate of its work', async () => {
    const state = step('A', async (_, context) =>
      context.once('work', async () => {
        if (context.attempt === 1) await context.sleep(1000)
        return context.attempt
      }),
    ).configure({ interceptors: [retry({ initialDelayMs: 0 }), timeout({ timeoutMs: 10 })] })
    const { clock, run } = begin(machine(state), 1)
    await clock.advance(10)
    await clock.advance(0)
    expect(await run.result).toBe(2)
  })

  it('runs again in a rerun and in the next round of a loop: each is a step of its own', async () => {
    const work = counted(time => time)
    const seen: number[] = []
    const state = step<number, number>('A', async (n, context) => {
      seen.push(await context.once('work', work))
      return n + 1
    }).configure({ reruns: 1 })
    state.addAdvancer(n => n === 2 && seen.length > 1, state).addAdvancer(n => n === 3, pass<number>('End'))
    expect(await machine<number>(state).run(1)).toBe(3)
    expect(seen).toEqual([1, 2, 3])
  })

  it('knows nothing of the same name in another state or another branch', async () => {
    const work = counted(time => time)
    const seen = new Map<string, unknown>()
    const asking = (name: string) =>
      step(name, async (_, context) => void seen.set(name, await context.once('work', work)))
    await machine(fork('F', asking('A').addAdvancer(asking('A2')), asking('B'))).run(1)
    expect(new Set(seen.values())).toEqual(new Set([1, 2, 3]))
    expect(work.times).toBe(3)
  })

  it('has the same results for the state and for those who route its output', async () => {
    const work = counted(time => time)
    const seen: unknown[] = []
    const ask = async (context: RunContext) => void seen.push(await context.once('work', work))
    const state = step('A', async (_, context) => ask(context)).addAdvancer(async (__, context) => {
      await ask(context)
      return true
    }, say('B'))
    await machine(state).run(1)
    expect(seen).toEqual([1, 1])
  })

  it.each(['', undefined, 7])('refuses %j as a name', async name => {
    const work = counted(time => time)
    const state = step('A', async (_, context) => context.once(name as string, work))
    const { cause } = await rejection(machine(state).run(1))
    expect(cause).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('a non-empty string') })
    expect(work.times).toBe(0)
  })
})

describe('context.once() of a step that is over', () => {
  it('rejects when its work is done, and keeps nothing', async () => {
    const [pay, outcome] = [settled<string>(), settled<unknown>()]
    const recorder = new FactRecorder()
    const state = step('A', async (_, context) => {
      outcome.resolve(rejection(context.once('work', async () => pay.promise)))
      await context.sleep(1000)
    })
    const { clock, run } = begin(machine(state), 1, { recorder })
    await clock.advance(0)
    run.cancel()
    await rejection(run.result)
    pay.resolve('too late')
    expect(await outcome.promise).toBeInstanceOf(Error)
    expect(recorder.facts.map(fact => fact.type)).not.toContain('kept')
  })

  it.each([
    ['is cancelled', 'cancel'],
    ['has failed', 'fail'],
    ['has come to its end', 'return'],
  ] as const)('rejects if, when its result comes to be recorded, the step %s', async (_, how) => {
    const { facts, outcome } = await lateResult(how, undefined)
    expect(outcome).toMatchObject({ code: 'RUN_CANCELLED' })
    expect(facts.at(-2)).toBe('kept')
  })

  it('does not begin its work', async () => {
    const work = counted(time => time)
    let late: RunContext | undefined
    const state = step('A', (_, context) => void (late = context))
    await machine(state).run(1)
    expect(await rejection((late as RunContext).once('work', work))).toMatchObject({ code: 'RUN_CANCELLED' })
    expect(work.times).toBe(0)
  })
})

describe('context.once() of a run that is recorded', () => {
  it('resolves when the result has been recorded', async () => {
    const log: string[] = []
    const recorder = new FactRecorder(async facts => {
      const types = facts.map(fact => fact.type).join(' ')
      log.push(`write ${types}`)
      await new Promise(setImmediate)
      log.push(`written ${types}`)
    })
    const state = step('A', async (_, context) => {
      await context.once('work', () => void log.push('work'))
      log.push('resolved')
    })
    await machine(state).run(1, { recorder })
    expect(log).toEqual([
      'write started',
      'written started',
      'work',
      'write kept',
      'written kept',
      'resolved',
      'write completed',
      'written completed',
      'write ended',
      'written ended',
    ])
    expect(recorder.facts.find(fact => fact.type === 'kept')).toEqual({
      type: 'kept',
      branch: '0',
      step: 0,
      name: 'work',
      value: undefined,
    })
  })

  it('records a result once, however often it is asked for, and makes no event of it', async () => {
    const recorder = new FactRecorder()
    const state = step('A', async (_, context) => {
      await Promise.all([context.once('work', () => 1), context.once('work', () => 2)])
      if (context.attempt === 1) broken('A broke')
      return context.once('work', () => 3)
    })
    const { clock, run, events } = begin(machine(state.configure(again)), 1, { recorder })
    await clock.advance(0)
    expect(await run.result).toBe(1)
    expect(recorder.facts.filter(fact => fact.type === 'kept')).toHaveLength(1)
    expect(events.types).toEqual([
      'orchestration.started',
      'state.started',
      'state.retrying',
      'state.completed',
      'orchestration.completed',
    ])
  })

  it('rejects if the result cannot be recorded, and the run stops', async () => {
    const recorder = new FactRecorder(facts =>
      facts.some(fact => fact.type === 'kept') ? broken('disk full') : undefined,
    )
    const outcome = settled<unknown>()
    const state = step('A', async (_, context) => {
      const kept = context.once('work', () => 1)
      outcome.resolve(rejection(kept))
      return kept
    })
    expect(await rejection(machine(state).run(1, { recorder }))).toMatchObject({ code: 'RECORDER_FAILED' })
    expect(await outcome.promise).toBeInstanceOf(Error)
  })

  it.each([
    ['its output is', 'return', 'completed'],
    ['its failure is', 'fail', 'failed'],
  ] as const)('resolves also if %s recorded and routed in the same turn', async (_, how, fact) => {
    const { facts, outcome } = await lateResult(how, say('B'))
    expect(outcome).toBe('paid')
    expect(facts.slice(0, 5)).toEqual(['started', 'emitted', fact, 'kept', 'advanced'])
  })
})

describe('once() that a state leaves behind', () => {
  it.each([
    ['work that throws', () => broken('lost')],
    ['work that comes to nothing before the step is over', () => new Promise(resolve => setImmediate(resolve))],
  ])('is no unhandled rejection: %s', async (_what, work) => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const { run } = begin(
      machine(
        step('A', (_, context) => {
          void context.once('a', work)
          return 'done'
        }),
      ),
      1,
    )
    expect(await run.result).toBe('done')
    for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('rejects for whoever awaits it', async () => {
    const { run } = begin(machine(step('A', (_, context) => context.once('a', () => broken('heard')))), 1)
    expect(await rejection(run.result)).toMatchObject({ message: expect.stringContaining('heard') })
  })
})
