import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  type Orchestration,
  OrchestrationFailedError,
  OrchestrationRunnable,
  SignalRunnable,
  type StateFailure,
  SubOrchestrationRunnable,
  sendTo,
} from '../../src/core/index.js'
import type { OrchestrationError } from '../../src/errors/index.js'
import { advancer, machine, pass, rejection, step } from '../core/machines.js'
import { ProbedStore } from './probed-store.js'
import { begun, restarted } from './restart.js'

class Unregistered {
  a = 1
}

const circle: Record<string, unknown> = { name: 'x' }
circle['self'] = circle

/** What the first failure of a run says, and what it knows. */
async function failureOf(orchestration: Orchestration<never, unknown>, input: unknown = 1, options = {}) {
  const { run, store } = begun(orchestration as Orchestration<unknown, unknown>, input, options)
  const error = (await rejection(run.result)) as OrchestrationFailedError
  expect(error).toBeInstanceOf(OrchestrationFailedError)
  const cause = error.cause as OrchestrationError
  expect(cause.code).toBe('PAYLOAD_NOT_SERIALIZABLE')
  return { message: cause.message, details: cause.details, cause: cause.cause as Error, store, run }
}

describe('an output that cannot be stored (S3-30)', () => {
  it.each([
    ['a function', { list: [{ work: () => 1 }] }, 'list[0].work'],
    ['a symbol', { key: Symbol('x') }, 'key'],
    ['an object that contains itself', circle, 'self'],
    ['an instance of a class that nobody declares', { inner: new Unregistered() }, 'inner'],
  ])('%s fails its state with PAYLOAD_NOT_SERIALIZABLE, which names state, token and path', async (_, output, path) => {
    const orchestration = machine(pass('A').addAdvancer(step<unknown, unknown>('Broken', () => output)))
    const { message, details, store } = await failureOf(orchestration)
    expect(details).toEqual({ orchestration: 'Machine', stateName: 'Broken', token: '0:1' })
    expect(message).toContain('"Broken"')
    expect(message).toContain(path)
    // Nothing of it was committed.
    const entries = await store.read('r')
    expect(entries.filter(({ data }) => data.includes('"completed"'))).toHaveLength(1)
  })

  it('can be handled by an onError route, and the failure is what is recorded', async () => {
    const make = () =>
      machine<number, unknown>(
        step<number, unknown>('Broken', () => () => 1).onError(
          step<StateFailure, string>('Rescue', ({ error }) => (error as OrchestrationError).code),
        ),
      )
    const first = begun(make(), 1)
    expect(await first.run.result).toBe('PAYLOAD_NOT_SERIALIZABLE')
    first.events.expectInOrder([
      { type: 'state.failed', stateName: 'Broken', handled: true },
      'orchestration.completed',
    ])
    const second = await restarted(first, make())
    expect(await second.run.result).toBe('PAYLOAD_NOT_SERIALIZABLE')
  })

  it('is no trouble without a store', async () => {
    const work = () => 1
    expect(await machine(step('A', () => work)).run(1)).toBe(work)
  })

  it('of a run inside fails that one, then the state around it', async () => {
    const inner = machine<number, unknown>(step<number, unknown>('Broken', () => () => 1))
    const { run } = begun(machine<number, unknown>(new SubOrchestrationRunnable(inner).configure({ name: 'Sub' })), 1)
    const error = await rejection(run.result)
    expect(error).toMatchObject({ stateName: 'Sub', cause: { code: 'RUN_FAILED' } })
    expect((error.cause as Error).cause).toMatchObject({
      code: 'PAYLOAD_NOT_SERIALIZABLE',
      details: { stateName: 'Broken', token: '0:0' },
    })
  })
})

