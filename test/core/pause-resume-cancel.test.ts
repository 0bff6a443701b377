import { describe, expect, it } from 'vitest'
import { ApprovalRunnable, OrchestrationCancelledError } from '../../src/core/index.js'
import { begin, fork, machine, pass, rejection, say, slow, step } from './machines.js'

describe('pause', () => {
  it('drains what is at work, starts nothing more, and resume goes on', async () => {
    const { clock, run, events } = begin(machine(slow('A', 10).addAdvancer(slow('B', 10).addAdvancer(pass('C')))), 1)
    await clock.advance(5)
    let drained = false
    const paused = run.pause().then(() => {
      drained = true
    })
    await clock.advance(4)
    expect([drained, run.status]).toEqual([false, 'running'])
    await clock.advance(1)
    await paused
    await clock.advance(1000)
    expect([run.status, events.states]).toEqual(['paused', ['A']])
    run.resume()
    await clock.advance(10)
    expect(await run.result).toBe('B')
    events.expectInOrder([
      { type: 'state.completed', stateName: 'A' },
      'orchestration.paused',
      'orchestration.resumed',
      { type: 'state.started', stateName: 'B' },
    ])
  })

  it('right after the start pauses before the first state', async () => {
    const { run, events } = begin(machine(say('A')), 1)
    await run.pause()
    expect([run.status, events.types]).toEqual(['paused', ['orchestration.started', 'orchestration.paused']])
    run.resume()
    expect(await run.result).toBe('A')
  })

  it('and resume before the start leave nothing behind', async () => {
    const { run, events } = begin(machine(say('A')), 1)
    const paused = run.pause()
    run.resume()
    expect(await run.result).toBe('A')
    await paused
    expect(events.types).not.toContain('orchestration.paused')
  })

  it('that is taken back before it took effect resolves, and is no event', async () => {
    const { clock, run, events } = begin(machine(slow('A', 10).addAdvancer(say('B'))), 1)
    await clock.advance(1)
    const paused = run.pause()
    run.resume()
    await paused
    await clock.advance(10)
    expect(await run.result).toBe('B')
    expect(events.types.filter(type => /paused|resumed/.test(type))).toEqual([])
  })

  it('twice, or of a run that has ended, does no harm', async () => {
    const { run, events } = begin(machine(say('A')), 1)
    await Promise.all([run.pause(), run.pause()])
    await run.pause()
    run.resume()
    run.resume()
    await run.result
    await run.pause()
    run.resume()
    expect(events.types.filter(type => /paused|resumed/.test(type))).toEqual([
      'orchestration.paused',
      'orchestration.resumed',
    ])
    expect(run.status).toBe('completed')
  })

  it('during the last state lets the run complete', async () => {
    const { clock, run } = begin(machine(slow('A', 10)), 1)
    await clock.advance(1)
    const paused = run.pause()
    await clock.advance(10)
    await paused
    expect(await run.result).toBe('A')
  })

  it('lets answers come in meanwhile, and goes on with them after resume', async () => {
    const approval = new ApprovalRunnable<unknown>().configure({ name: 'Ask' })
    const { run, events } = begin(machine(approval.addAdvancer(pass('After'))), 'draft')
    await untilWaiting(events)
    await run.pause()
    expect(run.status).toBe('paused')
    await run.approve('Ask')
    expect(events.states).toEqual(['Ask'])
    run.resume()
    expect(await run.result).toMatchObject({ outcome: 'approved', subject: 'draft' })
  })

  it('in lockstep keeps the next layer for later', async () => {
    const { clock, run, events } = begin(
      machine(fork('F', slow('A', 10).addAdvancer(say('A2')), slow('B', 20).addAdvancer(say('B2')))),
      1,
      { scheduling: 'lockstep' },
    )
    await clock.advance(1)
    const paused = run.pause()
    await clock.advance(20)
    await paused
    expect(events.states).toEqual(['F', 'A', 'B'])
    run.resume()
    await run.result
    expect(run.results).toEqual(['A2', 'B2'])
  })
})

