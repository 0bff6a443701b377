import { config as rxjs } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  isTerminalEvent,
  type OrchestrationEvent,
  OrchestrationEventType,
  type RunContext,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { EventRecorder } from '../../src/testing/index.js'
import { begin, fail, fork, type Machine, machine, pass, rejection, say, slow, step } from './machines.js'

/** Everything that makes events: custom ones, a sub-orchestration, branches, a failure that is handled. */
function busy(): Machine<unknown, unknown> {
  const talking = step('Talk', async (_, context) => {
    context.emit({ type: 'custom', name: 'before' })
    await context.sleep(5)
    context.emit({ type: 'custom', name: 'after', data: 1 })
    return 'talked'
  })
  const sub = new SubOrchestrationRunnable(machine(say('Inner').addAdvancer(slow('Inner2', 3)))).configure({
    name: 'Sub',
  })
  return machine(
    fork('F', talking.addAdvancer(pass('T2')), sub as never, fail('Broken').onError(pass('Rescue') as never)),
  )
}

function expectWhole(events: readonly OrchestrationEvent[], from = 0): void {
  expect(events.map(event => event.seq)).toEqual(events.map((_, index) => index + from))
  expect(events.findIndex(isTerminalEvent)).toBe(events.length - 1)
}

describe('the events of a run', () => {
  it('S4-24 tell what happened, in order', async () => {
    const { run, events } = begin(machine(say('A').addAdvancer(say('B'))), 'x', { runId: 'r' })
    await run.result
    expect(events.events).toEqual([
      { type: 'orchestration.started', runId: 'r', seq: 0, at: 0, orchestration: 'Machine', input: 'x' },
      { type: 'state.started', runId: 'r', seq: 1, at: 0, stateName: 'A', token: '0:0', input: 'x' },
      { type: 'state.completed', runId: 'r', seq: 2, at: 0, stateName: 'A', token: '0:0', output: 'A' },
      {
        type: 'state.transition',
        runId: 'r',
        seq: 3,
        at: 0,
        fromState: 'A',
        toState: 'B',
        advancer: '→ B',
        fromToken: '0:0',
        toToken: '0:1',
      },
      { type: 'state.started', runId: 'r', seq: 4, at: 0, stateName: 'B', token: '0:1', input: 'A' },
      { type: 'state.completed', runId: 'r', seq: 5, at: 0, stateName: 'B', token: '0:1', output: 'B' },
      { type: 'orchestration.completed', runId: 'r', seq: 6, at: 0, orchestration: 'Machine', output: 'B', steps: 2 },
    ])
    expect(events.completed).toBe(true)
    expect(OrchestrationEventType.StateTransition).toBe('state.transition')
  })

  it('have the time of the run’s clock', async () => {
    const { clock, run, events } = begin(machine(slow('A', 70)), 1)
    await clock.advance(70)
    await run.result
    expect(events.ofType('state.completed')[0]?.at).toBe(70)
  })

  it.each(['completes', 'fails', 'is cancelled'])(
    'are numbered without gaps, and nothing follows the last one: a run that %s',
    async how => {
      const { clock, run, events } = begin(busy(), 1)
      await clock.advance(how === 'completes' ? 10 : 4)
      if (how === 'fails') run.on('orchestration.failed', () => undefined)
      if (how !== 'completes') run.cancel()
      await run.result.catch(() => undefined)
      await clock.advance(100)
      expectWhole(events.events)
    },
  )

  it.each(['failFast', 'collect'] as const)('are numbered without gaps when branches fail (%s)', async failure => {
    const orchestration = machine(
      fork('F', slow('A', 10).addAdvancer(fail('A2')), slow('B', 20).addAdvancer(fail('B2')), slow('C', 30)),
    )
    const { clock, run, events } = begin(orchestration, 1, { failure })
    await clock.advance(100)
    await rejection(run.result)
    expectWhole(events.events)
  })

  it('have the same numbers for a late subscriber as for one that was there from the start', async () => {
    const first = begin(busy(), 1)
    await first.clock.advance(10)
    await first.run.result
    const late = busy().start(1, { clock: first.clock })
    await first.clock.advance(4)
    const events = new EventRecorder(late)
    await first.clock.advance(10)
    await late.result
    const [{ seq: from }] = events.events as [OrchestrationEvent]
    expect(from).toBeGreaterThan(10)
    expectWhole(events.events, from)
    expect(events.events.at(-1)?.seq).toBe(first.events.events.at(-1)?.seq)
  })

  it('have the same numbers when only the inner orchestration is observed meanwhile', async () => {
    const seq = async (observe: boolean) => {
      const inner = machine(say('Inner').addAdvancer(say('Inner2')))
      if (observe) inner.events$.subscribe()
      const after = slow('After', 5)
      const { clock, run, events } = begin(
        machine(
          (
            new SubOrchestrationRunnable(inner).configure({ name: 'Sub' }) as SubOrchestrationRunnable<unknown, unknown>
          ).addAdvancer(after),
        ),
        1,
      )
      events.stop()
      await clock.advance(1)
      const late = new EventRecorder(run)
      await clock.advance(5)
      await run.result
      return late.events.map(event => event.seq)
    }
    expect(await seq(true)).toEqual(await seq(false))
  })

  it('of a state come before those that an advancer emits about it', async () => {
    const start = pass('A').addAdvancer((_, context) => {
      context.emit({ type: 'custom', name: 'deciding' })
      return true
    }, say('B'))
    const { run, events } = begin(machine(start), 1)
    await run.result
    events.expectInOrder([
      { type: 'state.completed', stateName: 'A' },
      { type: 'custom', name: 'deciding' },
      'state.transition',
    ])
    expectWhole(events.events)
  })

  it('come to every subscriber in the same order, also when one of them causes more', async () => {
    let context: RunContext | undefined
    const start = step('A', async (_, ctx) => {
      context = ctx
      await ctx.sleep(5)
    }).addAdvancer(say('B'))
    const clock = begin(machine(say('x')), 1).clock
    const run = machine(start).start(1, { clock })
    run.on('state.completed', () => context?.emit({ type: 'custom', name: 'echo' }))
    run.on('orchestration.completed', () => context?.emit({ type: 'custom', name: 'too late' }))
    const events = new EventRecorder(run)
    await clock.advance(5)
    await run.result
    expectWhole(events.events)
    events.expectInOrder([
      { type: 'state.completed', stateName: 'A' },
      { type: 'custom', name: 'echo' },
    ])
  })

  it('of different runs are kept apart, and come together at the orchestration', async () => {
    const orchestration = machine(say('A').addAdvancer(slow('B', 1)))
    const all = new EventRecorder(orchestration)
    const { clock, run, events } = begin(orchestration, 1)
    const other = begin(orchestration, 2, { clock })
    await clock.advance(1)
    await Promise.all([run.result, other.run.result])
    expectWhole(events.events)
    expectWhole(other.events.events)
    expect(all.events).toHaveLength(events.events.length + other.events.events.length)
    expect(all.completed).toBe(false)
  })

  it('can be read with for await, and leaving the loop leaves the run alone', async () => {
    const { clock, run } = begin(machine(say('A').addAdvancer(slow('B', 5))), 1)
    const types: string[] = []
    for await (const event of run) {
      types.push(event.type)
      if (event.type === 'state.transition') break
    }
    expect(types.at(-1)).toBe('state.transition')
    const rest: string[] = []
    const reading = (async () => {
      for await (const event of run) rest.push(event.type)
    })()
    await clock.advance(5)
    await reading
    expect(await run.result).toBe('B')
    expect(rest.at(-1)).toBe('orchestration.completed')
  })

  it('are built for nobody: a run without listeners makes none', async () => {
    let reads = 0
    const clock = { now: () => (reads++, 0), setTimeout: () => 0, clearTimeout: () => undefined }
    await machine(fork('F', say('A'), say('B'))).run(1, { clock })
    expect(reads).toBe(0)
  })

  it('survive JSON, apart from the payloads in them', async () => {
    const { clock, run, events } = begin(busy(), 1)
    await clock.advance(10)
    await run.result
    for (const event of events.events) {
      const { input: _, output: __, ...rest } = event as unknown as Record<string, unknown>
      expect(JSON.parse(JSON.stringify(rest))).toEqual(rest)
    }
  })

  it('say where a branch ended, once, for each branch that was opened', async () => {
    const { clock, run, events } = begin(machine(fork('F', say('A'), slow('B', 50), fork('G', say('C'), say('D')))), 1)
    await clock.advance(10)
    run.cancel()
    await rejection(run.result)
    const over = events.ofType('branch.completed').map(event => `${event.branch} ${event.outcome}`)
    expect([...over].sort()).toEqual([
      '0:0.0 completed',
      '0:0.1 cancelled',
      '0:0.2:0.0 completed',
      '0:0.2:0.1 completed',
    ])
  })
})

