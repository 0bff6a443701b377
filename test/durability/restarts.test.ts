import { Type } from 'class-transformer'
import { IsDate, IsNumber, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  DelayRunnable,
  Expired,
  type Interceptor,
  type JoinOptions,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
  SignalRunnable,
  StateFailure,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { retry, timeout } from '../../src/resilience/index.js'
import { advancer, fail, fork, machine, pass, rejection, say, slow, step } from '../core/machines.js'
import { begun, restarted } from './restart.js'

class Item {
  @IsString() name = ''
  label() {
    return `<${this.name}>`
  }
}
class Order {
  @IsNumber({ allowInfinity: true }) total = 0
  @IsDate() @Type(() => Date) due = new Date(0)
  @Type(() => Item) items: Item[] = []
  notes = new Map<string, Date>()
  tags = new Set<string>()
  count = 0n
}

function order(): Order {
  return Object.assign(new Order(), {
    total: Number.POSITIVE_INFINITY,
    due: new Date(86_400_000),
    items: [Object.assign(new Item(), { name: 'a' })],
    notes: new Map([['x', new Date(1)]]),
    tags: new Set(['new']),
    count: 2n ** 70n,
  })
}

/** A wait of 10 ms that every process has to come through. */
const wait = <T>(name = 'Wait') => new DelayRunnable<T>(10).configure({ name }) as OrchestrationRunnable<T, T>

describe('a value that was restored', () => {
  for (const snapshotEvery of [1, 500]) {
    it(`is an instance of its class again, with those inside it; snapshots every ${snapshotEvery}`, async () => {
      const seen: unknown[] = []
      const make = () =>
        machine<Order, Order>(
          pass<Order>('Before')
            .configure({ input: Order, output: Order })
            .addAdvancer(
              wait<Order>().addAdvancer(
                step<Order, Order>('After', value => {
                  seen.push(value)
                  return value
                }),
              ),
            ),
        ).configure({ input: Order, output: Order })
      const first = begun(make(), order(), { snapshotEvery })
      const second = await restarted(first, make(), { snapshotEvery })
      await second.clock.advance(10)
      const result = await second.run.result
      expect(result).toEqual(order())
      expect(seen[0]).toBe(result)
      expect(result).toBeInstanceOf(Order)
      expect(result.items[0]).toBeInstanceOf(Item)
      expect(result.items[0]?.label()).toBe('<a>')
      expect([result.due.getTime(), result.notes.get('x'), result.tags.has('new')]).toEqual([
        86_400_000,
        new Date(1),
        true,
      ])
    })
  }

  it('of a property is an instance if the orchestration names its class', async () => {
    const make = () =>
      machine<number, string>(
        step<number, number>('Write', (n, { properties }) => {
          properties.set('item', Object.assign(new Item(), { name: `${n}` }))
          return n
        }).addAdvancer(
          wait<number>().addAdvancer(
            step<number, string>('Read', (_, { properties }) => properties.get<Item>('item')?.label() ?? 'none'),
          ),
        ),
      ).configure({ classes: [Item] })
    const second = await restarted(begun(make(), 7), make())
    await second.clock.advance(10)
    expect(await second.run.result).toBe('<7>')
  })

  it('may be undefined, as an input, as an output and as the result', async () => {
    const make = () =>
      machine<undefined, undefined>(
        step<undefined, undefined>('A', input => {
          expect(input).toBeUndefined()
          return undefined
        }).addAdvancer(wait<undefined>()),
      )
    const second = await restarted(begun(make(), undefined), make())
    await second.clock.advance(10)
    expect(await second.run.result).toBeUndefined()
    const third = await restarted(second, make())
    expect([await third.run.result, third.run.status, third.run.results]).toEqual([undefined, 'completed', [undefined]])
  })
})

describe('across a restart, a run keeps (S3-30, S3-31)', () => {
  for (const snapshotEvery of [1, 500]) {
    it(`its properties, outputs and usage; snapshots every ${snapshotEvery}`, async () => {
      const make = () => {
        const write = step<number, number>('Write', (n, context) => {
          context.properties.set('a', n)
          context.properties.delete('given')
          context.usage({ model: 'm', inputTokens: 5, cost: 0.5 })
          return n * 2
        })
        const read = step<number, unknown>('Read', (_, context) => [
          context.properties.get('a'),
          context.properties.has('given'),
          context.properties.get('other'),
          context.outputOf('Write'),
        ])
        write.addAdvancer(wait<number>().addAdvancer(read))
        return machine<number, unknown>(write)
      }
      const first = begun(make(), 1, { properties: { given: 1, other: 'x' }, snapshotEvery })
      await first.clock.advance(0)
      const second = await restarted(first, make(), { snapshotEvery })
      await second.clock.advance(10)
      expect(await second.run.result).toEqual([1, false, 'x', 2])
      expect(first.events.ofType('agent.usage')).toMatchObject([{ model: 'm', inputTokens: 5, cost: 0.5 }])
    })
  }

  it('its rules, whatever the other process would go by', async () => {
    const count = () => {
      const state = step<number, number>('Count', n => n + 1)
      state.addAdvancer(
        n => n % 5 === 0,
        wait<number>()
          .addAdvancer(n => n < 20, state)
          .addAdvancer(pass('End')),
      )
      state.addAdvancer(state)
      return machine<number, number>(state)
    }
    const first = begun(count(), 0, { maxSteps: 8 })
    const second = await restarted(first, count())
    await second.clock.advance(100)
    expect(await rejection(second.run.result)).toMatchObject({ cause: { code: 'NEVER_COMPLETES' } })
  })

  it('how often a state was run again (reruns)', async () => {
    const attempts: string[] = []
    const make = () => {
      const state = step<string, string>('Again', async (n, context) => {
        attempts.push(context.token)
        await context.sleep(10)
        return `${n}${'y'.repeat(2000)}`
      }).configure({ reruns: 2 })
      state.addAdvancer(() => false, pass<string>('Never'))
      return machine<string, string>(state)
    }
    for (const snapshotEvery of [1, 500]) {
      attempts.length = 0
      // The output is long, so that a snapshot is due right after it.
      const first = begun(make(), 'x', { snapshotEvery })
      await first.clock.advance(15)
      const second = await restarted(first, make())
      await second.clock.advance(100)
      expect(await rejection(second.run.result)).toMatchObject({ cause: { code: 'UNABLE_TO_ADVANCE' } })
      expect(attempts).toEqual(['0:0', '0:1', '0:1', '0:2'])
    }
  })

  it('failures that were collected, and fails with all of them', async () => {
    const make = () => machine(fork('Fork', fail('A'), fail('B'), slow('C', 10)))
    for (const snapshotEvery of [1, 500]) {
      const first = begun(make(), 1, { failure: 'collect', snapshotEvery })
      const second = await restarted(first, make())
      await second.clock.advance(10)
      const error = (await rejection(second.run.result)) as Error & { errors: readonly Error[] }
      expect(error.errors.map(each => each.message)).toEqual(['A broke', 'B broke'])
      expect(second.run.results).toEqual(['C'])
    }
  })

  it('that it fails at the first failure, and what was at work is not begun again', async () => {
    const make = () => machine(fork('Fork', fail('A'), slow('B', 10)))
    const first = begun(make(), 1)
    expect(await rejection(first.run.result)).toMatchObject({ stateName: 'A' })
    const second = await restarted(first, make())
    expect(await rejection(second.run.result)).toMatchObject({ stateName: 'A', code: 'RUN_FAILED' })
    expect(second.events.events).toEqual([])
  })

  it('that a failure is on its way through an onError route that takes its time', async () => {
    const asked: unknown[] = []
    let patience = 1000
    const make = () => {
      const broken = step<number, string>('Broken', () => {
        throw new OrchestrationError('no', { code: 'TOOL_FAILED', retryable: true, details: { a: 1 } })
      })
      broken.onError(
        advancer<StateFailure<number>>('later', ['Rescue'], async (failure, context) => {
          asked.push(failure)
          await context.sleep(patience)
          return 'Rescue'
        }),
      )
      const rescue = step<StateFailure<number>, unknown>('Rescue', failure => [
        failure instanceof StateFailure,
        failure.error instanceof OrchestrationError && failure.error.code,
        failure.input,
        failure.stateName,
        failure.token,
      ])
      return machine<number, unknown>(broken, rescue.addAdvancer(wait()))
    }
    for (const snapshotEvery of [1, 500]) {
      patience = 1000
      const first = begun(make(), 3, { snapshotEvery })
      await first.clock.advance(5)
      patience = 1
      const second = await restarted(first, make(), { snapshotEvery })
      await second.clock.advance(5)
      const third = await restarted(second, make(), { snapshotEvery })
      await third.clock.advance(10)
      expect(await third.run.result).toEqual([true, 'TOOL_FAILED', 3, 'Broken', '0:0'])
    }
    expect(asked).toHaveLength(4)
  })

  const joins: readonly [string, JoinOptions, at: number, expected: unknown][] = [
    ['any, which cancels the rest', { policy: 'any' }, 5, ['A']],
    ['a quorum', { policy: { quorum: 2 } }, 15, ['A', 'B']],
    ['all that come in time', { timeoutMs: 50, onInsufficient: 'proceed' }, 25, ['A', 'B']],
    ['all', {}, 25, ['A', 'B', 'C']],
    ['any, which lets the rest go on', { policy: 'any', cancelRest: false }, 5, ['A']],
  ]
  for (const [what, options, at, expected] of joins) {
    it(`what has arrived at a join that wants ${what}`, async () => {
      const invoked: string[] = []
      const branch = (name: string, ms: number) =>
        step<number, string>(name, async (_, context) => {
          if (ms > 0) await context.sleep(ms)
          invoked.push(name)
          return name
        }).addAdvancer('Join')
      const make = () =>
        machine<number, unknown>(
          fork('Fork', branch('A', 0), branch('B', 10), branch('C', 100)),
          new CollectRunnable<string>(options).configure({ name: 'Join' }).addAdvancer(wait<readonly string[]>()),
        )
      for (const snapshotEvery of [1, 500]) {
        invoked.length = 0
        const first = begun(make(), 1, { snapshotEvery })
        await first.clock.advance(at)
        const second = await restarted(first, make(), { snapshotEvery })
        await second.clock.advance(5)
        const third = await restarted(second, make(), { snapshotEvery })
        await third.clock.advance(300)
        expect(await third.run.result).toEqual(expected)
        expect(invoked.filter(name => name === 'A')).toHaveLength(1)
        expect(third.clock.pendingTimers).toBe(0)
      }
    })
  }

  it('until when a join waits, and fails it if that moment came while nobody was there', async () => {
    const make = () =>
      machine(
        fork('Fork', say('A').addAdvancer('Join'), slow('B', 1000).addAdvancer('Join')),
        new CollectRunnable<string>({ timeoutMs: 100 }).configure({ name: 'Join' }),
      )
    const first = begun(make(), 1)
    await first.clock.advance(60)
    const second = await restarted(first, make())
    await second.clock.advance(39)
    expect(second.run.status).toBe('running')
    await second.clock.advance(1)
    expect(await rejection(second.run.result)).toMatchObject({ cause: { code: 'JOIN_INSUFFICIENT' } })
    const late = await restarted(begun(make(), 1), make(), { later: 5000 })
    await late.clock.advance(0)
    expect(await rejection(late.run.result)).toMatchObject({ cause: { code: 'JOIN_INSUFFICIENT' } })
  })

  it('the layers of lockstep', async () => {
    const invoked: string[] = []
    const tell = (name: string, ms: number) =>
      step<unknown, string>(name, async (_, context) => {
        if (ms > 0) await context.sleep(ms)
        invoked.push(name)
        return name
      })
    const make = () =>
      machine(fork('Fork', tell('A1', 0).addAdvancer(tell('A2', 0)), tell('B1', 10).addAdvancer(tell('B2', 0))))
    const first = begun(make(), 1, { scheduling: 'lockstep' })
    await first.clock.advance(5)
    const second = await restarted(first, make())
    await second.clock.advance(5)
    expect(invoked).toEqual(['A1'])
    await second.clock.advance(10)
    await second.run.result
    expect(invoked).toEqual(['A1', 'B1', 'A2', 'B2'])
  })

  it('how many states may be at work at once, and who is next', async () => {
    let working = 0
    let most = 0
    const done: string[] = []
    const tell = (name: string) =>
      step<unknown, string>(name, async (_, context) => {
        most = Math.max(most, ++working)
        try {
          await context.sleep(10)
        } finally {
          working--
        }
        done.push(name)
        return name
      })
    const make = () => machine(fork('Fork', tell('A'), tell('B'), tell('C'), tell('D'), tell('E')))
    const first = begun(make(), 1, { maxConcurrency: 2 })
    await first.clock.advance(15)
    working = 0
    const second = await restarted(first, make())
    working = 0
    await second.clock.advance(100)
    await second.run.result
    expect([most, done]).toEqual([2, ['A', 'B', 'C', 'D', 'E']])
  })

  it('the time that is left of a delay', async () => {
    const make = () => machine(new DelayRunnable<number>(100))
    const first = begun(make(), 1)
    await first.clock.advance(30)
    const second = await restarted(first, make(), { later: 20 })
    await second.clock.advance(49)
    expect(second.run.status).toBe('running')
    await second.clock.advance(1)
    expect(await second.run.result).toBe(1)
  })

  it('until when an approval waits', async () => {
    const make = () =>
      machine<string, unknown>(new ApprovalRunnable<string>({ timeoutMs: 100 }).configure({ name: 'Ask' }))
    const first = begun(make(), 'x')
    await first.clock.advance(30)
    const second = await restarted(first, make())
    await second.clock.advance(0)
    expect(second.run.requests).toMatchObject([
      { until: 1_000_100, kind: 'approval', input: 'x', message: 'Approve Ask?' },
    ])
    await second.clock.advance(69)
    expect(second.run.status).toBe('running')
    await second.clock.advance(1)
    expect(await second.run.result).toBeInstanceOf(Expired)
    const late = await restarted(begun(make(), 'x'), make(), { later: 1000 })
    await late.clock.advance(0)
    expect(await late.run.result).toBeInstanceOf(Expired)
  })

  it('until when a signal waits, and its route for when nobody sends it', async () => {
    const make = () =>
      machine<string, unknown>(
        new SignalRunnable<string, Item>({ signal: Item, timeoutMs: 100 })
          .configure({ name: 'Reply' })
          .onError(step<StateFailure, string>('Late', ({ error }) => (error as OrchestrationError).code)),
      )
    const first = begun(make(), 'x')
    await first.clock.advance(30)
    const second = await restarted(first, make())
    await second.clock.advance(70)
    expect(await second.run.result).toBe('SIGNAL_EXPIRED')
    const other = await restarted(begun(make(), 'x'), make())
    await other.clock.advance(0)
    await other.run.signal('Reply', { name: 'a' })
    const item = await other.run.result
    expect(item).toBeInstanceOf(Item)
    const again = await restarted(other, make())
    expect(await again.run.result).toEqual(item)
    expect(await again.run.result).toBeInstanceOf(Item)
  })

  it('its time limit, counted from its start', async () => {
    const make = () => machine(slow('Slow', 1000))
    const first = begun(make(), 1, { timeoutMs: 100 })
    await first.clock.advance(60)
    const second = await restarted(first, make(), { later: 10 })
    await second.clock.advance(29)
    expect(second.run.status).toBe('running')
    await second.clock.advance(1)
    expect(await rejection(second.run.result)).toMatchObject({ cause: { code: 'RUN_TIMED_OUT' } })
    const late = await restarted(begun(make(), 1, { timeoutMs: 100 }), make(), { later: 1000 })
    await late.clock.advance(0)
    expect(await rejection(late.run.result)).toMatchObject({ cause: { code: 'RUN_TIMED_OUT' } })
  })

  it('the identity of its steps: the idempotency key is the same again', async () => {
    const keys: string[] = []
    const make = () =>
      machine(
        pass('A').addAdvancer(
          step('B', async (_, context) => {
            keys.push(context.idempotencyKey)
            await context.sleep(10)
          }),
        ),
      )
    const second = await restarted(begun(make(), 1), make())
    await second.clock.advance(10)
    await second.run.result
    expect(keys).toEqual(['r/0:1', 'r/0:1'])
  })

  it('what it is cancelled by: a signal of the process that has it', async () => {
    const make = () => machine(slow('Slow', 100))
    const abort = new AbortController()
    const second = await restarted(begun(make(), 1), make(), { signal: abort.signal })
    await second.clock.advance(1)
    abort.abort(new Error('shutdown'))
    expect(await rejection(second.run.result)).toMatchObject({ code: 'RUN_CANCELLED', reason: 'shutdown' })
    expect(await second.store.get('r')).toMatchObject({ status: 'cancelled' })
  })
})

describe('a run that is paused', () => {
  it('belongs to nobody; another process takes it up, and it goes on', async () => {
    const invoked: string[] = []
    const make = () =>
      machine<string, string>(
        step<string, string>('A', async (text, context) => {
          invoked.push('A')
          await context.sleep(10)
          return `${text}A`
        }).addAdvancer(step<string, string>('B', text => `${text}B`)),
      )
    const first = begun(make(), '')
    await first.clock.advance(0)
    const paused = first.run.pause()
    await first.clock.advance(10)
    await paused
    expect(await first.store.get('r')).toMatchObject({ status: 'paused', states: ['B'] })
    // The process lives on, and has let go of it.
    const store = first.store.reopen()
    const run = await make().resume('r', { store })
    expect(await run.result).toBe('AB')
    expect(invoked).toEqual(['A'])
    // Whoever had it before cannot drive it any more.
    first.run.resume()
    expect(await rejection(first.run.result)).toMatchObject({ code: 'RUN_CONFLICT' })
  })

  it('before it has begun stays so', async () => {
    const make = () => machine<number, number>(pass<number>('A'))
    const first = begun(make(), 1)
    await first.run.pause()
    expect(await first.store.get('r')).toMatchObject({ status: 'paused' })
    const second = await restarted(first, make())
    expect(await second.run.result).toBe(1)
  })

  it('before it has begun belongs to nobody either', async () => {
    const make = () => machine<number, number>(pass<number>('A'))
    const first = begun(make(), 1)
    await first.run.pause()
    for (const store of [first.store, first.store.reopen()]) {
      const next = await make().resume('r', { store })
      await next.pause()
    }
    expect(await (await make().resume('r', { store: first.store })).result).toBe(1)
  })

  it('is resumed in its own process as ever', async () => {
    const { run, clock, store } = begun(machine(slow('A', 10).addAdvancer(say('B'))), 1)
    await clock.advance(0)
    const paused = run.pause()
    await clock.advance(10)
    await paused
    run.resume()
    expect(await run.result).toBe('B')
    expect(await store.get('r')).toMatchObject({ status: 'completed' })
  })
})

describe('a fresh instance that an advancer made (S4-09, S4-11)', () => {
  class Coding extends OrchestrationRunnable<unknown, string> {
    history: string[] = []
    constructor(
      readonly language: string,
      readonly due: Date,
    ) {
      super()
    }
    async invoke(_: unknown, context: RunContext) {
      await context.sleep(10)
      return `${this.language} ${this.due.getTime()} ${this.history.join()}`
    }
  }

  it('is restored from its class and its fields', async () => {
    const make = () =>
      machine<string, string>(
        pass<string>('Start').setAdvancer(
          advancer<string>('fresh', ['Coding'], language =>
            Object.assign(new Coding(language, new Date(5)), { history: ['x', 'y'] }),
          ),
        ) as OrchestrationRunnable<string, string>,
        new Coding('none', new Date(0)),
      )
    for (const snapshotEvery of [1, 500]) {
      const first = begun(make(), 'TypeScript', { snapshotEvery })
      const second = await restarted(first, make(), { snapshotEvery })
      const third = await restarted(second, make())
      await third.clock.advance(10)
      expect(await third.run.result).toBe('TypeScript 5 x,y')
    }
  })

  it('has the private fields that its constructor gives it, if it needs no arguments', async () => {
    class Counting extends OrchestrationRunnable<unknown, string> {
      readonly #prefix = 'secret'
      readonly twice = (n: number) => n * 2
      factor = 1
      async invoke(_: unknown, context: RunContext) {
        await context.sleep(10)
        return `${this.#prefix} ${this.twice(this.factor)}`
      }
    }
    const make = () =>
      machine<unknown, string>(
        pass('Start').setAdvancer(advancer('fresh', ['Counting'], () => Object.assign(new Counting(), { factor: 21 }))),
        new Counting(),
      )
    const second = await restarted(begun(make(), 1), make())
    await second.clock.advance(10)
    expect(await second.run.result).toBe('secret 42')
  })

  it('with a field that cannot be stored fails its state, and says which field of which state', async () => {
    const make = () =>
      machine<unknown, string>(
        pass('Start').setAdvancer(
          advancer('fresh', ['Coding'], () => Object.assign(new Coding('x', new Date(0)), { history: [() => 1] })),
        ),
        new Coding('none', new Date(0)),
      )
    const error = await rejection(begun(make(), 1).run.result)
    expect(error).toMatchObject({ stateName: 'Start', cause: { code: 'PAYLOAD_NOT_SERIALIZABLE' } })
    expect((error.cause as Error).message).toMatch(/"history".*Coding.*"Coding"/)
  })
})

describe('ctx.once across a crash', () => {
  it('keeps what it has recorded, for the same step only; what was in the middle is done again', async () => {
    const charged: string[] = []
    const make = () => {
      const charge = step<number, string>('Charge', async (n, context) => {
        const receipt = await context.once('charge', async () => {
          charged.push(context.token)
          return { id: charged.length, at: new Date(n) }
        })
        await context.sleep(10)
        await context.once('mail', () => context.sleep(10))
        return `${receipt.id} ${receipt.at.getTime()}`
      })
      return machine<number, string>(charge)
    }
    for (const snapshotEvery of [1, 500]) {
      charged.length = 0
      const first = begun(make(), 5, { snapshotEvery })
      await first.clock.advance(15)
      const second = await restarted(first, make(), { snapshotEvery })
      await second.clock.advance(5)
      const third = await restarted(second, make())
      await third.clock.advance(30)
      expect(await third.run.result).toBe('1 5')
      expect(charged).toEqual(['0:0'])
    }
  })

  it('does not hand out a result before that is in the store', async () => {
    let got = false
    const first = begun(
      machine(
        step('A', async (_, context) => {
          await context.once('x', () => 1)
          got = true
        }),
      ),
      1,
    )
    await Promise.resolve()
    first.store.around = (commit, number) => (number > 1 ? new Promise(() => {}) : commit())
    await first.clock.advance(0)
    expect(got).toBe(false)
  })

  it('fails in the state for a result that cannot be stored', async () => {
    const { run } = begun(
      machine(
        step('A', (_, context) =>
          context.once('x', () => () => 1).catch(thrown => (thrown as OrchestrationError).code),
        ),
      ),
      1,
    )
    expect(await run.result).toBe('PAYLOAD_NOT_SERIALIZABLE')
  })
})

describe('hooks', () => {
  it('are called again in each process that invokes the state', async () => {
    const calls: string[] = []
    class Hooked extends OrchestrationRunnable<number, number> {
      override initialize() {
        calls.push('initialize')
      }
      async invoke(n: number, context: RunContext) {
        calls.push('invoke')
        await context.sleep(10)
        return n
      }
    }
    const first = begun(machine(new Hooked()), 1)
    const second = await restarted(first, machine(new Hooked()))
    await second.clock.advance(10)
    expect(await second.run.result).toBe(1)
    expect(calls).toEqual(['initialize', 'invoke', 'initialize', 'invoke'])
  })
})

describe('interceptors and policies', () => {
  it('are around what is begun again, and begin to count anew', async () => {
    let calls = 0
    const make = () =>
      machine<number, number>(
        step<number, number>('Flaky', async (n, context) => {
          await context.sleep(10)
          if (++calls < 4) throw new Error('not yet')
          return n + context.attempt
        }).configure({
          interceptors: [retry({ maxAttempts: 3, backoff: 'fixed', initialDelayMs: 1 }), timeout({ timeoutMs: 1000 })],
        }),
      )
    const first = begun(make(), 0)
    // Two attempts have failed, the third is under way.
    await first.clock.advance(25)
    expect(calls).toBe(2)
    const second = await restarted(first, make())
    await second.clock.advance(100)
    expect(await second.run.result).toBe(2)
    expect(second.events.ofType('state.retrying')).toHaveLength(1)
    expect(second.events.ofType('state.started')).toHaveLength(0)
  })

  it('may answer with a value of their own, which is what is stored', async () => {
    const cached: Interceptor = { around: async () => 42 }
    const make = () =>
      machine<number, number>(
        (pass<number>('A').configure({ interceptors: [cached] }) as OrchestrationRunnable<number, number>).addAdvancer(
          wait<number>(),
        ),
      )
    const second = await restarted(begun(make(), 1), make())
    await second.clock.advance(10)
    expect(await second.run.result).toBe(42)
  })
})

describe('orchestrations inside orchestrations', () => {
  class Ask extends Orchestration<string, string> {
    constructor(invoked: string[]) {
      super()
      const before = step<string, string>('Before', text => {
        invoked.push('Before')
        return `${text}1`
      })
      const ask = new ApprovalRunnable<string>().configure({ name: 'Ask' })
      const after = step<string, string>('After', async (text, context) => {
        await context.sleep(10)
        invoked.push('After')
        return `${text}2`
      })
      this.initialRunnable = before.addAdvancer(ask)
      ask.addAdvancer(
        outcome => outcome instanceof Approved,
        after,
        outcome => outcome.subject,
      )
    }
  }

  const make = (invoked: string[]) => {
    const middle = () =>
      machine<string, string>(
        new SubOrchestrationRunnable(new Ask(invoked)).configure({ name: 'Inner' }).addAdvancer(
          step<string, string>('MiddleEnd', async (text, context) => {
            await context.sleep(10)
            invoked.push('MiddleEnd')
            return `${text}m`
          }),
        ),
      )
    return machine<string, string>(
      new SubOrchestrationRunnable(middle()).configure({ name: 'Middle' }).addAdvancer(
        step<string, string>('OuterEnd', async (text, context) => {
          await context.sleep(10)
          invoked.push('OuterEnd')
          return `${text}o`
        }),
      ),
    )
  }

  for (const snapshotEvery of [1, 500]) {
    it(`two deep go on at each level; snapshots every ${snapshotEvery}`, async () => {
      const invoked: string[] = []
      const options = { snapshotEvery }
      const first = begun(make(invoked), 'x', options)
      const second = await restarted(first, make(invoked), options)
      await second.clock.advance(0)
      expect(second.run.requests).toMatchObject([{ id: '0:0/0:0/0:1', stateName: 'Ask', input: 'x1' }])
      expect((await second.store.requests()).requests).toMatchObject([{ requestId: '0:0/0:0/0:1' }])
      await second.run.approve('0:0/0:0/0:1', { by: 'me' })
      await second.clock.advance(5)
      // In the innermost, in the middle, in the outermost.
      const third = await restarted(second, make(invoked), options)
      await third.clock.advance(15)
      const fourth = await restarted(third, make(invoked), options)
      await fourth.clock.advance(15)
      const fifth = await restarted(fourth, make(invoked), options)
      await fifth.clock.advance(10)
      expect(await fifth.run.result).toBe('x12mo')
      expect(invoked).toEqual(['Before', 'After', 'MiddleEnd', 'OuterEnd'])
      expect(fifth.events.ofType('orchestration.resumed').map(event => event.path ?? [])).toEqual([[]])
      expect(fourth.events.ofType('orchestration.resumed').map(event => event.path ?? [])).toEqual([[], ['Middle']])
      expect(third.events.ofType('orchestration.resumed').map(event => event.path ?? [])).toEqual([
        [],
        ['Middle'],
        ['Middle', 'Inner'],
      ])
    })
  }

  it('fail at each level as they would have', async () => {
    const failing = () =>
      machine(
        new SubOrchestrationRunnable(machine(slow('Slow', 10).addAdvancer(fail('Broken'))))
          .configure({ name: 'Inner' })
          .onError(step<StateFailure, string>('Rescue', ({ error }) => (error as OrchestrationError).code)),
      )
    const second = await restarted(begun(failing(), 1), failing())
    await second.clock.advance(10)
    expect(await second.run.result).toBe('RUN_FAILED')
  })
})

describe('a run that has runs inside it and is paused', () => {
  const make = (invoked: string[] = []) => {
    const work = (name: string) =>
      step<string, string>(name, async (text, context) => {
        invoked.push(name)
        await context.sleep(10)
        return text + name
      })
    const inner = machine<string, string>(work('A').addAdvancer(work('B')))
    return machine<string, string>(
      new SubOrchestrationRunnable(inner).configure({ name: 'Sub' }).addAdvancer(work('C')),
    )
  }

  it('counts as paused only when nothing is at work in any of them, and is gone on with by another process', async () => {
    const invoked: string[] = []
    const first = begun(make(invoked), '')
    await first.clock.advance(5)
    const paused = first.run.pause()
    await first.clock.advance(0)
    expect(await first.store.get('r')).toMatchObject({ status: 'running' })
    await first.clock.advance(5)
    await paused
    expect(await first.store.get('r')).toMatchObject({ status: 'paused' })
    const second = await restarted(first, make(invoked))
    await second.clock.advance(20)
    expect(await second.run.result).toBe('ABC')
    expect(invoked).toEqual(['A', 'B', 'C'])
    const { events } = second.events
    expect(events.slice(0, 2).map(event => [event.type, event.path?.join()])).toEqual([
      ['orchestration.resumed', undefined],
      ['orchestration.resumed', 'Sub'],
    ])
  })

  it('goes on in its own process', async () => {
    const { run, clock } = begun(make(), '')
    await clock.advance(5)
    const paused = run.pause()
    await clock.advance(5)
    await paused
    run.resume()
    await clock.advance(20)
    expect(await run.result).toBe('ABC')
  })
})

describe('a run whose process dies while it winds up', () => {
  it('has failed, also if a snapshot was taken when branches waited at a join', async () => {
    const make = () =>
      machine(
        // A way to the join that does not run through the fan-out: then it is one of the whole run.
        pass('Start')
          .addAdvancer(() => false, 'Join')
          .addAdvancer('Fork'),
        fork(
          'Fork',
          say('A').addAdvancer('Join'),
          slow('B', 10).addAdvancer('Join'),
          slow('C', 5).addAdvancer(fail('D', 'x'.repeat(5000))),
        ),
        new CollectRunnable<string>().configure({ name: 'Join' }),
      )
    const first = begun(make(), 1, { snapshotEvery: 1 })
    await first.clock.advance(4)
    const before = first.store.commits.length
    // The failure is in the store, the end is not.
    first.store.around = (commit, number) => (number > before + 2 ? new Promise(() => {}) : commit())
    await first.clock.advance(1)
    const { seq } = (await first.store.get('r')) ?? {}
    expect((await first.store.snapshot('r'))?.seq).toBe(seq)
    const second = await restarted(first, make())
    expect(await rejection(second.run.result)).toMatchObject({ stateName: 'D' })
    expect(second.events.types).toEqual(['orchestration.resumed', 'orchestration.failed'])
  })

  it('calls no hook twice that has been called, and none of what it did not prepare', async () => {
    const calls: string[] = []
    class Hooked extends OrchestrationRunnable<number, number> {
      override initialize() {
        calls.push('initialize')
      }
      override async cleanup() {
        calls.push('cleanup')
      }
      invoke(n: number) {
        return n
      }
    }
    const first = begun(machine(new Hooked()), 1)
    first.store.around = (commit, number) => (number > 2 ? new Promise(() => {}) : commit())
    await first.clock.advance(0)
    const second = await restarted(first, machine(new Hooked()))
    expect(await second.run.result).toBe(1)
    expect(calls).toEqual(['initialize', 'cleanup'])
  })
})
