import { describe, expect, it } from 'vitest'
import { type StateFailure } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { ensureError, OrchestrationError } from '../../src/errors/index.js'
import { begin, machine, rejection, step } from './machines.js'

class Evil extends Error {
  override get message(): string {
    throw new RangeError('no message for you')
  }
}

class Nameless extends Error {
  override get name(): string {
    throw new RangeError('no name for you')
  }
}

class Wordless extends Error {
  override message = Symbol('no text') as unknown as string
}

const unreadable = [
  ['message', () => new Evil()],
  ['name', () => new Nameless()],
  ['message that is no text', () => new Wordless()],
] as const

describe.each(unreadable)('an error with an unreadable %s', (_what, make) => {
  const throwing = () =>
    step<unknown, unknown>('Broken', () => {
      throw make()
    })
  const wordsOfIt = expect.stringContaining('cannot be read') as string

  it.each([
    ['in memory', () => ({})],
    ['in a store', () => ({ store: new MemoryJournalStore() })],
  ])('fails its run like any other: %s', async (_where, options) => {
    const { run, events } = begin(machine(throwing()), 1, options())
    expect(await rejection(run.result)).toMatchObject({ code: 'RUN_FAILED', message: wordsOfIt })
    expect(run.status).toBe('failed')
    expect(events.ofType('state.failed')).toMatchObject([{ errorMessage: wordsOfIt }])
    expect(events.ofType('orchestration.failed')).toHaveLength(1)
  })

  it.each([
    ['in memory', () => ({})],
    ['in a store', () => ({ store: new MemoryJournalStore() })],
  ])('goes its route if there is one: %s', async (_where, options) => {
    const rescue = step<StateFailure<unknown>, unknown>('Rescue', ({ error }) => error.message)
    const { run } = begin(machine(throwing().onError(rescue)), 1, options())
    expect(await run.result).toEqual(wordsOfIt)
  })

  it('fails its run in a store as the cause or a field of another error too', async () => {
    const outer = step<unknown, unknown>('Broken', () => {
      throw Object.assign(new Error('outer', { cause: make() }), { inner: make() })
    })
    const { run } = begin(machine(outer), 1, { store: new MemoryJournalStore() })
    expect(await rejection(run.result)).toMatchObject({ code: 'RUN_FAILED', cause: { message: 'outer' } })
  })

  it('is an error that can be read wherever it is the cause', () => {
    const error = new OrchestrationError('It failed.', { code: 'STATE_FAILED', cause: make() })
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ message: 'It failed.', cause: wordsOfIt })
  })
})

describe('ensureError()', () => {
  it('leaves an error that can be read as it is', () => {
    const error = new TypeError('x')
    expect(ensureError(error)).toBe(error)
  })

  it('makes an error of anything, also of what throws when it is looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(ensureError(proxy)).toBeInstanceOf(Error)
    const hidden = {
      toJSON: () => expect.unreachable(),
      get [Symbol.toStringTag](): string {
        throw new Error('no')
      },
    }
    expect(ensureError(hidden)).toBeInstanceOf(Error)
  })
})