describe('replay of events', () => {
  it('starts at any number and goes on live without gap or repetition', async () => {
    const { clock, run } = begin(machine(say('A').addAdvancer(slow('B', 5).addAdvancer(slow('C', 5)))), 1, {
      retainEvents: true,
    })
    await clock.advance(1)
    const from0 = new EventRecorder(run.eventsFrom(0))
    const from2 = new EventRecorder(run.eventsFrom(2))
    const future = new EventRecorder(run.eventsFrom(8))
    await clock.advance(4)
    await clock.advance(5)
    await run.result
    const after = new EventRecorder(run.eventsFrom(0))
    expectWhole(from0.events)
    expectWhole(after.events)
    expectWhole(from2.events, 2)
    expectWhole(future.events, 8)
    expect([from0.completed, after.completed]).toEqual([true, true])
  })

  it('loses nothing when the subscription comes later than the call, or causes events itself', async () => {
    const { clock, run } = begin(
      machine(new ApprovalRunnable<unknown>().configure({ name: 'Ask' }).addAdvancer(pass('B') as never)),
      1,
      { retainEvents: true },
    )
    const events$ = run.eventsFrom(0)
    await clock.advance(0)
    events$.subscribe(event => {
      if (event.type === 'approval.requested') void run.approve('Ask')
    })
    const events = new EventRecorder(events$)
    await run.result
    expectWhole(events.events)
    const causing: OrchestrationEvent[] = []
    const second = begin(machine(new ApprovalRunnable<unknown>().configure({ name: 'Ask' }) as never), 1 as unknown, {
      retainEvents: true,
    })
    await second.clock.advance(0)
    second.run.eventsFrom(0).subscribe(event => {
      causing.push(event)
      if (event.type === 'approval.requested') void second.run.approve('Ask')
    })
    await second.run.result
    expectWhole(causing)
  })

  it('of fewer events than asked for is refused, and keeps at least as many as it was told to', async () => {
    const { run } = begin(machine(fork('F', ...['A', 'B', 'C', 'D'].map(say))), 1, { retainEvents: 5 })
    await run.result
    expect(() => run.eventsFrom(0)).toThrow(expect.objectContaining({ code: 'EVENTS_NOT_RETAINED' }))
    const all = begin(machine(fork('F', ...['A', 'B', 'C', 'D'].map(say))), 1)
    await all.run.result
    const last = all.events.events.length - 1
    const events = new EventRecorder(run.eventsFrom(last - 4))
    expectWhole(events.events, last - 4)
    const none = begin(machine(say('A')), 1)
    await none.run.result
    expect(() => none.run.eventsFrom(0)).toThrow('retainEvents: true')
  })

  it('that is subscribed to too late tells so instead of leaving events out', async () => {
    const run = machine(say('A')).start(1)
    const events$ = run.eventsFrom(0)
    await run.result
    let error: unknown
    events$.subscribe({
      error: thrown => {
        error = thrown
      },
    })
    expect(error).toMatchObject({ code: 'EVENTS_NOT_RETAINED' })
  })
})

