import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  Expired,
  OrchestrationRunnable,
  Rejected,
  type StateFailure,
  WiringError,
} from '../../src/core/index.js'
import { joinState, OrchestrationBuilder, state } from '../../src/graph/index.js'
import { begin, rejection } from '../core/machines.js'

const upper = () => state('upper', (text: string) => text.toUpperCase())
const fails = (name: string) =>
  state(name, (text: string): string => {
    throw new Error(`${name} broke on ${text}`)
  })
const done = () => state('done', (text: string) => `${text}.`)

class Trim extends OrchestrationRunnable<string, string> {
  invoke(text: string) {
    return text.trim()
  }
}

describe('OrchestrationBuilder', () => {
  it('S4-37 builds an orchestration from states, classes and functions', async () => {
    const end = done()
    const built = new OrchestrationBuilder<string, string>({ name: 'Shouting', input: String, output: String })
      .entry(Trim)
      .advance(Trim, end, { convert: text => text.toUpperCase() })
      .output(end)
      .build()
    expect(built.name).toBe('Shouting')
    expect(built.graph.nodes.map(({ name }) => name)).toEqual(['Trim', 'done'])
    expect(await built.run(' a ')).toBe('A.')
    expect(await rejection(built.run(1 as never))).toMatchObject({ code: 'RUN_FAILED' })
  })

  it('takes statements in any order, spread over functions', async () => {
    const builder = new OrchestrationBuilder<string, string>()
    const [first, last] = [upper(), done()]
    const addEnd = <TIn>(to: OrchestrationBuilder<TIn, string>) => {
      to.output(last)
    }
    builder.advance(first, last)
    addEnd(builder)
    builder.entry(first)
    expect(await builder.build().run('a')).toBe('A.')
    expect(builder.build()).toBe(builder.build())
  })

  it('leads on under conditions, in the order in which they were named', async () => {
    const [start, short, long] = [new Trim(), state('short', (t: string) => `short ${t}`), state('long', () => 'long')]
    const built = new OrchestrationBuilder<string, string>()
      .entry(start)
      .advance(start, short, { when: async text => text.length < 3 })
      .advance(start, long)
      .output(short)
      .output(long)
      .build()
    expect(await built.run('ab')).toBe('short ab')
    expect(await built.run('abc')).toBe('long')
  })

  it('brings parallel branches together in a join with a policy', async () => {
    const slow = state('slow', async (_: string, context) => {
      await context.sleep(1000)
      return 'slow'
    })
    const start = new Trim()
    const gather = joinState('gather', { policy: { quorum: 2 } }, (items: readonly string[]) => items.join('+'))
    const [a, b] = [state('a', () => 'a'), state('b', () => 'b')]
    const built = new OrchestrationBuilder<string, string>()
      .entry(start)
      .parallel(start, [a, slow, b])
      .join([a, b, slow], gather)
      .output(gather)
      .build()
    expect(await built.run('x')).toBe('a+b')
  })

  it('goes on from each item in the order of the items, and from none with an empty array', async () => {
    const split = state('split', (text: string) => text.split(',').filter(Boolean))
    const wait = state('wait', async (item: string, context) => {
      await context.sleep(item.length)
      return item.toUpperCase()
    })
    const sum = state('sum', (items: readonly string[]) => items.join('+'))
    const built = new OrchestrationBuilder<string, string>()
      .entry(split)
      .each(split, items => items, wait, { into: sum })
      .output(sum)
      .build()
    expect(await built.run('aaa,b,cc')).toBe('AAA+B+CC')
    expect(await built.run('')).toBe('')
    expect(built.graph.nodes.map(({ name }) => name)).toContain('wait.collect')
  })

  it('collects at the end of branches of several states', async () => {
    const split = state('split', (text: string) => text.split(''))
    const [up, dot] = [upper(), done()]
    const all = state('all', (items: readonly string[]) => items)
    const built = new OrchestrationBuilder<string, readonly string[]>()
      .entry(split)
      .each(split, items => items, up, { last: dot, into: all })
      .advance(up, dot)
      .output(all)
      .build()
    expect(await built.run('ab')).toEqual(['A.', 'B.'])
  })

  it('collects nothing where no item is sent, inside of another fan-out too', async () => {
    const outer = state('outer', (text: string) => text.split(';'))
    const inner = state('inner', (text: string) => text.split('').filter(Boolean))
    const up = upper()
    const joined = state('joined', (items: readonly string[]) => `[${items.join('')}]`)
    const end = state('end', (items: readonly string[]) => items.join())
    const built = new OrchestrationBuilder<string, string>()
      .entry(outer)
      .each(outer, items => items, inner, { last: joined, into: end })
      .each(inner, items => items, up, { into: joined })
      .output(end)
      .build()
    expect(await built.run('ab;;c')).toBe('[AB],[],[C]')
  })

  it('ends the branch where each() has no items and nothing to go on with', async () => {
    const split = state('split', (text: string) => text.split('').filter(Boolean))
    const up = upper()
    const built = new OrchestrationBuilder<string, string>()
      .entry(split)
      .each(split, all => all, up)
      .output(up)
      .build()
    expect(await built.run('ab')).toBe('B')
    expect((await rejection(built.run(''))).cause).toMatchObject({ code: 'NO_OUTPUT' })
  })

  it('repeats a state until its output is as wanted, and starts anew the next time', async () => {
    const grow = state('grow', (text: string) => `${text}x`)
    const [end, again] = [done(), state('again', (text: string) => text.slice(0, 1))]
    const built = new OrchestrationBuilder<string, string>()
      .entry(grow)
      .loop(grow, text => text.length >= 4, again, { maxRounds: 3 })
      .advance(again, grow, { when: (_, { properties }) => !properties.has('second') && mark(properties) })
      .advance(again, end)
      .output(end)
      .build()
    expect(await built.run('a')).toBe('a.')
  })

  it('fails when the rounds of a loop are used up, or goes where it is told', async () => {
    const grow = state('grow', (text: string) => `${text}x`)
    const end = done()
    const bounded = new OrchestrationBuilder<string, string>()
      .entry(grow)
      .loop(grow, () => false, end, { maxRounds: 3 })
      .output(end)
      .build()
    expect((await rejection(bounded.run('a'))).message).toContain('"grow" is not done after 3 rounds')

    const [body, next, other] = [state('body', (t: string) => `${t}x`), done(), state('other', (t: string) => `${t}!`)]
    const routed = new OrchestrationBuilder<string, string>()
      .entry(body)
      .loop(body, () => false, next, { maxRounds: 3, exhausted: other })
      .output(next)
      .output(other)
      .build()
    expect(await routed.run('a')).toBe('axxx!')
  })

  it('counts the rounds of a loop for each branch by itself', async () => {
    const split = state('split', (text: string) => text.split(','))
    const grow = state('grow', (text: string) => `${text}x`)
    const kept = state('kept', (text: string) => text)
    const end = state('end', (items: readonly string[]) => items.join())
    const built = new OrchestrationBuilder<string, string>()
      .entry(split)
      .each(split, items => items, grow, { last: kept, into: end })
      .loop(grow, text => text.length >= 4, kept, { maxRounds: 4 })
      .output(end)
      .build()
    expect(await built.run('a,ab,abc')).toBe('axxx,abxx,abcx')
  })

  it('refuses a loop without a sensible bound', () => {
    const builder = new OrchestrationBuilder<string, string>()
    expect(() => builder.loop(upper(), () => true, done(), { maxRounds: 0 })).toThrow(/maxRounds.*at least 1/)
  })

  it('ends a branch at a dead end without a result', async () => {
    const [start, dropped, kept] = [new Trim(), state('dropped', () => 'dropped'), state('kept', () => 'kept')]
    const built = new OrchestrationBuilder<string, string>()
      .entry(start)
      .parallel(start, [kept, dropped])
      .output(kept)
      .deadEnd(dropped)
      .build()
    const { run, events } = begin(built, 'x')
    expect(await run.result).toBe('kept')
    expect(run.results).toEqual(['kept'])
    expect(events.ofType('state.completed').map(({ stateName }) => stateName)).toContain('dropped')
  })

  it('completes with the output of an exit at once and cancels what else is under way', async () => {
    const [start, quick] = [new Trim(), state('quick', () => 'quick')]
    const fork = state('fork', (text: string) => text)
    const slow = state('slow', async (_: string, context) => {
      await context.sleep(60_000)
      return 'slow'
    })
    const never = state('never', (text: string) => text)
    const built = new OrchestrationBuilder<string, string>()
      .entry(start)
      .parallel(start, [fork, slow])
      .parallel(fork, [quick])
      .advance(slow, never)
      .output(never)
      .exit(quick)
      .build()
    const { run, events } = begin(built, 'x')
    expect(await run.result).toBe('quick')
    expect(events.ofType('state.skipped').map(({ stateName }) => stateName)).toEqual(['slow'])
  })

  it('exits from every round of a loop that begins at the entry', async () => {
    const start = state('start', (text: string) => `${text}.`)
    const [again, quick] = [state('again', (text: string) => text), state('quick', (text: string) => `quick ${text}`)]
    const slow = state('slow', async (text: string, context) => {
      await context.sleep(60_000)
      return `slow ${text}`
    })
    const built = new OrchestrationBuilder<string, string>()
      .entry(start)
      .parallel(start, [again, slow])
      .advance(again, start, { when: text => text.length < 4 })
      .advance(again, quick)
      .output(slow)
      .exit(quick)
      .build()
    const { run, events } = begin(built, 'x')
    expect(await run.result).toBe('quick x...')
    expect(events.ofType('state.skipped').map(({ stateName }) => stateName)).toEqual(['slow', 'slow', 'slow'])
  })

  it('fails as any other orchestration does where a state fails that an exit could have stopped', async () => {
    const [start, end] = [fails('start'), done()]
    const quick = state('quick', () => 'quick')
    const built = new OrchestrationBuilder<string, string>()
      .entry(start)
      .advance(start, quick, { when: text => text === 'quit' })
      .advance(start, end)
      .output(end)
      .exit(quick)
      .build()
    expect((await rejection(built.run('x'))).message).toContain('failed in state "start": start broke on x')
  })

  it('takes the output where no exit is reached', async () => {
    const [start, quick, end] = [new Trim(), state('quick', () => 'quick'), done()]
    const built = new OrchestrationBuilder<string, string>()
      .entry(start)
      .advance(start, quick, { when: text => text === 'quit' })
      .advance(start, end)
      .output(end)
      .exit(quick)
      .build()
    expect(await built.run('quit')).toBe('quick')
    expect(await built.run('go')).toBe('go.')
  })

  it('leads on from a failure', async () => {
    const broken = state('broken', (text: string): string => {
      throw text === 'a' ? new RangeError('a') : new Error('b')
    })
    const sorry = state('sorry', (failure: StateFailure<string>) => `sorry for ${failure.input}`)
    const again = state('again', (text: string) => `again ${text}`)
    const end = done()
    const built = new OrchestrationBuilder<string, string>()
      .entry(broken)
      .advance(broken, end)
      .onError(broken, again, { when: ({ error }) => error instanceof RangeError, convert: ({ input }) => input })
      .onError(broken, sorry)
      .advance(again, end)
      .advance(sorry, end)
      .output(end)
      .build()
    expect(await built.run('a')).toBe('again a.')
    expect(await built.run('b')).toBe('sorry for b.')
  })

  it('routes each outcome of an approval by its class', async () => {
    const approval = new ApprovalRunnable<string>({ timeoutMs: 1000 })
    const [revise, end, drop] = [upper(), done(), state('drop', () => 'dropped')]
    const builder = new OrchestrationBuilder<string, string>()
    const review = builder
      .route(approval)
      .to(Approved, end, ({ subject }) => subject)
      .to(Rejected, revise, ({ subject }) => subject)
      .to(Expired, drop)
      .done()
    const built = builder.entry(review).advance(revise, review).output(end).output(drop).build()

    const approved = begin(built, 'a')
    await approved.clock.advance(0)
    await approved.run.reject('ApprovalRunnable')
    await approved.clock.advance(0)
    await approved.run.approve('ApprovalRunnable')
    expect(await approved.run.result).toBe('A.')

    const expired = begin(built, 'a')
    await expired.clock.advance(1000)
    expect(await expired.run.result).toBe('dropped')
  })

  it('makes an outcome that is left a result', async () => {
    class Small {
      readonly size = 'small'
    }
    class Large {
      readonly size = 'large'
    }
    const measure = state('measure', (text: string): Small | Large => (text.length < 3 ? new Small() : new Large()))
    const grow = state('grow', () => 'large enough')
    const builder = new OrchestrationBuilder<string, Large>()
    const measured = builder.route(measure).to(Small, grow).output()
    const built = builder.entry(measured).advance(grow, measured).build()
    expect(await built.run('a')).toBeInstanceOf(Large)
    expect(built.graph.result?.name).toBe('measure.result')
  })

  it('runs an orchestration as a state', async () => {
    const inner = upper()
    const nested = state('nested', new OrchestrationBuilder<string, string>().entry(inner).output(inner).build())
    const end = done()
    const built = new OrchestrationBuilder<string, string>().entry(nested).advance(nested, end).output(end).build()
    expect(await built.run('a')).toBe('A.')
    expect(built.graph.byName.get('nested')?.kind).toBe('orchestration')
  })

  it('gives a state of a function the options of a state', async () => {
    let calls = 0
    const flaky = state('flaky', { reruns: 2, output: String, input: String }, text => `${text}${++calls}`)
    const end = done()
    const built = new OrchestrationBuilder<string, string>()
      .entry(flaky)
      .advance(flaky, end, { when: text => text.endsWith('3') })
      .output(end)
      .build()
    expect(await built.run('a')).toBe('a3.')
  })

  describe('refuses to build', () => {
    const problemsOf = (build: () => unknown): readonly string[] => {
      try {
        build()
      } catch (thrown) {
        if (thrown instanceof WiringError) return thrown.problems
        throw thrown
      }
      throw new Error('It was built.')
    }

    it('without an entry', () => {
      const builder = new OrchestrationBuilder<string, string>().output(done())
      expect(problemsOf(() => builder.build())[0]).toMatch(/no initial/)
    })

    it('without a result', () => {
      const builder = new OrchestrationBuilder<string, string>().entry(upper())
      expect(problemsOf(() => builder.build()).join()).toMatch(/it has no result.*output\(\) or exit\(\)/)
    })

    it('with a state that leads nowhere, and names it', () => {
      const [start, end] = [upper(), done()]
      const builder = new OrchestrationBuilder<string, string>()
      builder
        .entry(start)
        .parallel(start, [end, state('lost', () => 'lost')])
        .output(end)
      expect(problemsOf(() => builder.build()).join()).toMatch(/state "lost" leads nowhere.*deadEnd\(\)/)
    })

    it('with an output among several that leads on', () => {
      const [start, end] = [upper(), done()]
      const builder = new OrchestrationBuilder<string, string>().entry(start).advance(start, end)
      builder.output(start).output(end)
      expect(problemsOf(() => builder.build()).join()).toMatch(/"upper" is one of several outputs, but leads on/)
    })

    it('two states of one name', () => {
      const [start, end] = [upper(), upper()]
      const builder = new OrchestrationBuilder<string, string>().entry(start).advance(start, end).output(end)
      expect(problemsOf(() => builder.build()).join()).toMatch(/two states are called "upper"/)
    })

    it('a cycle that nothing ends', () => {
      const [a, b, end] = [upper(), new Trim(), done()]
      const builder = new OrchestrationBuilder<string, string>().entry(a).advance(a, b).advance(b, a).output(end)
      expect(() => builder.build()).toThrow(WiringError)
    })

    it('anything that is added after it has built', () => {
      const end = done()
      const builder = new OrchestrationBuilder<string, string>().entry(end).output(end)
      builder.build()
      expect(() => builder.advance(end, upper())).toThrow(/has built it/)
    })

    it('a state of something that does no work', () => {
      expect(() => state('nothing', {} as never)).toThrow(/`work` must be a function or an orchestration/)
      expect(() => state(' ', () => 1)).toThrow(/`name` must be a non-empty string/)
    })
  })
})

function mark(properties: { set(key: string, value: unknown): void }): boolean {
  properties.set('second', true)
  return true
}
