import { describe, expect, it } from 'vitest'
import { DelayRunnable, type OrchestrationRunnable } from '../../src/core/index.js'
import { machine, step } from '../core/machines.js'
import { begun, restarted } from './restart.js'

/** What a state is given after a restart that another one has returned before it. */
async function afterRestart(value: unknown): Promise<unknown> {
  const handing = () =>
    machine<unknown, unknown>(
      step<unknown, unknown>('Give', () => value).addAdvancer(
        (
          new DelayRunnable<unknown>(10).configure({ name: 'Wait' }) as OrchestrationRunnable<unknown, unknown>
        ).addAdvancer(step<unknown, unknown>('Take', given => given)),
      ),
    )
  const before = begun(handing(), 1)
  await before.clock.advance(1)
  const { run, clock } = await restarted(before, handing())
  await clock.advance(10)
  return run.result
}

const bare = Object.assign(Object.create(null) as object, { a: 1 })
const holes: unknown[] = [1]
holes[2] = 3
const counted = {
  get size() {
    return 3
  },
}

describe('what a state is given after a restart', () => {
  it.each<[string, unknown, unknown]>([
    ['a Buffer: a Uint8Array', Buffer.from('abc'), new Uint8Array([97, 98, 99])],
    ['an array with holes: undefined in their place', holes, [1, undefined, 3]],
    ['the result of match(): its elements', 'a-b'.match(/-(b)/), ['-b', 'b']],
    ['an object without prototype: a plain object', bare, { a: 1 }],
    ['a getter: the value that it had', counted, { size: 3 }],
  ])('of %s', async (_what, value, expected) => {
    expect(await afterRestart(value)).toStrictEqual(expected)
  })

  it('of one object in two places: two', async () => {
    const one = { a: 1 }
    const [first, second] = (await afterRestart([one, one])) as [object, object]
    expect([first, second]).toStrictEqual([one, one])
    expect(first).not.toBe(second)
  })
})
