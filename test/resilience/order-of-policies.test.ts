import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  DelayRunnable,
  type Interceptor,
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import {
  Bulkhead,
  bulkhead,
  CircuitBreaker,
  circuitBreaker,
  Fallback,
  fallback,
  RateLimit,
  Retry,
  rateLimit,
  retry,
  Timeout,
  timeout,
} from '../../src/resilience/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { begin, machine, rejection } from '../core/machines.js'

const noting = (notes: string[], name: string): Interceptor => ({
  around: (_, next) => (notes.push(name), next()),
})

class Down extends OrchestrationRunnable<string, string> {
  invoke(_input: string, _context: RunContext): string {
    throw new Error('down')
  }
}

function kindsOf(state: OrchestrationRunnable<string, string>, ...outer: readonly Interceptor[]) {
  const orchestration = machine<string, string>(state).configure({ interceptors: outer })
  return orchestration.graph.entry.interceptors.map(each => each.kind ?? 'custom')
}

const inOrder = ['fallback', 'retry', 'circuitBreaker', 'rateLimit', 'bulkhead', 'timeout']

describe('policies that are declared for a class', () => {
  it('nest in the documented order, however they are written', () => {
    @Timeout({ timeoutMs: 100 })
    @Fallback('x')
    @Bulkhead({ maxConcurrent: 1 })
    @Retry()
    @RateLimit({ limit: 1, intervalMs: 1 })
    @CircuitBreaker()
    class All extends Down {}
    expect(kindsOf(new All())).toEqual(inOrder)
  })

  it('S3-33 S3-34 S3-35 S3-36 work together: attempts time out, the breaker opens, the retry gives up, the fallback answers', async () => {
    const attempts: number[] = []
    @Fallback(error => `gave up: ${error.message}`)
    @Retry({ maxAttempts: 4, backoff: 'fixed', initialDelayMs: 10, maxRetryAfterMs: 1000 })
    @CircuitBreaker({ failureThreshold: 2, recoveryTimeoutMs: 5000 })
    @Timeout({ timeoutMs: 100 })
    class Hanging extends Down {
      override invoke(_input: string, { attempt }: RunContext): never {
        attempts.push(attempt)
        return new Promise(() => undefined) as never
      }
    }
    const { clock, run, events } = begin(machine<string, string>(new Hanging()), 'x')
    await clock.advance(1000)
    expect(await run.result).toContain('gave up: State "Hanging" failed, and it asks to wait 4990 ms')
    expect(attempts).toEqual([1, 2])
    events.expectInOrder([
      { type: 'state.retrying', attempt: 1 },
      { type: 'breaker.changed', to: 'open' },
      { type: 'state.retrying', attempt: 2, delayMs: 10 },
      { type: 'custom', name: 'fallback.used' },
      'state.completed',
    ])
    expect(clock.pendingTimers).toBe(0)
  })

  it('are inherited, and overridden one by one', async () => {
    @Retry({ maxAttempts: 2, initialDelayMs: 0 })
    @Fallback('parent')
    class Parent extends Down {}
    class Heir extends Parent {}
    @Fallback('child')
    class Overriding extends Parent {}
    const outcome = async (state: Down) => {
      const orchestration = machine<string, string>(state)
      const events = new EventRecorder(orchestration)
      return [await orchestration.run('x'), events.ofType('state.retrying').length]
    }
    expect(await outcome(new Heir())).toEqual(['parent', 1])
    expect(await outcome(new Overriding())).toEqual(['child', 1])
    expect(await outcome(new Parent())).toEqual(['parent', 1])
  })

  it('go with @Runnable, in any order', async () => {
    @Fallback('answer')
    @Runnable({ input: String, output: String })
    @Retry({ initialDelayMs: 0 })
    class Declared extends Down {}
    expect(await machine<string, string>(new Declared()).run('x')).toBe('answer')
  })

  it('are refused for states that are never invoked', () => {
    class Empty extends Orchestration<string, string> {}
    class Approve extends ApprovalRunnable<string> {}
    class Wait extends DelayRunnable<string> {}
    class Hear extends SignalRunnable<string, string> {}
    class Inner extends SubOrchestrationRunnable<string, string> {
      constructor() {
        super(new Empty() as never)
      }
    }
    for (const [target, base] of [
      [Approve, 'ApprovalRunnable'],
      [Wait, 'DelayRunnable'],
      [Hear, 'SignalRunnable'],
      [Inner, 'SubOrchestrationRunnable'],
    ] as const) {
      expect(() => Retry()(target as never)).toThrow(
        `The policy retry on ${target.name} would have no effect: a ${base} is not invoked.`,
      )
    }
  })
})

