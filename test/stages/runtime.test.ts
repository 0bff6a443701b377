import { describe, expect, it } from 'vitest'
import type { OrchestrationError } from '../../src/errors/index.js'
import { AsyncRuntime, BacktestClock, type ProcessPort, type RuntimeTask } from '../../src/stages/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { note, notes } from './states.js'

/** A process that only takes down what is asked of it. */
class WatchedProcess implements ProcessPort {
  readonly exits: number[] = []
  readonly listeners = new Map<string, Set<(reason: unknown) => void>>()

  on(event: string, listener: (reason: unknown) => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener))
  }
  off(event: string, listener: (reason: unknown) => void): void {
    this.listeners.get(event)?.delete(listener)
  }
  exit(code: number): void {
    this.exits.push(code)
  }
  say(event: string, reason?: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) listener(reason)
  }
  get listening(): number {
    return [...this.listeners.values()].reduce((sum, each) => sum + each.size, 0)
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
const silent = { warn: () => undefined }

describe('S0-24 S0-34 AsyncRuntime.runMain', () => {
  it('returns what the program returns, throws what it throws, and listens to nothing afterwards', async () => {
    const process = new WatchedProcess()
    expect(await AsyncRuntime.runMain(() => 42, { process })).toBe(42)
    const failing = AsyncRuntime.runMain(() => Promise.reject(new Error('broken')), { process })
    expect(process.listening).toBe(3)
    await expect(failing).rejects.toThrow('broken')
    expect(process.listening).toBe(0)
    expect(process.exits).toEqual([])
  })

  it('wants the function, not what it returns', async () => {
    await expect(AsyncRuntime.runMain(Promise.resolve() as never)).rejects.toThrow(
      /runMain\(main\), not what it returns/,
    )
    await expect(AsyncRuntime.runMain(() => 1, { drainMs: -1 })).rejects.toThrow(/drainMs/)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('aborts its signal at the first %s, lets it come to its end, and ends with %d', async (event, code) => {
    const process = new WatchedProcess()
    const clock = new ManualClock()
    let let_go = (): void => undefined
    const drained = new Promise<void>(resolve => {
      let_go = resolve
    })
    let reason: unknown
    const main = AsyncRuntime.runMain(
      async task => {
        await aborted(task.signal)
        reason = task.signal.reason
        await drained
        return 'drained'
      },
      { process, clock },
    )
    process.say(event)
    await clock.advance(9_999)
    expect(process.exits).toEqual([])
    let_go()
    expect(await main).toBe('drained')
    expect(process.exits).toEqual([code])
    expect((reason as Error).message).toBe(`The process is about to end, because of ${event}.`)
    expect(clock.pendingTimers).toBe(0)
    expect(process.listening).toBe(0)
  })

  it('ends the process when the time to drain is over, and at once at the second signal', async () => {
    const process = new WatchedProcess()
    const clock = new ManualClock()
    const warnings: string[] = []
    void AsyncRuntime.runMain(() => new Promise(() => undefined), {
      process,
      clock,
      drainMs: 500,
      logger: { warn: message => void warnings.push(message) },
    })
    process.say('SIGTERM')
    await clock.advance(500)
    expect(process.exits).toEqual([143])
    expect(warnings).toEqual(['The program did not come to an end within 500 ms after SIGTERM.'])
    const impatient = new WatchedProcess()
    void AsyncRuntime.runMain(() => new Promise(() => undefined), { process: impatient, clock, logger: silent })
    impatient.say('SIGINT')
    expect(impatient.exits).toEqual([])
    impatient.say('SIGINT')
    expect(impatient.exits).toEqual([130])
  })

  it('logs a rejection that nobody handles, stops the program and ends with 1', async () => {
    const process = new WatchedProcess()
    const logged: string[] = []
    const main = AsyncRuntime.runMain(task => aborted(task.signal), {
      process,
      logger: { warn: (_, error) => void logged.push(error.message) },
    })
    process.say('unhandledRejection', new Error('forgotten'))
    process.say('unhandledRejection', new Error('another'))
    await main
    expect(logged).toEqual(['forgotten', 'another'])
    expect(process.exits).toEqual([1])
  })

  it('cancels runs that have its signal, pauses those that are drained, and leaves the rest alone', async () => {
    const process = new WatchedProcess()
    let finish = (): void => undefined
    const slow = (ended: string[]) => {
      const orch = notes()
      orch.addNode('a', async (state, _p, context) => {
        state.notes.push('a')
        await new Promise<void>((resolve, reject) => {
          finish = resolve
          context.signal.addEventListener('abort', () => reject(new Error('aborted')))
        })
        ended.push('a')
      })
      orch.addNode('b', note('b'))
      return orch.addEdge('a', 'b').setEntryPoint('a').orchestration
    }
    const cancelled = AsyncRuntime.runMain(task => slow([]).run({}, { signal: task.signal }), { process })
    await new Promise(resolve => setImmediate(resolve))
    process.say('SIGINT')
    await expect(cancelled).rejects.toThrow(/was cancelled: The process is about to end/)

    const ended: string[] = []
    const run = slow(ended).start({}, { runId: 'slow' })
    const drained = AsyncRuntime.runMain(task => task.drain(run), { process })
    await new Promise(resolve => setImmediate(resolve))
    process.say('SIGINT')
    finish()
    await expect(drained).rejects.toMatchObject({ code: 'RUN_PAUSED', details: { runId: 'slow' } })
    // What was at work is done, and nothing new has begun.
    expect(ended).toEqual(['a'])
    expect(run.status).toBe('paused')
    run.cancel()

    const quick = notes()
    quick.addNode('a', note('a'))
    const whole = AsyncRuntime.runMain(task => task.drain(quick.orchestration.start({})), { process })
    expect((await whole).notes).toEqual(['a'])
    expect(process.exits).toEqual([130, 130])
  })
})

describe('S0-34 tasks', () => {
  it('are named after the task that has started them', async () => {
    const names: string[] = []
    await AsyncRuntime.runMain(
      async task => {
        names.push(task.name)
        const child = task.spawn(
          inner => {
            names.push(inner.name)
            inner.spawn(innermost => void names.push(innermost.name), { name: 'leaf' })
          },
          { name: 'worker' },
        )
        names.push(child.name)
      },
      { process: new WatchedProcess() },
    )
    expect(names).toEqual(['main', 'main->worker', 'main->worker', 'main->worker->leaf'])
    await expect(AsyncRuntime.taskGroup(group => group.spawn(() => 1, { name: '' }))).rejects.toThrow(/name/)
  })

  it('belong to their task: it is over only when they are', async () => {
    const done: string[] = []
    const clock = new ManualClock()
    const group = AsyncRuntime.taskGroup(
      task => {
        task.spawn(
          async inner => {
            await inner.sleep(100)
            done.push('child')
            inner.spawn(() => void done.push('grandchild'), { name: 'late' })
          },
          { name: 'slow' },
        )
        done.push('body')
        return 'result'
      },
      { clock, name: 'group' },
    ).then(value => [...done, value])
    await clock.advance(100)
    expect(await group).toEqual(['body', 'child', 'grandchild', 'result'])
  })

  it('of a group are aborted by the first failure, and all awaited before it is thrown', async () => {
    const ends: string[] = []
    let failing: RuntimeTask | undefined
    const error = await AsyncRuntime.taskGroup(async group => {
      failing = group
      group.spawn(
        async task => {
          await aborted(task.signal)
          await new Promise(resolve => setImmediate(resolve))
          ends.push(`sibling: ${(task.signal.reason as Error).message}`)
        },
        { name: 'sibling' },
      )
      group.spawn(() => Promise.reject(new Error('no data')), { name: 'fetch' })
      await aborted(group.signal)
      ends.push('body')
    }).catch((thrown: OrchestrationError) => thrown)
    expect(error).toMatchObject({ message: 'no data' })
    expect(ends).toEqual(['body', 'sibling: Stopped, because task "group->fetch" has failed: no data'])
    expect(() => failing?.spawn(() => 1, { name: 'late' })).toThrow(/is over/)
  })

  it('of an inner group fail it alone', async () => {
    const result = await AsyncRuntime.taskGroup(async outer => {
      const inner = await outer
        .taskGroup(group => group.spawn(() => Promise.reject(new Error('inner')), { name: 'a' }).result)
        .catch((thrown: Error) => thrown.message)
      return [inner, outer.signal.aborted]
    })
    expect(result).toEqual(['inner', false])
  })

  it('are aborted from outside, and nobody listens to the signal afterwards', async () => {
    const controller = new AbortController()
    const group = AsyncRuntime.taskGroup(task => task.sleep(1e6), { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(group).rejects.toThrow('enough')
  })
})

describe('S0-34 sleep', () => {
  it('waits on the clock that it is given, and stops when aborted', async () => {
    const clock = new ManualClock()
    let over = false
    const sleeping = AsyncRuntime.sleep(50, { clock }).then(() => (over = true))
    await clock.advance(49)
    expect(over).toBe(false)
    await clock.advance(1)
    await sleeping
    await expect(AsyncRuntime.sleep(50, { clock, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
    await AsyncRuntime.sleep(0)
  })

  it('takes no time in a backtest, and time passes there in its order', async () => {
    const day = 86_400_000
    const clock = new BacktestClock(new Date('2024-05-01'))
    const seen: string[] = []
    await AsyncRuntime.taskGroup(
      group => {
        for (const days of [3, 1, 2]) {
          group.spawn(
            async task => {
              await task.sleep(days * day)
              seen.push(new Date(clock.now()).toISOString().slice(0, 10))
            },
            { name: `${days}` },
          )
        }
      },
      { clock },
    )
    expect(seen).toEqual(['2024-05-02', '2024-05-03', '2024-05-04'])
    const timer = clock.setTimeout(() => seen.push('never'), 1)
    clock.clearTimeout(timer)
    const orch = notes()
    orch.addNode('wait', (state, _p, context) => context.sleep(day).then(() => void state.notes.push('waited')))
    expect((await orch.run({}, { clock })).latencies).toEqual({ wait: day })
    expect(seen).not.toContain('never')
    expect(() => new BacktestClock(new Date('never'))).toThrow(RangeError)
  })
})
