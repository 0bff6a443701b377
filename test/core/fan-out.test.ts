import { describe, expect, it } from 'vitest'
import {
  CollectRunnable,
  type OrchestrationAdvancer,
  type OrchestrationRunnable,
  sendTo,
} from '../../src/core/index.js'
import { advancer, begin, each, fork, machine, pass, say, slow, step } from './machines.js'

describe('a fan-out', () => {
  it('does not let a slow branch delay a fast one', async () => {
    const done: string[] = []
    const end = (name: string) => step<unknown, string>(name, () => (done.push(name), name))
    const { clock, run } = begin(
      machine(fork('F', slow('Slow', 1000).addAdvancer(end('Last')), slow('Fast', 1).addAdvancer(end('First')))),
      1,
    )
    await clock.advance(1)
    expect(done).toEqual(['First'])
    await clock.advance(999)
    await run.result
    expect(done).toEqual(['First', 'Last'])
  })

  it('gives branches inputs of their own with sendTo', async () => {
    const start = pass<readonly string[]>('Start').setAdvancer(each<string>('Echo'))
    const { run, events } = begin(machine<readonly string[]>(start, pass<string>('Echo')), ['a', 'b'])
    await run.result
    expect(run.results).toEqual(['a', 'b'])
    expect(events.ofType('branch.created')).toMatchObject([
      { branch: '0:0.0', parent: '0:0', stateName: 'Echo' },
      { branch: '0:0.1', parent: '0:0', stateName: 'Echo' },
    ])
  })

  it('mixes targets that get the output with those that get a value of their own', async () => {
    const start = pass<string>('Start').setAdvancer(
      advancer<string>('mixed', ['A', 'B'], () => ['A', sendTo<string>('B', 'own')]),
    )
    const { run } = begin(machine<string>(start, pass('A'), pass('B')), 'out')
    await run.result
    expect(run.results).toEqual(['out', 'own'])
  })

  it('of one item is a fan-out, of none ends the branch', async () => {
    const build = () =>
      machine<readonly string[]>(pass<readonly string[]>('Start').setAdvancer(each<string>('Echo')), pass('Echo'))
    const one = begin(build(), ['a'])
    await one.run.result
    expect(one.events.ofType('state.started').at(-1)?.token).toBe('0:0.0:0')
    const none = begin(build(), [])
    await expect(none.run.result).rejects.toMatchObject({ cause: { code: 'NO_OUTPUT' } })
  })

  it('ends a branch whose advancer returns null, and leaves the others alone', async () => {
    const stop: OrchestrationAdvancer<string> = advancer('stop', ['C'], () => null)
    const ending = (say('A') as OrchestrationRunnable<unknown, string>).setAdvancer(stop)
    const { run, events } = begin(machine(fork('F', ending, say('B')), say('C')), 1)
    expect(await run.result).toBe('B')
    expect(events.ofType('branch.completed')).toContainEqual(
      expect.objectContaining({ branch: '0:0.0', outcome: 'ended' }),
    )
  })

  it('keeps maxConcurrency states at work at most, and gets through all of them', async () => {
    let working = 0
    let most = 0
    const work = step<number, number>('Work', async (n, context) => {
      most = Math.max(most, ++working)
      await context.sleep(10)
      working--
      return n
    })
    const items = [...Array(7).keys()]
    const { clock, run } = begin(
      machine<readonly number[]>(pass<readonly number[]>('F').setAdvancer(each<number>('Work')), work),
      items,
      {
        maxConcurrency: 3,
      },
    )
    await clock.advance(20)
    expect(run.results).toHaveLength(6)
    await clock.advance(10)
    await run.result
    expect(run.results).toEqual(items)
    expect(most).toBe(3)
  })

  it('in lockstep starts a layer when the one before is done; continuous does not wait', async () => {
    const build = () => {
      const a = slow('A1', 10).addAdvancer(slow('A2', 10))
      const b = slow('B1', 30).addAdvancer(slow('B2', 10))
      return machine(fork('F', a, b))
    }
    const order = async (scheduling: 'lockstep' | 'continuous') => {
      const { clock, run, events } = begin(build(), 1, { scheduling })
      await clock.advance(100)
      await run.result
      return events.types
        .map((type, index) => [type, events.events[index]] as const)
        .flatMap(([type, event]) =>
          type === 'state.started' || type === 'state.completed'
            ? [`${(event as { stateName: string }).stateName}${type === 'state.started' ? '+' : '-'}`]
            : [],
        )
        .join(' ')
    }
    expect(await order('lockstep')).toBe('F+ F- A1+ B1+ A1- B1- A2+ B2+ A2- B2-')
    expect(await order('continuous')).toBe('F+ F- A1+ B1+ A1- A2+ A2- B1- B2+ B2-')
  })

  it('in lockstep starts the states of a layer in token order, whatever the timing before', async () => {
    const { clock, run, events } = begin(
      machine(fork('F', slow('A1', 30).addAdvancer(say('A2')), slow('B1', 10).addAdvancer(say('B2')))),
      1,
      { scheduling: 'lockstep' },
    )
    await clock.advance(100)
    await run.result
    expect(events.states).toEqual(['F', 'A1', 'B1', 'A2', 'B2'])
  })

  it('in lockstep goes on when all that was left of a layer has been cancelled', async () => {
    const join = new CollectRunnable<unknown>({ policy: 'any' }).configure({ name: 'J' })
    const start = fork('F', say('A').addAdvancer(join), say('B').addAdvancer(join), say('C').addAdvancer(join))
    const { clock, run, events } = begin(machine(start), 1, { scheduling: 'lockstep', maxConcurrency: 1 })
    await clock.advance(0)
    expect(await run.result).toEqual(['A'])
    expect(events.states).toEqual(['F', 'A', 'J'])
  })

  it('handles a thousand branches', async () => {
    const items = [...Array(1000).keys()]
    const orchestration = machine<readonly number[]>(
      pass<readonly number[]>('F').setAdvancer(each<number>('Work')),
      step<number, number>('Work', async n => n),
    )
    const { run } = begin(orchestration, items, { maxSteps: 2000 })
    await run.result
    expect(run.results).toEqual(items)
  })
})
