import { describe, expect, it } from 'vitest'
import { OrchestrationAdvancer, OrchestrationFailedError, type OrchestrationRunnable } from '../../src/core/index.js'
import { advancer, begin, machine, pass, rejection, say, step } from './machines.js'

describe('advancing (S4-03)', () => {
  it('S4-10 takes the first advancer that matches, in declared order', async () => {
    const start = pass<number>('Start')
      .addAdvancer(n => n > 10, say('Big'))
      .addAdvancer(n => n > 5, say('Medium'))
      .addAdvancer(say('Small'))
    const orchestration = machine<number, string>(start)
    expect(await Promise.all([20, 7, 1].map(async n => orchestration.run(n)))).toEqual(['Big', 'Medium', 'Small'])
  })

  it('S4-07 S4-08 evaluates conditions and conversions exactly once per output (LT-3)', async () => {
    const calls: string[] = []
    class Counting extends OrchestrationAdvancer<number, string> {
      constructor(
        readonly name: string,
        readonly applies: boolean,
      ) {
        super()
      }
      override shouldAdvance() {
        calls.push(`${this.name} shouldAdvance`)
        return this.applies
      }
      override convertOutput(n: number) {
        calls.push(`${this.name} convertOutput`)
        return `n${n}`
      }
      getNextRunnable() {
        calls.push(`${this.name} getNextRunnable`)
        return 'End'
      }
    }
    const start = pass<number>('Start').addAdvancer(new Counting('no', false)).addAdvancer(new Counting('yes', true))
    expect(await machine<number>(start, pass('End')).run(3)).toBe('n3')
    expect(calls).toEqual(['no shouldAdvance', 'yes shouldAdvance', 'yes getNextRunnable', 'yes convertOutput'])
  })

  it('S4-04 hands a converted output on (LT-2)', async () => {
    const length = step<string, string>('Start', text => text).addAdvancer(
      () => true,
      step<number, number>('Double', n => n * 2),
      text => text.length,
    )
    expect(await machine<string>(length).run('four')).toBe(8)
  })

  it('S0-08 takes states, conditions and conversions whether they are synchronous or not', async () => {
    for (const asynchronous of [false, true]) {
      const maybe = <T>(value: T): T | Promise<T> => (asynchronous ? Promise.resolve(value) : value)
      const start = step<number, number>('Start', n => maybe(n + 1)).addAdvancer(
        n => maybe(n > 0),
        step<string, string>('End', text => maybe(`${text}!`)),
        n => maybe(`n${n}`),
      )
      expect(await machine<number>(start).run(1)).toBe('n2!')
    }
  })

  it('takes an asynchronous getNextRunnable', async () => {
    const start = pass<number>('Start').setAdvancer(advancer('later', ['End'], async () => Promise.resolve('End')))
    expect(await machine<number>(start, pass('End')).run(1)).toBe(1)
  })

  it('S4-12 setAdvancer replaces what was added before', async () => {
    const start = pass<number>('Start')
      .addAdvancer(say('Old'))
      .setAdvancer(advancer('new', ['New'], () => 'New'))
    expect(await machine(start, say('New')).run(1)).toBe('New')
  })

  it('S4-13 a state without advancers is terminal', async () => {
    expect(await machine(say('Only')).run(1)).toBe('Only')
  })

  it('S4-32 fails with "Unable to advance to next state" when no advancer matches', async () => {
    const start = pass<number>('Start')
      .addAdvancer(n => n > 1, say('A'))
      .addAdvancer(n => n > 2, say('B'))
    const { run, events } = begin(machine<number>(start), 0)
    const error = await rejection(run.result)
    expect(error).toBeInstanceOf(OrchestrationFailedError)
    expect(error.cause).toMatchObject({ code: 'UNABLE_TO_ADVANCE' })
    expect(error.message).toContain('Unable to advance to next state from "Start"')
    expect(error.message).toContain('→ A, → B')
    events.expectInOrder([
      'state.completed',
      { type: 'state.failed', stateName: 'Start', handled: false },
      'orchestration.failed',
    ])
  })

  it('S4-37 reruns a state that does not get on, under a new identity each time, then fails', async () => {
    const tokens: string[] = []
    const start = step<number, number>('Start', (n, context) => {
      tokens.push(context.token)
      return n
    })
      .configure({ reruns: 2 })
      .addAdvancer(() => false, say('Never'))
    const { run, events } = begin(machine<number>(start), 1)
    expect((await rejection(run.result)).message).toContain('after 2 reruns')
    expect(tokens).toEqual(['0:0', '0:1', '0:2'])
    expect(events.ofType('state.rerun').map(event => [event.rerun, event.reruns])).toEqual([
      [1, 2],
      [2, 2],
    ])
  })

  it('S4-37 goes on as soon as a rerun gets it on, and starts counting anew at the next visit', async () => {
    let calls = 0
    const start: OrchestrationRunnable<number, number> = step<number, number>('Start', () => ++calls)
    start
      .configure({ reruns: 2 })
      .addAdvancer(n => n === 3, start)
      .addAdvancer(n => n === 6, pass('End'))
    expect(await machine(start).run(0)).toBe(6)
  })

  it('S4-37 ends the branch quietly with allowDeadEnd (C3)', async () => {
    const start = pass<number>('Start').configure({ parallelAdvances: true })
    start.addAdvancer(
      pass<number>('Dead')
        .configure({ allowDeadEnd: true })
        .addAdvancer(() => false, say('Never')) as never,
    )
    start.addAdvancer(say('Alive'))
    const { run, events } = begin(machine<number>(start), 1)
    expect(await run.result).toBe('Alive')
    expect(
      events
        .ofType('branch.completed')
        .map(event => `${event.stateName} ${event.outcome}`)
        .sort(),
    ).toEqual(['Alive completed', 'Dead ended'])
  })

  it('fails a run that ends without output', async () => {
    const start = pass<number>('Start').setAdvancer(advancer<number>('stop', ['End'], () => null))
    const error = await rejection(machine(start, say('End')).run(1))
    expect(error.cause).toMatchObject({ code: 'NO_OUTPUT' })
  })

  it('S4-37 follows every advancer that matches with parallelAdvances, each with its own conversion', async () => {
    const start = pass<number>('Start')
      .configure({ parallelAdvances: true })
      .addAdvancer(
        () => true,
        step<string, string>('A', text => text),
        n => `a${n}`,
      )
      .addAdvancer(() => false, say('Never'))
      .addAdvancer(
        () => true,
        step<string, string>('B', text => text),
        n => `b${n}`,
      )
    const { run } = begin(machine<number>(start), 1)
    await run.result
    expect(run.results).toEqual(['a1', 'b1'])
  })

  it.each([
    ['shouldAdvance', { shouldAdvance: () => Promise.reject(new Error('boom')) }],
    [
      'convertOutput',
      {
        convertOutput: () => {
          throw new Error('boom')
        },
      },
    ],
    [
      'getNextRunnable',
      {
        getNextRunnable: () => {
          throw new Error('boom')
        },
      },
    ],
  ])('a %s that throws fails the state and is named (LT-1, LT-2)', async (method, broken) => {
    class Broken extends OrchestrationAdvancer<unknown> {
      getNextRunnable() {
        return 'End'
      }
    }
    const start = pass('Start').addAdvancer(Object.assign(new Broken(), broken))
    const error = await rejection(machine(start, pass('End')).run(1))
    expect(error.message).toContain(`Advancer "Broken" of state "Start" failed in ${method}(): boom`)
    expect(error).toMatchObject({ stateName: 'Start', cause: { code: 'ADVANCER_FAILED', cause: { message: 'boom' } } })
  })

  it.each([
    ['a name that no state has', 'Nowhere', 'named "Nowhere"'],
    ['nothing', undefined, 'named something as the next state that is none'],
    ['a plain object', {}, 'named something as the next state that is none'],
  ])('refuses %s as the next state', async (_, target, message) => {
    class Lost extends OrchestrationAdvancer<unknown> {
      getNextRunnable() {
        return target as never
      }
    }
    const error = await rejection(machine(pass('Start').addAdvancer(new Lost())).run(1))
    expect(error.cause).toMatchObject({ code: 'UNKNOWN_TARGET', message: expect.stringContaining(message) as string })
  })

  it('refuses a target that the advancer did not declare', async () => {
    const start = pass('Start').setAdvancer(advancer('sly', ['A'], () => 'B'))
    const error = await rejection(machine(start, pass('A'), pass('B')).run(1))
    expect(error.message).toContain('declares only "A"')
  })
})
