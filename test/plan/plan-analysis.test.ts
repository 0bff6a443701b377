import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AgentStep, DependencyAnalyzer, PlanInvalidError, selectStrategy } from '../../src/plan/index.js'

const step = (stepId: string, ...dependencies: string[]) =>
  new AgentStep({ stepId, agentId: 'agent', taskType: 'task', dependencies })
const analyze = (...steps: AgentStep[]) => new DependencyAnalyzer().analyze(steps)
const idsOf = (steps: readonly AgentStep[] | undefined) => (steps ?? []).map(({ stepId }) => stepId)

describe('the dependency analyser (S3-22)', () => {
  const diamond = () =>
    analyze(step('write', 'a', 'b'), step('a', 'plan'), step('b', 'plan', 'plan'), step('plan'), step('log'))

  it('groups steps into levels, each of which depends only on those before', () => {
    expect(diamond().levels.map(idsOf)).toEqual([['plan', 'log'], ['a', 'b'], ['write']])
  })

  it('finds an order that keeps to the list as far as it can', () => {
    expect(idsOf(diamond().order)).toEqual(['plan', 'a', 'b', 'write', 'log'])
    expect(idsOf(analyze(step('a'), step('b', 'a'), step('c')).order)).toEqual(['a', 'b', 'c'])
  })

  it('finds the longest chain, and who waits for whom', () => {
    const analysis = diamond()
    expect(idsOf(analysis.criticalPath)).toEqual(['plan', 'a', 'write'])
    expect(idsOf(analysis.dependantsOf('plan'))).toEqual(['a', 'b'])
    expect(idsOf(analysis.prerequisitesOf('write'))).toEqual(['a', 'b', 'plan'])
    expect(idsOf(analysis.dependantsOf('nobody'))).toEqual([])
    expect(idsOf(analysis.prerequisitesOf('nobody'))).toEqual([])
  })

  it('says of no steps that there is nothing to do', () => {
    expect(analyze()).toMatchObject({ levels: [], order: [], criticalPath: [] })
  })

  it('refuses circles, unknown dependencies and doubled ids, all at once', () => {
    const faulty = () => analyze(step('a', 'b'), step('b', 'a'), step('c', 'd'), step('c'))
    expect(faulty).toThrow(PlanInvalidError)
    expect(faulty).toThrow(/"d"[\s\S]*"c" already[\s\S]*a → b → a/)
  })

  it('puts every step after what it needs, in levels and in the order, whatever the plan', () => {
    const plans = fc
      .array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
      .map(links => links.map((each, at) => [...new Set(each)].filter(to => to < at)))
      .chain(links =>
        fc
          .shuffledSubarray(
            links.map((_, at) => at),
            { minLength: links.length },
          )
          .map(order => ({ links, order })),
      )
    fc.assert(
      fc.property(plans, ({ links, order }) => {
        const steps = order.map(at => step(`s${at}`, ...(links[at] ?? []).map(to => `s${to}`)))
        const analysis = analyze(...steps)
        const levelOf = new Map(
          analysis.levels.flatMap((level, number) => level.map(({ stepId }) => [stepId, number] as const)),
        )
        const place = new Map(idsOf(analysis.order).map((id, index) => [id, index]))
        expect(place.size).toBe(steps.length)
        expect(levelOf.size).toBe(steps.length)
        for (const { stepId, dependencies } of steps) {
          for (const id of dependencies) {
            expect(levelOf.get(id)).toBeLessThan(levelOf.get(stepId) as number)
            expect(place.get(id)).toBeLessThan(place.get(stepId) as number)
          }
        }
        expect(analysis.criticalPath).toHaveLength(analysis.levels.length)
      }),
    )
  })

  it('takes a chain and a fan of ten thousand steps', () => {
    const chain = Array.from({ length: 10_000 }, (_, at) => step(`s${at}`, ...(at === 0 ? [] : [`s${at - 1}`])))
    expect(analyze(...chain.reverse()).criticalPath).toHaveLength(10_000)
    const fan = [step('first'), ...Array.from({ length: 10_000 }, (_, at) => step(`s${at}`, 'first'))]
    expect(analyze(...fan).levels.map(level => level.length)).toEqual([1, 10_000])
  })
})

describe('the strategy selector (S3-23)', () => {
  it('takes parallel where steps do not depend on each other', () => {
    expect(selectStrategy({ steps: [step('a'), step('b'), step('c', 'a', 'b')] })).toEqual({
      strategy: 'parallel',
      reason: 'a and b do not depend on each other.',
    })
  })

  it('takes sequential for one step, and for a chain', () => {
    expect(selectStrategy({ steps: [step('a')] })).toEqual({
      strategy: 'sequential',
      reason: 'There is only one step.',
    })
    expect(selectStrategy({ steps: [step('a'), step('b', 'a')] })).toMatchObject({ strategy: 'sequential' })
  })

  it('never takes sequential where the list breaks the dependencies', () => {
    const { strategy, reason } = selectStrategy({ steps: [step('b', 'a'), step('a')] })
    expect(strategy).toBe('parallel')
    expect(reason).toContain('not listed in the order of their dependencies')
  })

  it('counts no steps that only stand in for others', () => {
    const search = new AgentStep({ stepId: 'a', agentId: 'x', taskType: 't', fallback: 'b' })
    expect(selectStrategy({ steps: [search, step('b')] }).strategy).toBe('sequential')
  })

  it('takes conditional if a step has a condition, and loop if there is one', () => {
    const conditional = new AgentStep({ stepId: 'a', agentId: 'x', taskType: 't', condition: 'metadata.go' })
    expect(selectStrategy({ steps: [conditional, step('b')] })).toEqual({
      strategy: 'conditional',
      reason: 'a has a condition.',
    })
    expect(selectStrategy({ steps: [conditional], loop: { type: 'for_each', items: [1] } })).toEqual({
      strategy: 'loop',
      reason: 'The plan has a for_each loop.',
    })
  })
})
