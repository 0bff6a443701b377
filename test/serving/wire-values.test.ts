import { describe, expect, it } from 'vitest'
import { Orchestration } from '../../src/core/index.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { wireValue } from '../../src/serving/wire-value.js'
import { step } from '../core/machines.js'
import { serve } from './served.js'

class Report {
  title = 'bees'
  readonly at = new Date(0)
  note: string | undefined = undefined
  read(): string {
    return this.title
  }
}

describe('values of runs, as clients get them', () => {
  it('are plain JSON whatever they were', () => {
    expect(
      wireValue({
        report: new Report(),
        tags: new Set(['a', 'b']),
        counts: new Map([['a', 1n]]),
        bytes: new Uint8Array([1, 2]),
        nothing: undefined,
        none: null,
        odd: [Number.NaN, Infinity, undefined, () => 1, Symbol('s')],
        wrong: new Date(Number.NaN),
      }),
    ).toEqual({
      report: { title: 'bees', at: '1970-01-01T00:00:00.000Z' },
      tags: ['a', 'b'],
      counts: { a: '1' },
      bytes: 'AQI=',
      none: null,
      odd: [null, null, null, null, null],
      wrong: null,
    })
  })

  it('say of errors their name, code and message only', () => {
    const error = new OrchestrationError('it broke', {
      code: 'STATE_FAILED',
      details: { secret: 'x' },
      cause: new Error('inner'),
    })
    expect(wireValue({ error })).toEqual({
      error: { name: 'OrchestrationError', message: 'it broke', code: 'STATE_FAILED', retryable: false },
    })
  })

  it('may contain themselves', () => {
    const value: { self?: unknown; twice: unknown[] } = { twice: [] }
    const shared = { a: 1 }
    value.self = value
    value.twice.push(shared, shared)
    expect(wireValue(value)).toEqual({ self: null, twice: [{ a: 1 }, { a: 1 }] })
  })

  it('come through a durable run', async () => {
    class Making extends Orchestration<unknown, unknown> {
      override initialRunnable = step('Make', () => ({ at: new Date(5), set: new Set([1]), big: 5n }))
    }
    const served = await serve({ orchestrations: [new Making()] })
    const body = await served.settled(await served.execute('Making'))
    expect(body.output).toEqual({ at: '1970-01-01T00:00:00.005Z', set: [1], big: '5' })
  })
})
