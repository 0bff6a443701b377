import { describe, expect, it } from 'vitest'
import { Orchestration, OrchestrationRunnable } from '../../src/core/index.js'
import {
  consensus,
  evaluatorOptimizer,
  joinState,
  loopUntil,
  OrchestrationBuilder,
  router,
  state,
  supervisor,
  toDot,
  toMermaid,
  toPlantUml,
  toSvg,
} from '../../src/graph/index.js'
import { rejection } from '../core/machines.js'

const step = (name: string) => state(name, (value: number) => value)
const numbers = (name = 'Numbers') => new OrchestrationBuilder<number, number>({ name })

class Inner extends Orchestration<number, number> {
  constructor() {
    super()
    this.initialRunnable = step('inside')
  }
}

class Increment extends OrchestrationRunnable<number, number> {
  invoke(value: number) {
    return value + 1
  }
}

describe('The builder, called without a compiler, says', () => {
  const plain = () => numbers() as unknown as Record<string, (...args: unknown[]) => unknown>

  it.each([undefined, 'Draft', (value: number) => value, class Foo {}])('that %s is no state', given => {
    expect(() => plain().entry?.(given)).toThrow(/`state` must be a state or its class/)
  })

  it('how an orchestration becomes a state', () => {
    expect(() => plain().entry?.(new Inner())).toThrow(/state\(name, orchestration\)/)
  })

  it.each(['when', 'convert'])('that %s must be a function', option => {
    expect(() => plain().advance?.(step('a'), step('b'), { [option]: true })).toThrow(
      `\`${option}\` must be a function`,
    )
    expect(() => plain().onError?.(step('a'), step('b'), { [option]: 'x' })).toThrow(`\`${option}\` must be a function`)
  })

  it('that items and until must be functions', () => {
    expect(() => plain().each?.(step('a'), [1], step('b'))).toThrow(/`items` must be a function/)
    expect(() => plain().loop?.(step('a'), true, step('b'))).toThrow(/`until` must be a function/)
  })

  it('that branches and targets must be arrays, and a join a join', () => {
    expect(() => plain().parallel?.(step('a'), step('b'))).toThrow(/`targets` must be an array/)
    expect(() => plain().join?.(step('a'), step('b'))).toThrow(/`branches` must be an array/)
    expect(() => plain().join?.([step('a')], step('b'))).toThrow(/`join` must be a join/)
  })

  it.each([undefined, 'Approved', () => 1])('that %s is no class of outcomes', outcome => {
    const outlet = numbers().route(step('a')) as unknown as Record<string, (...args: unknown[]) => unknown>
    expect(() => outlet.to?.(outcome, step('b'))).toThrow(/`outcome` must be a class/)
  })

  it('that items() has returned no array', async () => {
    const [a, b] = [step('a'), step('b')]
    const each = numbers()
      .entry(a)
      .each(a, () => new Set([1]) as unknown as number[], b)
      .output(b)
      .build()
    expect((await rejection(each.run(1))).message).toMatch(/`items` must be a function that returns an array/)
  })

  it('what state() and joinState() need', () => {
    expect(() => state('a', Increment as unknown as () => number)).toThrow(/needs no state\(\) around it/)
    expect(() => state(undefined as never, () => 1)).toThrow(/`name` must be a non-empty string/)
    expect(() => joinState('j', (() => 1) as never, undefined as never)).toThrow(/after the name and the options/)
  })
})

describe('The builder refuses', () => {
  it('a state that belongs to another builder, whose ways on it would share', () => {
    const [a, b] = [step('a'), step('b')]
    numbers('One').entry(a).advance(a, b).output(b)
    expect(() => numbers('Two').entry(a)).toThrow('State "a" belongs to the builder of "One"')
  })

  it('a state that is an exit and an output or a dead end', () => {
    const [a, b, c] = [step('a'), step('b'), step('c')]
    expect(() => numbers().entry(a).exit(a).output(a).build()).toThrow(/"a" is an exit and an output/)
    const both = numbers().entry(b).advance(b, c).exit(c).deadEnd(c)
    expect(() => both.build()).toThrow(/"c" is an exit and a dead end/)
  })
})

