import { describe, expect, it } from 'vitest'
import { CollectRunnable } from '../../src/core/index.js'
import { begin, each, fork, machine, pass, say, slow, step, tokensOf } from './machines.js'

describe('token identity', () => {
  it('counts steps along a branch', async () => {
    const { run, events } = begin(machine(pass('A').addAdvancer(pass('B').addAdvancer(pass('C')))), 1)
    await run.result
    expect(tokensOf(events)).toEqual(['A 0:0', 'B 0:1', 'C 0:2'])
  })

  it('opens child branches at a fan-out only, and a join continues the branch that forked', async () => {
    const join = new CollectRunnable<unknown>().configure({ name: 'J' }).addAdvancer(pass('End'))
    const { run, events } = begin(machine(fork('F', say('A').addAdvancer(join), say('B').addAdvancer(join))), 1)
    expect(await run.result).toEqual(['A', 'B'])
    expect(tokensOf(events)).toEqual(['F 0:0', 'A 0:0.0:0', 'B 0:0.1:0', 'J 0:1', 'End 0:2'])
  })

  it('names each branch of a fan-out over data by its position', async () => {
    const orchestration = machine(
      step<number, number[]>('Plan', n => [n, n + 1, n + 2]).addAdvancer(each<number>('Search')),
      step<number, number>('Search', n => n * 10).addAdvancer(new CollectRunnable<number>().configure({ name: 'J' })),
    )
    const { run, events } = begin(orchestration, 1)
    expect(await run.result).toEqual([10, 20, 30])
    expect(tokensOf(events).slice(1)).toEqual(['Search 0:0.0:0', 'Search 0:0.1:0', 'Search 0:0.2:0', 'J 0:1'])
  })

  it('does not depend on timing', async () => {
    const build = (delays: readonly number[]) => {
      const join = new CollectRunnable<unknown>().configure({ name: 'J' }).addAdvancer(pass('End'))
      const branch = (name: string, ms = 0) => slow(name, ms).addAdvancer(pass(`${name}2`).addAdvancer(join))
      return machine(fork('F', ...['A', 'B', 'C'].map((name, index) => branch(name, delays[index]))))
    }
    const seen: unknown[] = []
    for (const delays of [
      [1, 2, 3],
      [3, 2, 1],
      [2, 3, 1],
      [5, 5, 5],
    ]) {
      const { clock, run, events } = begin(build(delays), 1)
      await clock.advance(10)
      seen.push([[...tokensOf(events)].sort(), await run.result])
    }
    for (const each of seen) expect(each).toEqual(seen[0])
  })

  it('stays as short after 10,000 steps of a loop as after one', async () => {
    const loop = step<number, number>('Loop', n => n + 1)
    loop.addAdvancer(n => n < 10_000, loop).addAdvancer(pass('End'))
    const { run, events } = begin(machine(loop), 0, { maxSteps: 20_000 })
    expect(await run.result).toBe(10_000)
    expect(tokensOf(events).at(-1)).toBe('End 0:10000')
  })

  it('is the idempotency key, together with the run, and the same for state and advancer', async () => {
    const keys: string[] = []
    const first = step<number, number>('A', (n, context) => {
      keys.push(context.idempotencyKey)
      return n
    }).addAdvancer(
      (_, context) => keys.push(context.idempotencyKey) > 0,
      step<number, number>('B', (n, context) => {
        keys.push(context.idempotencyKey)
        return n
      }),
    )
    await machine(first).run(1, { runId: 'r' })
    expect(keys).toEqual(['r/0:0', 'r/0:0', 'r/0:1'])
  })

  it('does not grow where several fan-outs of a loop share a join', async () => {
    let round = 0
    const join = new CollectRunnable<unknown>().configure({ name: 'J' })
    const a = say('A').addAdvancer(join)
    const b = say('B').addAdvancer(join)
    const again = fork('Again', a, b)
    join.addAdvancer(() => ++round < 5, again).addAdvancer(pass('End'))
    const { run, events } = begin(machine(pass('Start').addAdvancer(fork('First', a, b))), 1)
    expect(await run.result).toEqual(['A', 'B'])
    expect(tokensOf(events).filter(token => /^(J|Again|End)/.test(token))).toEqual([
      'J 0:2',
      'Again 0:3',
      'J 0:4',
      'Again 0:5',
      'J 0:6',
      'Again 0:7',
      'J 0:8',
      'Again 0:9',
      'J 0:10',
      'End 0:11',
    ])
  })

  it('does not grow where a join fans out again itself', async () => {
    let round = 0
    const join = new CollectRunnable<unknown>().configure({ name: 'J', parallelAdvances: true })
    const a = say('A').addAdvancer(join)
    const b = say('B').addAdvancer(join)
    join
      .addAdvancer(() => round < 3, a)
      .addAdvancer(() => round++ < 3, b)
      .configure({ allowDeadEnd: true })
    const { run, events } = begin(machine(pass('Start').addAdvancer(fork('First', a, b))).configure({}), 1)
    await run.result.catch(() => undefined)
    expect(tokensOf(events).filter(token => token.startsWith('J'))).toEqual(['J 0:2', 'J 0:3', 'J 0:4', 'J 0:5'])
  })
})