describe('cancel (LT-11)', () => {
  it('before the start runs nothing', async () => {
    const { run, events } = begin(machine(say('A')), 1)
    run.cancel('changed my mind')
    const error = await rejection(run.result)
    expect(error).toBeInstanceOf(OrchestrationCancelledError)
    expect(error).toMatchObject({ reason: 'changed my mind', code: 'RUN_CANCELLED' })
    expect([run.status, events.types]).toEqual(['cancelled', ['orchestration.cancelled']])
  })

  it('aborts the state at work at once, and drops what it still delivers', async () => {
    let finish: (value: string) => void = () => undefined
    const signals: AbortSignal[] = []
    const stubborn = step<unknown, string>('A', (_, context) => {
      signals.push(context.signal)
      return new Promise<string>(resolve => {
        finish = resolve
      })
    })
    const { clock, run, events } = begin(machine(stubborn.addAdvancer(pass('B'))), 1)
    await clock.advance(0)
    run.cancel('enough')
    await rejection(run.result)
    expect(signals[0]?.aborted).toBe(true)
    finish('late')
    await clock.advance(0)
    expect(events.types.slice(-2)).toEqual(['state.skipped', 'orchestration.cancelled'])
  })

  it('aborts ctx.signal also for a state that asks for it later only', async () => {
    let aborted: boolean | undefined
    const late = step('A', async (_, context) => {
      await context.sleep(10).catch(() => undefined)
      aborted = context.signal.aborted
    })
    const { clock, run } = begin(machine(late), 1)
    await clock.advance(1)
    run.cancel()
    await rejection(run.result)
    await clock.advance(0)
    expect(aborted).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('while pausing, while paused, while waiting and while routing ends the run', async () => {
    const pausing = begin(machine(slow('A', 10)), 1)
    await pausing.clock.advance(1)
    const paused = pausing.run.pause()
    pausing.run.cancel()
    await paused
    await rejection(pausing.run.result)

    const standing = begin(machine(say('A')), 1)
    await standing.run.pause()
    standing.run.cancel()
    await rejection(standing.run.result)

    const waiting = begin(machine(new ApprovalRunnable<unknown>({ timeoutMs: 100 }).configure({ name: 'Ask' })), 1)
    await waiting.clock.advance(1)
    waiting.run.cancel()
    await rejection(waiting.run.result)
    expect(waiting.run.requests).toEqual([])
    expect(waiting.clock.pendingTimers).toBe(0)

    let decide: (matches: boolean) => void = () => undefined
    const routing = begin(
      machine(
        pass('A').addAdvancer(
          () =>
            new Promise<boolean>(resolve => {
              decide = resolve
            }),
          say('B'),
        ),
      ),
      1,
    )
    await routing.clock.advance(0)
    routing.run.cancel()
    await rejection(routing.run.result)
    decide(true)
    await routing.clock.advance(0)
    expect(routing.events.states).toEqual(['A'])
    for (const { run, events } of [pausing, standing, waiting, routing]) {
      expect([run.status, events.types.at(-1)]).toEqual(['cancelled', 'orchestration.cancelled'])
    }
  })

  it('from inside a state, and of a run that has ended', async () => {
    const { run, events } = begin(
      machine(
        step('A', () => {
          run.cancel('from inside')
        }).addAdvancer(pass('B')),
      ),
      1,
    )
    expect(await rejection(run.result)).toMatchObject({ reason: 'from inside' })
    run.cancel('again')
    expect(events.ofType('orchestration.cancelled')).toHaveLength(1)
  })

  it('while hooks clean up comes too late: the run ends as decided', async () => {
    const { run } = begin(machine(Object.assign(say('A'), { cleanup: async () => run.cancel('late') })), 1)
    expect(await run.result).toBe('A')
    expect(run.status).toBe('completed')
  })

  it('by an external AbortSignal, also one that has aborted before', async () => {
    const controller = new AbortController()
    const { clock, run } = begin(machine(slow('A', 10)), 1, { signal: controller.signal })
    await clock.advance(1)
    controller.abort(new Error('user left'))
    expect(await rejection(run.result)).toMatchObject({ reason: 'user left' })
    const before = begin(machine(say('A')), 1, { signal: AbortSignal.abort('never mind') })
    expect(await rejection(before.run.result)).toMatchObject({ reason: 'never mind' })
    expect(before.events.states).toEqual([])
  })

  it('leaves nothing on the external signal after the run', async () => {
    const listeners: string[] = []
    const { signal } = new AbortController()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = ((...args: Parameters<typeof add>) => (listeners.push('+'), add(...args))) as typeof add
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => (
      listeners.push('-'), remove(...args)
    )) as typeof remove
    await machine(say('A')).run(1, { signal })
    expect(listeners).toEqual(['+', '-'])
  })
})

async function untilWaiting(events: { readonly types: readonly string[] }): Promise<void> {
  while (!events.types.includes('state.waiting')) await Promise.resolve()
}