describe('A loop', () => {
  it('is bounded where its body fans out and nothing joins', async () => {
    let rounds = 0
    const start = state('start', (value: number) => {
      rounds++
      return value
    })
    const [left, right, check, end] = [step('left'), step('right'), step('check'), step('end')]
    const orchestration = numbers()
      .entry(start)
      .parallel(start, [left, right])
      .advance(left, check)
      .advance(right, check)
      .loop(check, () => false, end, { back: start, maxRounds: 3, exhausted: end })
      .output(end)
      .build()
    expect(await orchestration.run(1)).toBe(1)
    expect(rounds).toBe(1 + 2 + 4)
  })

  it('starts anew in a branch of one that was done', async () => {
    const grow = state('grow', (value: number) => value + 1)
    const [again, left, right, gate, end] = [step('again'), step('left'), step('right'), step('gate'), step('end')]
    const orchestration = numbers()
      .entry(grow)
      .loop(grow, value => value % 3 === 0, gate, { maxRounds: 3 })
      .advance(gate, end, { when: value => value > 8 })
      .advance(gate, again)
      .parallel(again, [left, right])
      .advance(left, grow)
      .advance(right, grow)
      .output(end)
      .build()
    expect(await orchestration.run(0)).toBe(9)
  })
})

describe('Patterns', () => {
  const same = (value: unknown) => value

  it('take any names of routes and workers', async () => {
    const routes = { start: () => 1, classify: () => 2, fallback: () => 3, 'no route': () => 4 }
    expect(await router<string, keyof typeof routes, number>({ classify: () => 'fallback', routes }).run('x')).toBe(3)
    const workers = { start: same, decide: same, delegate: same, answer: () => 'it' }
    const asking = supervisor<string, unknown>({
      decide: ({ reports: [report] }) => ({
        next: report === undefined ? 'answer' : 'done',
        message: String(report?.result),
      }),
      workers,
    })
    expect(await asking.run('x')).toBe('it')
  })

  it('run as many rounds as they were given, also where these take more than the usual 1000 steps', async () => {
    expect(await loopUntil({ body: (n: number) => n + 1, until: n => n === 1500, maxRounds: 1500 }).run(0)).toBe(1500)
    const better = evaluatorOptimizer<string, number, number>({
      generate: ({ round }) => round,
      evaluate: ({ draft }) => draft,
      accept: review => review === 400,
      maxRounds: 400,
    })
    expect(await better.run('x')).toBe(400)
    const agreeing = consensus<string, string, number>({
      analysts: [() => 'a', () => 'b'],
      aggregate: ({ round }) => round,
      supervise: ({ round }) => ({ decision: round === 200 ? 'APPROVE' : 'REVISE' }),
      maxRounds: 200,
    })
    expect(await agreeing.run('x')).toBe(200)
    const asking = supervisor<string, string>({
      decide: ({ reports }) => ({ next: reports.length === 400 ? 'done' : 'a', message: `${reports.length}` }),
      workers: { a: task => task },
      maxDelegations: 400,
    })
    expect(await asking.run('x')).toBe('400')
  })

  it('name the option that is wrong', () => {
    const decide = () => ({ next: 'done', message: '' })
    expect(() => supervisor({ decide, workers: { a: same }, maxDelegations: -1 })).toThrow(/`maxDelegations`/)
    expect(() => router<string, never, string>({ classify: () => '' as never, routes: {} })).toThrow(/`routes`/)
    const onExhausted = 'procede' as 'proceed'
    expect(() => loopUntil({ body: (n: number) => n, until: () => true, onExhausted })).toThrow(/`onExhausted`/)
  })

  it('take no word for a decision that is none', async () => {
    const agreeing = consensus<string, string, string>({
      analysts: [() => 'a'],
      aggregate: () => 'b',
      supervise: () => ({ decision: 'approve' as 'APPROVE' }),
    })
    expect((await rejection(agreeing.run('x'))).message).toMatch(/"APPROVE" or "REVISE", but this one said "approve"/)
  })
})

describe('Diagrams', () => {
  it('show no ways to an exit that are never taken', () => {
    const [a, b, c] = [step('a'), step('b'), step('c')]
    const orchestration = numbers().entry(a).parallel(a, [b, c]).exit(b).output(c).build()
    for (const format of [toMermaid, toDot, toPlantUml, toSvg]) {
      expect(format(orchestration)).toContain('run.exit')
      expect(format(orchestration)).not.toContain('on error')
    }
  })

  it.each([toMermaid, toDot, toPlantUml, toSvg])('say what can be drawn', format => {
    expect(() => format(step('a') as never)).toThrow(/`source` must be an orchestration or its graph/)
    expect(() => format(undefined as never)).toThrow(/`source`/)
    expect(() => format(new Inner(), { trace: [] as never })).toThrow(/`trace` must be what traceOf\(\) makes/)
  })
})