describe('policies of an orchestration', () => {
  it('are for every state, each on its own', async () => {
    @OrchestrationOptions({ interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 })] })
    class Defaults extends Orchestration<string, string> {
      constructor() {
        super()
        const first = new Down().configure({ name: 'First' })
        this.initialRunnable = first.onError(
          () => true,
          new Down().configure({ name: 'Second' }),
          ({ input }) => input,
        )
      }
    }
    const orchestration = new Defaults()
    const events = new EventRecorder(orchestration)
    expect((await rejection(orchestration.run('x'))).cause).toMatchObject({ attempts: 2, stateName: 'Second' })
    expect(events.ofType('state.retrying').map(event => event.stateName)).toEqual(['First', 'Second'])
  })

  it('are defaults: a nearer one of the same kind replaces them', async () => {
    const attempts = async (state: Down) => {
      const orchestration = machine<string, string>(state).configure({
        interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 })],
      })
      return ((await rejection(orchestration.run('x'))).cause as { attempts?: number }).attempts
    }
    @Retry({ maxAttempts: 5, initialDelayMs: 0 })
    class Five extends Down {}
    const own = () => ({ interceptors: [retry({ maxAttempts: 7, initialDelayMs: 0 })] })
    expect(await attempts(new Down())).toBe(2)
    expect(await attempts(new Five())).toBe(5)
    expect(await attempts(new Down().configure(own()))).toBe(7)
    expect(await attempts(new Five().configure(own()))).toBe(7)
  })

  it('stand between those of the state where the documented order says so', () => {
    @Fallback('x')
    class Answering extends Down {}
    const limits = timeout({ timeoutMs: 1 })
    expect(kindsOf(new Answering(), retry(), limits)).toEqual(['fallback', 'retry', 'timeout'])
    expect(kindsOf(new Answering().configure({ interceptors: [circuitBreaker()] }), retry(), limits)).toEqual([
      'fallback',
      'retry',
      'circuitBreaker',
      'timeout',
    ])
    const all = [
      timeout({ timeoutMs: 1 }),
      bulkhead({ maxConcurrent: 1 }),
      rateLimit({ limit: 1, intervalMs: 1 }),
      circuitBreaker(),
      retry(),
      fallback('x'),
    ]
    for (const policy of all) {
      const others = all.filter(each => each !== policy).toReversed()
      expect(kindsOf(new Down().configure({ interceptors: [policy] }), ...others)).toEqual(inOrder)
    }
  })

  it('stay in the order in which one list gives them', async () => {
    const outside = [timeout({ timeoutMs: 1 }), retry(), timeout({ timeoutMs: 2 })]
    expect(kindsOf(new Down().configure({ interceptors: outside }))).toEqual(['timeout', 'retry', 'timeout'])
    expect(kindsOf(new Down(), ...outside)).toEqual(['timeout', 'retry', 'timeout'])
  })

  it('leave other interceptors where they are', async () => {
    const notes: string[] = []
    class Noted extends Down {
      override invoke(): string {
        notes.push('work')
        throw new Error('down')
      }
    }
    const state = new Noted().configure({ interceptors: [noting(notes, 'state'), fallback('x')] })
    const outer = [noting(notes, 'orchestration'), retry({ maxAttempts: 2, initialDelayMs: 0 })]
    const run = machine<string, string>(state)
      .configure({ interceptors: outer })
      .start('x', { clock: new ManualClock() })
    expect(await run.result).toBe('x')
    // The fallback is outside the retry, and what the state has outside its fallback stays there.
    expect(notes).toEqual(['orchestration', 'state', 'work', 'work'])
    const kinds = [...outer, noting(notes, 'inside')]
    expect(
      kindsOf(new Down().configure({ interceptors: [timeout({ timeoutMs: 1 }), noting(notes, 'x')] }), ...kinds),
    ).toEqual(['custom', 'retry', 'custom', 'timeout', 'custom'])
  })
})
