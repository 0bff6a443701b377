import { describe, expect, it, vi } from 'vitest'
import { ApprovalRunnable, type Orchestration, OrchestrationRunnable } from '../../src/core/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { begin, machine, pass, rejection, say, step } from './machines.js'

function endless(kind: 'sync' | 'async'): Orchestration<number, unknown> {
  const loop = step<number, number>('Loop', kind === 'sync' ? n => n + 1 : async n => n + 1)
  loop.addAdvancer(n => n > 0, loop).addAdvancer(step<number, number>('End', n => n))
  return machine(loop).configure({ maxSteps: 50_000_000 })
}

describe('a run whose states never wait for anything', () => {
  it.each(['sync', 'async'] as const)('leaves the process its turn, so that its time limit holds (%s)', async kind => {
    const error = await rejection(endless(kind).run(1, { timeoutMs: 20 }))
    expect(error).toMatchObject({ cause: { code: 'RUN_TIMED_OUT' } })
  })

  it.each(['sync', 'async'] as const)('can be cancelled (%s)', async kind => {
    const run = endless(kind).start(1)
    setImmediate(() => run.cancel('enough'))
    expect(await rejection(run.result)).toMatchObject({ code: 'RUN_CANCELLED' })
  })
})

describe('a cleanup hook that never ends', () => {
  class Hanging extends OrchestrationRunnable<number, string> {
    invoke() {
      return 'done'
    }
    override async cleanup() {
      await new Promise(() => undefined)
    }
  }

  it('is given up after ten seconds, with an event, and the outcome stands', async () => {
    const clock = new ManualClock()
    const warn = vi.fn<(message: string, error: Error) => void>()
    const run = machine<number, string>(new Hanging()).start(1, { clock, logger: { warn } })
    const events = new EventRecorder(run)
    await clock.advance(9_999)
    expect(run.status).toBe('running')
    await clock.advance(1)
    expect(await run.result).toBe('done')
    events.expectInOrder([{ type: 'hook.failed', stateName: 'Hanging' }, 'orchestration.completed'])
    expect(warn).toHaveBeenCalledOnce()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('many runs', () => {
  it('may share one signal without a warning', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    const abort = new AbortController()
    const waiting = machine(new ApprovalRunnable<unknown>().configure({ name: 'Ask' }) as never)
    const runs = Array.from({ length: 50 }, () => waiting.start(1 as never, { signal: abort.signal }))
    await new Promise(setImmediate)
    abort.abort(new Error('shutting down'))
    for (const run of runs) expect((await rejection(run.result)).message).toContain('shutting down')
    await new Promise(setImmediate)
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})

describe('what only the engine may say', () => {
  it('cannot be emitted by a state', async () => {
    const forging = step('Forging', (_, context) => context.emit({ type: 'orchestration.completed' } as never))
    const error = await rejection(machine(forging).run(1))
    expect(error).toMatchObject({ cause: { code: 'OPTION_INVALID' } })
  })
})

describe('an answer', () => {
  it('may name its request by the event that announced it', async () => {
    const { run, events } = begin(
      machine(new ApprovalRunnable<unknown>().configure({ name: 'Ask' }) as never),
      1 as never,
    )
    run.on('approval.requested', event => run.approve(event))
    expect(await run.result).toMatchObject({ outcome: 'approved' })
    expect(events.ofType('approval.answered')).toHaveLength(1)
  })

  it('to nothing says that no such request is open', async () => {
    const { run } = begin(machine(new ApprovalRunnable<unknown>().configure({ name: 'Ask' }) as never), 1 as never)
    await new Promise(setImmediate)
    await expect(run.approve(undefined as never)).rejects.toThrow('No request "undefined" is open')
    run.cancel()
    await run.result.catch(() => undefined)
  })
})

describe('a definition in plain JavaScript', () => {
  it('is told what is wrong with it', () => {
    expect(() => pass('A').addAdvancer(undefined as never)).toThrow('Option `next` must be an advancer')
    expect(() => machine(say('A')).register(null as never)).toThrow('Option `runnables` must be instances')
  })
})
