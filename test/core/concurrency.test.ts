import { describe, expect, it } from 'vitest'
import { CollectRunnable } from '../../src/core/index.js'
import { begin, each, machine, pass, slow, step } from './machines.js'

describe('one instance with several runs at once (LT-5, LT-6, LT-9)', () => {
  it('keeps their data apart', async () => {
    const gather = new CollectRunnable<number>().configure({ name: 'J' })
    const orchestration = machine<number>(
      step<number, number[]>('Plan', (n, { properties }) => {
        properties.set('n', n)
        return [n, n + 1]
      }).addAdvancer(each<number>('Work')),
      step<number, number>('Work', async (n, context) => {
        await context.sleep(10 - n)
        return n * (context.properties.get<number>('n') ?? 0)
      }).addAdvancer(
        gather.addAdvancer(step('End', (items, context) => [items, context.outputOf('Plan'), context.runId])),
      ),
    )
    const { clock, run } = begin(orchestration, 2, { runId: 'a' })
    const others = [5, 3].map(n => orchestration.start(n, { clock, runId: `b${n}` }))
    await clock.advance(10)
    expect(await Promise.all([run, ...others].map(async each => each.result))).toEqual([
      [[4, 6], [2, 3], 'a'],
      [[25, 30], [5, 6], 'b5'],
      [[9, 12], [3, 4], 'b3'],
    ])
  })

  it('does not let the failure or cancellation of one touch another', async () => {
    const orchestration = machine<string>(
      step<string, string>('A', async (input, context) => {
        await context.sleep(10)
        if (input === 'bad') throw new Error('bad')
        return input
      }).addAdvancer(slow('B', 10)),
    )
    const { clock, run: good } = begin(orchestration, 'good')
    const bad = orchestration.start('bad', { clock })
    const cancelled = orchestration.start('other', { clock })
    await clock.advance(5)
    cancelled.cancel()
    await clock.advance(15)
    expect(await Promise.allSettled([good.result, bad.result, cancelled.result])).toMatchObject([
      { status: 'fulfilled', value: 'B' },
      { status: 'rejected' },
      { status: 'rejected' },
    ])
    expect([good.status, bad.status, cancelled.status]).toEqual(['completed', 'failed', 'cancelled'])
  })

  it('gives each run an id of its own', async () => {
    const orchestration = machine(step('A', (_, context) => context.runId))
    const ids = await Promise.all([1, 2, 3].map(async n => orchestration.run(n)))
    expect(new Set(ids).size).toBe(3)
  })

  it('runs a thousand at once', async () => {
    const orchestration = machine<number>(pass<number>('A').addAdvancer(step<number, number>('B', async n => n * 2)))
    const inputs = [...Array(1000).keys()]
    expect(await Promise.all(inputs.map(async n => orchestration.run(n)))).toEqual(inputs.map(n => n * 2))
  })
})
