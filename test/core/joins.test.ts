import { describe, expect, it } from 'vitest'
import {
  CollectRunnable,
  DelayRunnable,
  type JoinOptions,
  JoinRunnable,
  OrchestrationAdvancer,
  type OrchestrationRunnable,
  sendTo,
} from '../../src/core/index.js'
import { begin, each, fail, fork, machine, pass, rejection, say, slow, step, tokensOf } from './machines.js'

function collect(name = 'J', options: JoinOptions = {}): OrchestrationRunnable<unknown, readonly unknown[]> {
  return new CollectRunnable<unknown>(options).configure({ name }) as OrchestrationRunnable<unknown, readonly unknown[]>
}

describe('a join', () => {
  it('gets its inputs in declared order, whatever the timing', async () => {
    for (const delays of [
      [30, 20, 10],
      [10, 20, 30],
      [20, 5, 20],
    ]) {
      const join = collect()
      const branches = ['A', 'B', 'C'].map((name, index) => slow(name, delays[index] as number).addAdvancer(join))
      const { clock, run } = begin(machine(fork('F', ...branches)), 1)
      await clock.advance(30)
      expect(await run.result).toEqual(['A', 'B', 'C'])
    }
  })

  it('calls join() once with all items, and its output goes on (S4-31)', async () => {
    const calls: (readonly number[])[] = []
    class Sum extends JoinRunnable<number, number> {
      join(items: readonly number[]) {
        calls.push(items)
        return items.reduce((sum, item) => sum + item, 0)
      }
    }
    const orchestration = machine<number>(
      step<number, number[]>('Plan', n => [n, n, n]).addAdvancer(each<number>('Work')),
      step<number, number>('Work', n => n + 1).addAdvancer(
        new Sum().addAdvancer(step<number, string>('End', n => `${n}`)),
      ),
    )
    expect(await orchestration.run(1)).toBe('6')
    expect(calls).toEqual([[2, 2, 2]])
  })

  it('waits for unequal branches and fires once (LT combinational waiter)', async () => {
    const join = collect()
    const long = say('B1').addAdvancer(say('B2').addAdvancer(say('B3').addAdvancer(slow('B4', 100).addAdvancer(join))))
    const { clock, run, events } = begin(machine(fork('F', say('A').addAdvancer(join), long)), 1)
    await clock.advance(99)
    expect(events.ofType('join.waiting').map(event => event.arrived)).toEqual([1])
    await clock.advance(1)
    expect(await run.result).toEqual(['A', 'B4'])
    expect(events.ofType('join.fired')).toMatchObject([{ stateName: 'J', token: '0:1', branches: ['0:0.0', '0:0.1'] }])
  })

  it('is released by a branch that goes elsewhere', async () => {
    const join = collect()
    const straying = slow('B', 10)
      .addAdvancer(() => false, join)
      .addAdvancer(slow('Elsewhere', 1000))
    const { clock, run, events } = begin(machine(fork('F', say('A').addAdvancer(join), straying)), 1)
    await clock.advance(9)
    expect(events.ofType('join.fired')).toEqual([])
    await clock.advance(1)
    expect(events.ofType('join.fired')).toMatchObject([{ branches: ['0:0.0'] }])
    await clock.advance(1000)
    await run.result
    expect(run.results).toEqual([['A'], 'Elsewhere'])
  })

  it('is released by a branch that ends', async () => {
    const join = collect()
    const ending = slow('B', 10)
      .configure({ allowDeadEnd: true })
      .addAdvancer(() => false, join)
    const { clock, run } = begin(machine(fork('F', say('A').addAdvancer(join), ending)), 1)
    await clock.advance(10)
    expect(await run.result).toEqual(['A'])
  })

  it('fails when one of its branches failed, and other branches go on (collect)', async () => {
    const join = collect()
    const { run } = begin(machine(fork('F', say('A').addAdvancer(join), fail('B').addAdvancer(join))), 1, {
      failure: 'collect',
    })
    const error = await rejection(run.result)
    expect(error).toMatchObject({ stateName: 'B', errors: [{ message: 'B broke' }, { code: 'JOIN_INSUFFICIENT' }] })
  })

  it('proceeds without a branch that failed if told so, and the run completes', async () => {
    const join = collect('J', { onInsufficient: 'proceed' })
    const { run } = begin(machine(fork('F', fail('A').addAdvancer(join), say('B').addAdvancer(join))), 1, {
      failure: 'collect',
    })
    expect(await run.result).toEqual(['B'])
    expect(run.status).toBe('completed')
  })

  it('that fails can be routed with onError', async () => {
    const quorum = collect('J', { policy: { quorum: 2 } }).onError(
      () => true,
      step<string, string>('Rescue', text => text),
      f => f.error.message,
    )
    const { run } = begin(
      machine(
        fork(
          'F',
          say('A').addAdvancer(quorum),
          say('B')
            .configure({ allowDeadEnd: true })
            .addAdvancer(() => false, quorum),
        ),
      ),
      1,
    )
    expect(await run.result).toContain('2 needed, 1 arrived')
  })

  it('inside a loop has a new barrier in each of 10 iterations, and the identity stays 0:n', async () => {
    let round = 0
    const join = collect()
    const start = fork(
      'F',
      slow('A', 5).addAdvancer(join),
      slow('B', 3).addAdvancer(join),
      slow('C', 9).addAdvancer(join),
    )
    join.addAdvancer(() => ++round < 10, start).addAdvancer(pass('End'))
    const { clock, run, events } = begin(machine(start), 1)
    await clock.advance(100)
    expect(await run.result).toEqual(['A', 'B', 'C'])
    expect(events.ofType('join.fired').map(event => event.token)).toEqual(
      [...Array(10).keys()].map(n => `0:${2 * n + 1}`),
    )
    for (const fired of events.ofType('join.fired')) expect(fired.branches).toHaveLength(3)
    expect(tokensOf(events).at(-1)).toBe('End 0:20')
  })

  it('inside another fan-out joins that branch only', async () => {
    const outer = collect('Outer')
    const inner = collect('Inner').addAdvancer(outer)
    const nested = fork('G', slow('A', 5).addAdvancer(inner), slow('B', 1).addAdvancer(inner))
    const { clock, run, events } = begin(machine(fork('F', nested, slow('C', 3).addAdvancer(outer))), 1)
    await clock.advance(10)
    expect(await run.result).toEqual([['A', 'B'], 'C'])
    expect(tokensOf(events)).toContain('Inner 0:0.0:1')
    expect(tokensOf(events)).toContain('Outer 0:1')
  })

  it('of several visits at once keeps the fan-outs apart', async () => {
    const inner = collect('Inner').addAdvancer(collect('Outer'))
    const orchestration = machine<number>(
      step<number, number[]>('Plan', () => [3, 2, 1]).addAdvancer(each<number>('Sub')),
      step<number, number[]>('Sub', n => [n, n * 10]).addAdvancer(each<number>('Leaf')),
      step<number, number>('Leaf', async (n, context) => {
        await context.sleep(n)
        return n
      }).addAdvancer(inner as never),
    )
    const { clock, run, events } = begin(orchestration, 0)
    await clock.advance(30)
    expect(await run.result).toEqual([
      [3, 30],
      [2, 20],
      [1, 10],
    ])
    expect(events.ofType('join.fired')).toHaveLength(4)
  })

  it('whose arrivals come from nested and outer fan-outs fires once', async () => {
    const join = collect()
    const nested = fork('G', slow('A', 5).addAdvancer(join), slow('B', 1).addAdvancer(join))
    const { clock, run, events } = begin(machine(fork('F', nested, slow('C', 3).addAdvancer(join))), 1)
    await clock.advance(10)
    expect(await run.result).toEqual(['A', 'B', 'C'])
    expect(events.ofType('join.fired')).toMatchObject([{ token: '0:1' }])
  })

  it('any goes on with the first, and cancels the others', async () => {
    const aborted: string[] = []
    const watched = step<unknown, string>('B', async (_, context) => {
      context.signal.addEventListener('abort', () => aborted.push((context.signal.reason as Error).message))
      await context.sleep(1000)
      return 'B'
    })
    const join = collect('J', { policy: 'any' })
    const { clock, run, events } = begin(
      machine(fork('F', slow('A', 10).addAdvancer(join), watched.addAdvancer(join))),
      1,
    )
    await clock.advance(10)
    expect(await run.result).toEqual(['A'])
    expect(aborted).toEqual([expect.stringContaining('join "J" no longer needs this branch')])
    expect(clock.pendingTimers).toBe(0)
    events.expectInOrder([
      { type: 'state.skipped', stateName: 'B' },
      { type: 'branch.completed', branch: '0:0.1', outcome: 'cancelled' },
      'join.fired',
      'orchestration.completed',
    ])
  })

  it('any does not start a sibling that it has cancelled', async () => {
    const started: string[] = []
    const join = collect('J', { policy: 'any' })
    const late = step('Late', () => started.push('Late')).addAdvancer(join)
    const { run, events } = begin(machine(fork('F', join as OrchestrationRunnable<unknown, unknown>, late)), 'x')
    expect(await run.result).toEqual(['x'])
    expect(started).toEqual([])
    expect(events.states).toEqual(['F', 'J'])
  })

  it('with a quorum goes on with so many, in declared order', async () => {
    const join = collect('J', { policy: { quorum: 2 } })
    const branches = [30, 20, 10].map((ms, index) => slow('ABC'[index] as string, ms).addAdvancer(join))
    const { clock, run } = begin(machine(fork('F', ...branches)), 1)
    await clock.advance(20)
    expect(await run.result).toEqual(['B', 'C'])
  })

  it.each(['fail', 'proceed'] as const)('with a quorum that cannot be reached any more: %s', async onInsufficient => {
    const join = collect('J', { policy: { quorum: 2 }, onInsufficient })
    const { run } = begin(machine(fork('F', say('A').addAdvancer(join), fail('B').addAdvancer(join))), 1, {
      failure: 'collect',
    })
    if (onInsufficient === 'proceed') expect(await run.result).toEqual(['A'])
    else expect((await rejection(run.result)).message).toContain('B broke (and 1 more)')
  })

  it.each(['fail', 'proceed'] as const)('whose time is up will %s', async onInsufficient => {
    const join = collect('J', { timeoutMs: 50, onInsufficient })
    const { clock, run } = begin(
      machine(fork('F', slow('A', 10).addAdvancer(join), slow('B', 1000).addAdvancer(join))),
      1,
    )
    await clock.advance(59)
    expect(run.status).toBe('running')
    await clock.advance(1)
    if (onInsufficient === 'proceed') expect(await run.result).toEqual(['A'])
    else expect((await rejection(run.result)).message).toContain('time is up after 50 ms with 1 arrived')
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes its timer back when it fires', async () => {
    const join = collect('J', { timeoutMs: 50 }).addAdvancer(slow('End', 100))
    const { clock, run } = begin(
      machine(fork('F', slow('A', 10).addAdvancer(join), slow('B', 20).addAdvancer(join))),
      1,
    )
    await clock.advance(120)
    expect(await run.result).toBe('End')
    expect(clock.pendingTimers).toBe(0)
  })

  it('with cancelRest: false lets the others go on, takes them up and does not fire again', async () => {
    const join = collect('J', { policy: 'any', cancelRest: false }).addAdvancer(slow('End', 100))
    const done: string[] = []
    const second = slow('B', 50).addAdvancer(step('B2', () => done.push('B2')).addAdvancer(join))
    const { clock, run, events } = begin(machine(fork('F', slow('A', 10).addAdvancer(join), second)), 1)
    await clock.advance(200)
    expect(await run.result).toBe('End')
    expect(done).toEqual(['B2'])
    expect(events.ofType('join.fired')).toHaveLength(1)
    expect(events.ofType('branch.completed')).toContainEqual(
      expect.objectContaining({ branch: '0:0.1', outcome: 'joined' }),
    )
  })

  it('with cancelRest: false is not fired again by a branch that forked and joined in between', async () => {
    const join = collect('J', { policy: 'any', cancelRest: false })
    const inner = collect('Inner').addAdvancer(join)
    const nested = fork('G', slow('B', 50).addAdvancer(inner), slow('C', 60).addAdvancer(inner))
    const { clock, run, events } = begin(machine(fork('F', slow('A', 10).addAdvancer(join), nested)), 1)
    await clock.advance(100)
    expect(await run.result).toEqual(['A'])
    expect(events.ofType('join.fired').map(event => event.stateName)).toEqual(['J', 'Inner'])
  })

  it('with cancelRest: false fires for a new fan-out of a branch that it no longer waits for', async () => {
    const join = collect('J', { policy: 'any', cancelRest: false })
    let again = true
    const f = fork('F')
    const b = slow('B', 50)
      .addAdvancer(() => again && !(again = false), f)
      .addAdvancer(join)
    f.addAdvancer(slow('A', 10).addAdvancer(join)).addAdvancer(b)
    const { clock, run, events } = begin(machine(f), 1)
    await clock.advance(200)
    await run.result
    expect(events.ofType('join.fired').map(event => event.branches)).toEqual([['0:0.0'], ['0:0.1:1.0']])
  })

  it('fails once when several joins fail at once, and cleans up once', async () => {
    let cleanups = 0
    const third = say('C').configure({ allowDeadEnd: true })
    third.cleanup = () => {
      cleanups++
    }
    const [j, k] = ['J', 'K'].map(name => collect(name, { policy: { quorum: 2 } })) as [
      OrchestrationRunnable<unknown, readonly unknown[]>,
      OrchestrationRunnable<unknown, readonly unknown[]>,
    ]
    third.addAdvancer(() => false, j).addAdvancer(() => false, k)
    const { run, events } = begin(machine(fork('F', say('A').addAdvancer(j), say('B').addAdvancer(k), third)), 1)
    await rejection(run.result)
    expect(cleanups).toBe(1)
    expect(events.ofType('state.failed')).toHaveLength(1)
    expect(events.ofType('join.fired')).toEqual([])
  })

  it('does not hang where two joins wait for each other: the one declared first goes on', async () => {
    const j = collect('J')
    const k = collect('K')
    let first = true
    j.addAdvancer(() => first && !(first = false), k).addAdvancer(pass('End'))
    k.addAdvancer(() => false, j).addAdvancer(pass('End2'))
    const { run } = begin(machine(fork('F', say('A').addAdvancer(j), say('B').addAdvancer(k))), 1)
    await run.result
    expect(run.results).toEqual([[['A'], 'B']])
  })

  it('does not hang where two joins wait for each other and the first one fails (collect)', async () => {
    const j = collect('J', { policy: { quorum: 2 } })
    const k = collect('K')
    j.addAdvancer(k)
    k.addAdvancer(() => false, j).addAdvancer(pass('End2'))
    const { run } = begin(machine(fork('F', say('A').addAdvancer(j), say('B').addAdvancer(k))), 1, {
      failure: 'collect',
    })
    await rejection(run.result)
    expect(run.status).toBe('failed')
  })

  it('whose branch leaves for another join outside has the same identity whichever fires first', async () => {
    const observe = async (inside: number, outside: number) => {
      const j = collect('J').addAdvancer(pass('AfterJ'))
      const k = collect('K').addAdvancer(pass('AfterK'))
      const g = fork('G', slow('A', inside).addAdvancer(j), say('A2').addAdvancer(j), say('B').addAdvancer(k))
      const { clock, run, events } = begin(machine(fork('F', g, slow('C', outside).addAdvancer(k))), 1)
      await clock.advance(100)
      await run.result
      return [[...tokensOf(events)].sort(), run.results]
    }
    expect(await observe(1, 50)).toEqual(await observe(50, 1))
  })

  it('waits for a branch that goes through the same fan-out again and comes back by another join', async () => {
    const join = collect('J')
    const inner = collect('K').addAdvancer(join)
    const f = fork('F')
    const visit = (wanted: boolean) => (_: unknown, context: { token: string }) => (context.token === '0:0') === wanted
    f.addAdvancer(visit(true), say('A').addAdvancer(join))
      .addAdvancer(visit(true), slow('B', 10).addAdvancer(f))
      .addAdvancer(visit(false), say('C').addAdvancer(inner))
      .addAdvancer(visit(false), slow('D', 10).addAdvancer(inner))
    const { clock, run, events } = begin(machine(f), 1)
    await clock.advance(20)
    expect(await run.result).toEqual(['A', ['C', 'D']])
    expect(events.ofType('join.fired').map(event => event.stateName)).toEqual(['K', 'J'])
  })

  it('that fans out again itself waits for those branches only', async () => {
    let round = 0
    const join = collect('J', { timeoutMs: 20, onInsufficient: 'proceed', cancelRest: false })
    join.configure({ parallelAdvances: true })
    join
      .addAdvancer(() => round === 0, say('C').addAdvancer(join))
      .addAdvancer(() => round === 0, say('D').addAdvancer(join))
      .addAdvancer(() => ++round > 1, pass('End'))
    const { clock, run, events } = begin(
      machine(fork('F', say('A').addAdvancer(join), slow('Straggler', 1000).addAdvancer(join))),
      1,
    )
    await clock.advance(2000)
    expect(await run.result).toEqual(['C', 'D'])
    expect(events.ofType('join.fired').map(event => event.at)).toEqual([20, 20])
  })

  it('that cancels the only branch that waits at another join leaves nothing of it behind', async () => {
    const other = collect('Other', { timeoutMs: 500 })
    const join = collect('J', { policy: 'any' })
    other.addAdvancer(join)
    const branches = [say('A').addAdvancer(other), slow('B', 10).addAdvancer(other), slow('C', 5).addAdvancer(join)]
    const { clock, run } = begin(machine(fork('F', ...branches)), 1)
    await clock.advance(5)
    expect(await run.result).toEqual(['C'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('reports each branch as over once', async () => {
    const join = collect().addAdvancer(pass('End'))
    const straying = say('C')
      .addAdvancer(() => false, join)
      .addAdvancer(say('Elsewhere'))
    const { run, events } = begin(
      machine(fork('F', say('A').addAdvancer(join), say('B').addAdvancer(join), straying)),
      1,
    )
    await run.result
    const over = events.ofType('branch.completed').map(event => `${event.branch} ${event.outcome}`)
    expect([...over].sort()).toEqual(['0:0.0 joined', '0:0.1 completed', '0:0.2 completed'])
  })

  it('waits for a branch that waits for time or people', async () => {
    const join = collect()
    const waiting = new DelayRunnable<unknown>(500).configure({ name: 'A' }).addAdvancer(join)
    const { clock, run } = begin(machine(fork('F', waiting, say('B').addAdvancer(join))), 'x')
    await clock.advance(500)
    expect(await run.result).toEqual(['x', 'B'])
  })

  it('takes an advancer that does not say where it leads for one that may lead to it', async () => {
    class Anywhere extends OrchestrationAdvancer<unknown> {
      getNextRunnable() {
        return 'J'
      }
    }
    const join = collect()
    const undeclared = slow('B', 10).addAdvancer(new Anywhere())
    const { clock, run } = begin(machine(fork('F', say('A').addAdvancer(join), undeclared)), 1)
    await clock.advance(10)
    expect(await run.result).toEqual(['A', 'B'])
  })
})

describe('a join that names the state whose fan-outs it closes (forkedBy)', () => {
  interface Call {
    readonly depth: number
    readonly results?: readonly unknown[]
  }

  /** A state that asks two others, which ask it in turn: every call has to get its own results. */
  function recursion(options: JoinOptions): ReturnType<typeof machine<Call>> {
    class ToCaller extends OrchestrationAdvancer<Call> {
      override getNextRunnable({ depth, results }: Call) {
        if (results !== undefined) return depth === 3 ? 'End' : 'Gather'
        return [sendTo('Worker', { depth: depth - 1 }), sendTo('Worker', { depth: depth - 1 })]
      }
    }
    class Gather extends JoinRunnable<Call, Call> {
      override get joinOptions() {
        return options
      }
      join(calls: readonly Call[]): Call {
        return { depth: (calls[0]?.depth ?? 0) + 1, results: calls.map(({ results }) => results) }
      }
    }
    const hub = step<Call, Call>('Hub', call => call).setAdvancer(new ToCaller())
    const worker = step<Call, Call>('Worker', call => (call.depth === 0 ? { depth: 0, results: [] } : call))
      .addAdvancer(({ depth }) => depth === 0, 'Gather')
      .addAdvancer(hub)
    const end = step<Call, unknown>('End', ({ results }) => results)
    return machine<Call>(worker, new Gather().configure({ name: 'Gather' }).addAdvancer(hub), end)
  }

  it('gives each call its own results, also where the join is reached on other paths', async () => {
    const leaf: readonly unknown[] = []
    const pair = [leaf, leaf]
    expect(await recursion({ forkedBy: 'Hub' }).run({ depth: 3 })).toEqual([
      [pair, pair],
      [pair, pair],
    ])
  })

  it('would mix the results of all calls without', async () => {
    const result = await recursion({}).run({ depth: 3 })
    expect(result).not.toHaveLength(2)
  })

  /** `Start` opens two branches: one asks two others in a call, and comes to `Meet` then; the other is given. */
  function calling(other: (meet: OrchestrationRunnable<unknown, unknown>) => OrchestrationRunnable<unknown, unknown>) {
    const meet = collect('Meet', { forkedBy: 'Start' })
    const gather = collect('Gather', { forkedBy: 'Call' }).addAdvancer(
      pass<readonly unknown[]>('After').addAdvancer(meet),
    )
    const call = step<unknown>('Call', async (input, context) => {
      await context.sleep(10)
      return input
    }).configure({ parallelAdvances: true }) as OrchestrationRunnable<unknown, unknown>
    call.addAdvancer(say('H1').addAdvancer(gather)).addAdvancer(say('H2').addAdvancer(gather))
    return machine(fork('Start', call, other(meet)), gather as OrchestrationRunnable<never, unknown>)
  }

  it('waits for a branch at the state that is about to open a fan-out of another join', async () => {
    const { clock, run } = begin(
      calling(meet => say('B').addAdvancer(meet)),
      1,
    )
    await clock.advance(10)
    expect(await run.result).toEqual([['H1', 'H2'], 'B'])
  })

  it('does not take up the failure of a branch that it has not waited for, whichever comes first', async () => {
    for (const ms of [5, 20]) {
      const broken = step<unknown, string>('Broken', async (_, context) => {
        await context.sleep(ms)
        throw new Error('Broken broke')
      })
      const { clock, run, events } = begin(
        calling(() => broken.addAdvancer('Gather')),
        1,
        { failure: 'collect' },
      )
      await clock.advance(20)
      expect(await rejection(run.result)).toMatchObject({ cause: { message: 'Broken broke' } })
      expect(tokensOf(events)).toContain('Meet 0:0.0:3')
    }
  })

  it('is refused before the run when there is no such state, or several', () => {
    expect(() => recursion({ forkedBy: 'Hubb' }).graph).toThrow(/join "Gather" is `forkedBy` a state that is not there/)
  })
})
