import { describe, expect, it } from 'vitest'
import { CollectRunnable, type OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { begin, fork, machine, pass, say, slow, step } from './machines.js'

function read(name: string, ...keys: readonly string[]): OrchestrationRunnable<unknown, unknown> {
  return step<unknown, unknown>(name, (_, { properties }) => keys.map(key => properties.get(key)))
}
function write(
  name: string,
  ms: number,
  work: (properties: RunContext['properties']) => void,
): OrchestrationRunnable<unknown, unknown> {
  return step<unknown, unknown>(name, async (_, context) => {
    work(context.properties)
    await context.sleep(ms)
    return name
  })
}

describe('properties (S4-35, S4-37)', () => {
  it('start with what the run was given, and are its own', async () => {
    const orchestration = machine(read('Read', 'user'))
    expect(await Promise.all(['ada', 'bob'].map(async user => orchestration.run(1, { properties: { user } })))).toEqual(
      [['ada'], ['bob']],
    )
    expect(await orchestration.run(1)).toEqual([undefined])
  })

  it('are seen by the step that wrote them at once, by others when the step has completed', async () => {
    let own: unknown
    const writer = step('Write', async (_, context) => {
      context.properties.set('k', 1)
      own = context.properties.get('k')
      await context.sleep(10)
    })
    const { clock, run } = begin(
      machine(fork('F', writer.addAdvancer(read('After', 'k')), slow('B', 5).addAdvancer(read('Before', 'k')))),
      1,
    )
    await clock.advance(10)
    await run.result
    expect([own, run.results]).toEqual([1, [[1], [undefined]]])
  })

  it('keep nothing of a step that fails', async () => {
    const failing = step('Write', (_, { properties }) => {
      properties.set('k', 1)
      throw new Error('boom')
    }).onError(read('Read', 'k'))
    expect(await machine(failing).run(1)).toEqual([undefined])
  })

  it('keep nothing of what a step that is over writes later', async () => {
    let late: RunContext['properties'] | undefined
    const writer = step('Write', (_, { properties }) => {
      properties.set('a', 1)
      late = properties
    })
    const { clock, run } = begin(machine(writer.addAdvancer(slow('Wait', 10).addAdvancer(read('Read', 'a', 'b')))), 1)
    await clock.advance(5)
    late?.set('a', 2)
    late?.set('b', 2)
    await clock.advance(5)
    expect(await run.result).toEqual([1, undefined])
  })

  it('of branches side by side go to the one that is later in token order, whatever the timing', async () => {
    for (const [a, b] of [
      [10, 20],
      [20, 10],
      [5, 5],
    ] as const) {
      const join = new CollectRunnable<unknown>().configure({ name: 'J' }).addAdvancer(read('Read', 'k'))
      const writers = [write('A', a, p => p.set('k', 'A')), write('B', b, p => p.set('k', 'B'))]
      const { clock, run } = begin(machine(fork('F', ...writers.map(writer => writer.addAdvancer(join)))), 1)
      await clock.advance(20)
      expect(await run.result).toEqual(['B'])
    }
  })

  it('written after a join win over those written in its branches', async () => {
    const join = new CollectRunnable<unknown>().configure({ name: 'J' })
    join.addAdvancer(write('After', 0, p => p.set('k', 'after')).addAdvancer(read('Read', 'k')))
    const writers = [write('A', 1, p => p.set('k', 'A')), write('B', 2, p => p.set('k', 'B'))]
    const { clock, run } = begin(machine(fork('F', ...writers.map(writer => writer.addAdvancer(join)))), 1)
    await clock.advance(5)
    expect(await run.result).toEqual(['after'])
  })

  it('can be deleted', async () => {
    const deleting = step('Delete', (_, { properties }) => {
      properties.delete('k')
      return properties.has('k')
    }).addAdvancer(step('Read', (had, { properties }) => [had, properties.has('k'), properties.get('k')]))
    expect(await machine(deleting).run(1, { properties: { k: 1 } })).toEqual([false, false, undefined])
  })

  it('can be written by advancers, and are committed with their decision', async () => {
    const start = pass('Start').addAdvancer(
      (_, context) => {
        context.properties.set('k', 'decided')
        return true
      },
      read('Read', 'k'),
    )
    expect(await machine(start).run(1)).toEqual(['decided'])
  })
})

describe('outputOf', () => {
  it('gives the last output of a state by instance, class and name, and undefined before it has completed', async () => {
    const plan = say('Plan')
    const last = step('End', (_, context) => [
      context.outputOf(plan),
      context.outputOf('Plan'),
      context.outputOf('Never'),
    ])
    expect(await machine(plan.addAdvancer(pass('Middle').addAdvancer(last)), say('Never')).run(1)).toEqual([
      'Plan',
      'Plan',
      undefined,
    ])
  })

  it('of a state that the orchestration does not have fails', async () => {
    const last = step('End', (_, context) => context.outputOf('Nowhere'))
    await expect(machine(last).run(1)).rejects.toThrow('outputOf() in state "End" named "Nowhere"')
  })

  it('are told by the handle of the run, as committed so far', async () => {
    const writing = write('Write', 10, properties => {
      properties.set('kept', 1)
      properties.delete('user')
    })
    const { clock, run } = begin(machine(writing), 1, { properties: { user: 'ada' } })
    expect(run.properties).toEqual({ user: 'ada' })
    await clock.advance(10)
    await run.result
    expect(run.properties).toEqual({ kept: 1 })
  })
})