describe('other values that cannot be stored', () => {
  it('an input of the run: it fails before anything is invoked, and says so', async () => {
    let invoked = false
    const orchestration = machine(
      step('A', () => {
        invoked = true
      }),
    )
    const { message, run, store } = await failureOf(orchestration, { work: () => 1 })
    expect(message).toContain('input of orchestration "Machine"')
    expect(message).toContain('work')
    expect([invoked, run.status, (await store.get('r'))?.status]).toEqual([false, 'failed', 'failed'])
  })

  it('a property that a state writes fails that state', async () => {
    const orchestration = machine(
      step('Writer', (_, { properties }) => {
        properties.set('handler', () => 1)
      }),
    )
    const { details, message } = await failureOf(orchestration)
    expect(details).toMatchObject({ stateName: 'Writer', token: '0:0' })
    expect(message).toContain('returned or written')
  })

  it('a property that the run is started with is refused at once, by name', async () => {
    const store = new ProbedStore()
    const options = { store, runId: 'r', properties: { fine: 1, handler: { work: () => 1 } } }
    const error = await rejection(machine(pass('A')).run(1, options))
    expect(error).toMatchObject({ code: 'PAYLOAD_NOT_SERIALIZABLE', details: { property: 'handler' } })
    expect(error.message).toMatch(/"handler".*work/)
    expect(() => machine(pass('A')).start(1, options)).toThrow('"handler"')
    expect(await store.get('r')).toBeUndefined()
  })

  it('what an advancer hands on fails the state that it is asked for', async () => {
    const converting = machine<number, unknown>(
      pass<number>('A').addAdvancer(
        () => true,
        pass<unknown>('B'),
        () => ({ work: () => 1 }),
      ),
    )
    const converted = await failureOf(converting)
    expect(converted.details).toMatchObject({ stateName: 'A', token: '0:0' })
    expect(converted.message).toContain('advancers of state "A" hand on')
    const sending = machine(
      pass('A').addAdvancer(advancer('send', ['B'], () => [sendTo('B', 1), sendTo('B', () => 1)])),
      pass('B'),
    )
    expect((await failureOf(sending)).details).toMatchObject({ stateName: 'A', token: '0:0' })
  })

  it('an event that a state emits is refused where it is emitted, and the state may go on', async () => {
    const { run, events } = begun(
      machine(
        step('A', (_, context) => {
          try {
            context.emit({ type: 'custom', name: 'x', data: () => 1 })
          } catch (thrown) {
            return (thrown as OrchestrationError).code
          }
        }),
      ),
      1,
    )
    expect(await run.result).toBe('PAYLOAD_NOT_SERIALIZABLE')
    expect(events.ofType('custom')).toEqual([])
    expect(events.events.map(event => event.seq)).toEqual([...events.events.keys()])
  })

  it('an answer is refused, and the request stays open', async () => {
    const { run, clock } = begun(
      machine<number, unknown>(new SignalRunnable<number, unknown>().configure({ name: 'Reply' })),
      1,
    )
    await clock.advance(0)
    expect(await rejection(run.signal('Reply', { work: () => 1 }))).toMatchObject({ code: 'PAYLOAD_NOT_SERIALIZABLE' })
    expect(run.requests).toHaveLength(1)
    await run.signal('Reply', 'fine')
    expect(await run.result).toBe('fine')
  })

  it('a decision is refused, and the approval stays open', async () => {
    const { run, clock } = begun(machine<number, unknown>(new ApprovalRunnable<number>().configure({ name: 'Ask' })), 1)
    await clock.advance(0)
    expect(await rejection(run.approve('Ask', { comment: (() => 1) as never }))).toMatchObject({
      code: 'OPTION_INVALID',
    })
    expect(run.requests).toHaveLength(1)
    await run.approve('Ask')
    expect(await run.result).toMatchObject({ outcome: 'approved' })
  })

  it('a result that the declared class makes of the last output fails the run', async () => {
    class Report extends OrchestrationRunnable<number, Callback> {
      invoke() {
        return { a: 1 } as unknown as Callback
      }
    }
    class Callback {
      a = () => 1
    }
    const make = () =>
      machine<number, Callback>(new Report()).configure({ output: Callback }) as Orchestration<never, unknown>
    const { message } = await failureOf(make())
    expect(message).toContain('result of orchestration "Machine"')
  })

  it('a thrown error that holds on to them is stored without them', async () => {
    const make = () =>
      machine(
        step('Broken', () => {
          throw Object.assign(new RangeError('too much'), { work: () => 1, limit: 5, circle })
        }),
      )
    const first = begun(make(), 1)
    await rejection(first.run.result)
    const second = await restarted(first, make())
    const { cause } = await rejection(second.run.result)
    expect(cause).toMatchObject({ name: 'RangeError', message: 'too much', limit: 5 })
    expect(cause).not.toHaveProperty('work')
  })

  it('what is thrown and is no error is stored as one', async () => {
    const make = () =>
      machine(
        step('Broken', () => {
          return Promise.reject('a text')
        }),
      )
    const first = begun(make(), 1)
    await rejection(first.run.result)
    expect((await rejection((await restarted(first, make())).run.result)).message).toContain('a text')
  })
})

describe('keys that reach a prototype', () => {
  it('come back as plain keys', async () => {
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ) as object
    const make = () => machine<unknown, unknown>(pass('A'))
    const first = begun(make(), hostile)
    await first.run.result
    const second = await restarted(first, make())
    const result = (await second.run.result) as Record<string, unknown>
    expect(Object.keys(result)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
  })
})