describe('stream()', () => {
  it('starts a run for each subscriber, and completes', async () => {
    const stream$ = machine(say('A')).stream(1)
    for (const _ of [1, 2]) {
      const events = new EventRecorder(stream$)
      while (!events.completed) await Promise.resolve()
      expectWhole(events.events)
    }
  })

  it('cancels its run when the subscriber leaves', async () => {
    const orchestration = machine(step('A', (_, context) => context.sleep(1000)))
    const all = new EventRecorder(orchestration)
    const { clock } = begin(machine(say('x')), 1)
    const subscription = orchestration.stream(1, { clock }).subscribe()
    await clock.advance(1)
    subscription.unsubscribe()
    await clock.advance(0)
    expect(all.events.at(-1)).toMatchObject({ type: 'orchestration.cancelled', reason: 'the subscriber has left' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not error when the run fails', async () => {
    const events = new EventRecorder(machine(fail('A')).stream(1))
    while (!events.completed) await Promise.resolve()
    expect(events.types.at(-1)).toBe('orchestration.failed')
  })
})

describe('a listener that throws', () => {
  afterEach(() => {
    rxjs.onUnhandledError = null
  })

  it('S4-25 harms no run and is reported: on(), onOrchestrationEvent, synchronous or not (LT-8)', async () => {
    const warnings: string[] = []
    const orchestration = machine(say('A')).configure({
      logger: { warn: (message, error) => warnings.push(`${message}: ${error.message}`) },
    })
    orchestration.on('state.started', () => {
      throw new Error('one')
    })
    orchestration.on('state.started', async () => Promise.reject(new Error('two')))
    orchestration.onOrchestrationEvent = async event => {
      if (event.type === 'state.completed') throw new Error('three')
    }
    const { clock, run } = begin(orchestration, 1)
    run.on('state.started', () => {
      throw new Error('four')
    })
    const off = run.on('state.started', () => warnings.push('never'))
    off()
    expect(await run.result).toBe('A')
    await clock.advance(0)
    expect([...warnings].sort()).toEqual([
      'a listener of "state.completed" failed: three',
      'a listener of "state.started" failed: four',
      'a listener of "state.started" failed: one',
      'a listener of "state.started" failed: two',
    ])
  })

  it('on the raw stream is left to RxJS, and harms no run and no other subscriber', async () => {
    const unhandled: unknown[] = []
    const reported = new Promise<void>(resolve => {
      rxjs.onUnhandledError = error => {
        unhandled.push(error)
        resolve()
      }
    })
    const run = machine(say('A')).start(1)
    run.events$.subscribe(event => {
      if (event.type === 'state.started') throw new Error('raw')
    })
    const events = new EventRecorder(run)
    expect(await run.result).toBe('A')
    expectWhole(events.events)
    await reported
    expect(unhandled).toMatchObject([{ message: 'raw' }])
  })
})
