import { describe, expect, it } from 'vitest'
import {
  type AgentDescription,
  ExecutionPlan,
  MemoryRegistryClient,
  type PlanFault,
  PlanInvalidError,
  PlanValidator,
  validatePlan,
} from '../../src/plan/index.js'
import { bare, planOf, researchPlan } from './plans.js'

const found = (plan: unknown, agents?: readonly AgentDescription[]) =>
  validatePlan(plan, agents === undefined ? {} : { agents }).faults
const inShort = (faults: readonly PlanFault[]) => faults.map(({ kind, path }) => `${kind} ${path}`)
const only = (plan: unknown, agents?: readonly AgentDescription[]) => {
  const faults = found(plan, agents)
  expect(inShort(faults)).toHaveLength(1)
  return faults[0] as PlanFault
}

describe('the plan validator (S3-24)', () => {
  it('has nothing to say about a plan that is right', () => {
    expect(validatePlan(researchPlan)).toEqual({ valid: true, faults: [], hints: [] })
    expect(validatePlan(ExecutionPlan.fromJSON(researchPlan))).toEqual({ valid: true, faults: [], hints: [] })
  })

  it('finds everything at once, with the path, what is expected, and the nearest names', () => {
    const plan = {
      plan_id: 'p',
      intent: 'i',
      strategy: 'paralel',
      timeout: -1,
      steps: [
        { ...bare('search'), retry_policy: { max_retries: 0, initial_delay: -2, backoff_type: 'random' } },
        { ...bare('search', 'serch', 'search'), timeout: 0 },
        bare('a', 'b'),
        bare('b', 'a'),
        { ...bare('c'), condition: 'results.search.data >', fallback: 'c' },
      ],
    }
    const faults = found(plan)
    expect(inShort(faults)).toEqual([
      'range timeout',
      'unknown_strategy strategy',
      'range steps[0].retry_policy.backoff_type',
      'range steps[0].retry_policy.max_retries',
      'range steps[0].retry_policy.initial_delay',
      'range steps[1].timeout',
      'duplicate steps[1].step_id',
      'unknown_step steps[1].dependencies[0]',
      'self_dependency steps[1].dependencies[1]',
      'cycle steps[3].dependencies[0]',
      'fallback steps[4].fallback',
      'condition steps[4].condition',
    ])
    expect(faults.every(({ message, expected }) => message !== '' && expected !== '')).toBe(true)
    const error = new PlanInvalidError(faults)
    expect(error).toMatchObject({ code: 'PLAN_INVALID', details: { faults } })
    expect(error.message).toContain('12 faults')
    expect(error.message).toContain('- steps[1].dependencies[0]: There is no step "serch". Did you mean "search"?')
  })

  it('refuses a plan without steps', () => {
    expect(only(planOf('parallel'))).toMatchObject({ kind: 'empty', path: 'steps', message: 'The plan has no steps.' })
  })

  it('says `Unknown strategy: xyz`, and which there are (S3-09)', () => {
    const fault = only(planOf('xyz', bare('a')))
    expect(fault.message).toMatch(/^Unknown strategy: xyz\. There are: sequential, parallel, conditional, loop\.$/)
    expect(only(planOf('conditonal', bare('a')))).toMatchObject({ nearest: ['conditional'] })
    expect(() => ExecutionPlan.fromJSON(planOf('xyz', bare('a')))).toThrow('Unknown strategy: xyz')
  })

  it('says that `max_retries` counts attempts (C29), and that lengths of time are seconds (C30)', () => {
    const [attempts, delay, timeout] = found(
      planOf('parallel', { ...bare('a'), retry_policy: { max_retries: 0, initial_delay: -1 }, timeout: 0 }),
    )
    expect(attempts?.expected).toBe('a whole number of at least 1: it counts the attempts, the first included')
    expect(delay?.expected).toMatch(/^seconds/)
    expect(timeout?.expected).toMatch(/^seconds/)
    expect(
      found(planOf('parallel', { ...bare('a'), retry_policy: { max_retries: 1, initial_delay: 0 }, timeout: 0.5 })),
    ).toEqual([])
  })

  it('refuses the one id that no result can be kept under', () => {
    const step = JSON.parse('{"step_id":"__proto__","agent_id":"x","task_type":"t"}') as object
    expect(only(planOf('parallel', step))).toMatchObject({ path: 'steps[0].step_id', kind: 'range' })
  })

  it('names a circle by its steps in order', () => {
    const fault = only(planOf('parallel', bare('a', 'c'), bare('b', 'a'), bare('c', 'b'), bare('d', 'a')))
    expect(fault).toMatchObject({ kind: 'cycle', path: 'steps[1].dependencies[0]' })
    expect(fault.message).toBe('Steps depend on each other in a circle: a → c → b → a, each on the next.')
  })

  it('finds circles that share a step', () => {
    const plan = planOf('parallel', bare('a', 'b', 'c'), bare('b', 'a'), bare('c', 'a'))
    expect(found(plan).map(({ message }) => message)).toEqual([
      expect.stringContaining('a → b → a'),
      expect.stringContaining('a → c → a'),
    ])
  })

  it('only hints at an order of the list that breaks dependencies, which is an error of the run (S3-10)', () => {
    const report = validatePlan(planOf('sequential', bare('write', 'search'), bare('search')))
    expect(report).toMatchObject({ valid: true, hints: [{ path: 'steps[0].dependencies[0]' }] })
    expect(report.hints[0]?.message).toContain('"write" fails: "search" comes after it')
    expect(validatePlan(planOf('parallel', bare('write', 'search'), bare('search'))).hints).toEqual([])
    const standIn = [{ ...bare('a'), fallback: 'f' }, bare('z'), bare('f', 'z')]
    expect(validatePlan(planOf('sequential', ...standIn)).hints).toMatchObject([
      { path: 'steps[2].dependencies[0]', message: expect.stringContaining('"f" cannot stand in for "a": "z" comes') },
    ])
  })

  it('gives the place in a condition that cannot be read (C27)', () => {
    const fault = only(planOf('parallel', { ...bare('a'), condition: 'metadata.x > > 1' }))
    expect(fault).toMatchObject({ kind: 'condition', path: 'steps[0].condition' })
    expect(fault.message).toMatch(/not valid at character 1[0-4]: /)
  })

  it('takes conditions as Python writes them', () => {
    const condition = 'metadata.ready and not (metadata.done or False)'
    expect(found(planOf('conditional', { ...bare('a'), condition }))).toEqual([])
  })

  it('finds conditions that read what is not there', () => {
    const withCondition = (condition: string, ...dependencies: string[]) =>
      planOf('parallel', bare('search'), { ...bare('write', ...dependencies), condition })
    const unknown = only(withCondition('results.serch.data.count > 0', 'search'))
    expect(unknown).toMatchObject({ kind: 'condition', nearest: ['search'] })
    expect(only(withCondition('result.search.data.count > 0', 'search'))).toMatchObject({ nearest: ['results'] })
    expect(found(withCondition('results.search.data.count > 0', 'search'))).toEqual([])
    const unsure = only(withCondition('results.search.data.count > 0'))
    expect(unsure.message).toBe('The condition reads the result of "search", which need not have run by then.')
    expect(unsure.expected).toBe('"search" among the dependencies')
    expect(only(withCondition('results.write.data == 1')).message).toContain('its own step')
  })

  it('in a list that is followed, lets conditions read what stands before', () => {
    const condition = 'results.b.data.ok'
    expect(found(planOf('sequential', bare('b'), { ...bare('a'), condition }))).toEqual([])
    const late = only(planOf('sequential', { ...bare('a'), condition }, bare('b')))
    expect(late.message).toBe('The condition reads the result of "b", which comes after it.')
  })

  it('with the strategy conditional, lets conditions read what is first in the order of the dependencies', () => {
    const condition = 'results.b.data.ok'
    expect(found(planOf('conditional', bare('b'), { ...bare('a'), condition }))).toEqual([])
    expect(found(planOf('conditional', { ...bare('a', 'c'), condition }, bare('c', 'b'), bare('b')))).toEqual([])
    const late = only(planOf('conditional', { ...bare('a'), condition }, bare('b')))
    expect(late.expected).toBe('"b" among the dependencies')
  })

  it('lets a while loop read what the turn before has left, and a for_each loop what stands before', () => {
    const steps = [{ ...bare('a'), condition: 'results.b.data.ok' }, bare('b')]
    expect(found({ ...planOf('loop', ...steps), loop: { type: 'while', condition: 'iteration < 3' } })).toEqual([])
    expect(only({ ...planOf('loop', ...steps), loop: { type: 'for_each', items: [1] } })).toMatchObject({
      kind: 'condition',
      expected: 'a step that is listed before',
    })
  })

  it('checks the loop of a plan', () => {
    const loopOf = (loop: unknown) => ({
      ...planOf('loop', bare('a'), { ...bare('b'), condition: 'iteration > 1' }),
      loop,
    })
    expect(only(planOf('loop', bare('a')))).toMatchObject({ kind: 'loop', path: 'loop' })
    expect(only({ ...planOf('parallel', bare('a')), loop: { type: 'for_each', items: [1] } })).toMatchObject({
      kind: 'loop',
      message: 'There is a loop, but the strategy is parallel.',
    })
    expect(found(loopOf({ type: 'for_each', items: [1, 2] }))).toEqual([])
    const cities = (value: unknown, items = 'metadata.cities') => ({
      ...loopOf({ type: 'for_each', items, max_iterations: 2 }),
      metadata: value === undefined ? {} : { cities: value },
    })
    expect(found(cities(['Rome', 'Oslo']))).toEqual([])
    expect(found(cities([]))).toEqual([])
    expect(only(cities(['Rome', 'Oslo', 'Bern']))).toMatchObject({
      path: 'loop.max_iterations',
      message: 'This allows 2 turns, but there are 3 items.',
    })
    expect(only(cities(undefined))).toMatchObject({ path: 'loop.items', message: 'There is no metadata.cities.' })
    expect(only(cities('Rome'))).toMatchObject({ path: 'loop.items', message: 'It comes to the text "Rome".' })
    expect(only(cities('Rome', 'metadata.cities + 1')).message).toContain('could not be computed')
    const forEach = {
      ...planOf('loop', { ...bare('a'), condition: 'item.size > 1' }),
      loop: { type: 'for_each', items: [] },
    }
    expect(found(forEach)).toEqual([])
    expect(only({ ...forEach, loop: { type: 'while', condition: 'iteration < 2' } }).message).toContain('reads "item"')
    expect(found(loopOf({ type: 'while', condition: 'iteration < 3 and results.a.data.open' }))).toEqual([])
    expect(only(loopOf({ type: 'foreach', items: [1] }))).toMatchObject({ path: 'loop.type', nearest: ['for_each'] })
    expect(only(loopOf({ type: 'for_each', items: { a: 1 } }))).toMatchObject({ kind: 'type', path: 'loop.items' })
    expect(only(loopOf({ type: 'for_each' }))).toMatchObject({ kind: 'missing', path: 'loop.items' })
    expect(only(loopOf({ type: 'while' }))).toMatchObject({ kind: 'missing', path: 'loop.condition' })
    expect(only(loopOf({ type: 'while', condition: '1 <' }))).toMatchObject({ path: 'loop.condition' })
    expect(only(loopOf({ type: 'for_each', items: 'results.a.data' }))).toMatchObject({ path: 'loop.items' })
    expect(only(loopOf({ type: 'for_each', items: [1, 2], max_iterations: 1 }))).toMatchObject({
      path: 'loop.max_iterations',
      message: 'This allows 1 turns, but there are 2 items.',
    })
    expect(only(loopOf({ type: 'for_each', items: [1], max_iterations: 0 }))).toMatchObject({ kind: 'range' })
  })

  it('finds fallbacks that cannot take over (S3-36)', () => {
    const withFallback = (id: string, fallback: string, ...dependencies: string[]) => ({
      ...bare(id, ...dependencies),
      fallback,
    })
    expect(found(planOf('parallel', withFallback('a', 'b'), bare('b')))).toEqual([])
    const circle = only(planOf('parallel', withFallback('a', 'b'), withFallback('b', 'a')))
    expect(circle.message).toBe('Fallbacks lead back to where they began: a → b → a.')
    const later = only(planOf('parallel', withFallback('a', 'c'), bare('b', 'a'), bare('c', 'b')))
    expect(later.message).toBe('The step "c" cannot take over: it depends on "a" itself.')
    const needed = found(
      planOf('parallel', withFallback('a', 'b'), bare('b'), { ...bare('c', 'b'), condition: 'results.b.data' }),
    )
    expect(inShort(needed)).toEqual(['fallback steps[2].dependencies[0]', 'condition steps[2].condition'])
    expect(needed[0]).toMatchObject({
      message: 'The step "b" only stands in for "a": it has no result of its own.',
      expected: '"a", or a step that is nobody’s fallback',
    })
    const asked = only(planOf('parallel', withFallback('a', 'b'), { ...bare('b'), condition: 'true' }))
    expect(asked).toMatchObject({
      path: 'steps[1].condition',
      message: 'The step "b" only stands in for "a", so its condition would not be asked.',
    })
    const circular = [withFallback('a', 'f'), bare('f', 'b'), withFallback('b', 'g'), bare('g', 'a')]
    expect(only(planOf('parallel', ...circular))).toMatchObject({
      kind: 'fallback',
      path: 'steps[0].fallback',
      message: expect.stringContaining('wait for each other in a circle: a → b → a'),
    })
    const agents = ['a-agent', 'spare'].map(agentId => ({ agentId, capabilities: [] }))
    expect(found(planOf('parallel', withFallback('a', 'spare')), agents)).toEqual([])
    expect(only(planOf('parallel', withFallback('a', 'spear-agent')), agents).message).toContain(
      'There is neither a step nor an agent "spear-agent".',
    )
  })

  it('knows the agents of a registry, and what they can do (S3-41)', async () => {
    const registry = new MemoryRegistryClient()
      .register('searcher', () => 1, { capabilities: ['web_search'] })
      .register('writer', () => 2)
    const plan = planOf(
      'parallel',
      { step_id: 'a', agent_id: 'seacher', task_type: 'web_search' },
      { step_id: 'b', agent_id: 'searcher', task_type: 'websearch' },
      { step_id: 'c', agent_id: 'writer', task_type: 'anything' },
    )
    const validator = new PlanValidator(registry)
    expect((await validator.validate(plan)).faults).toMatchObject([
      { kind: 'unknown_agent', path: 'steps[0].agent_id', nearest: ['searcher'] },
      { kind: 'unknown_capability', path: 'steps[1].task_type', nearest: ['web_search'] },
    ])
    await expect(validator.assertValid(plan)).rejects.toMatchObject({ code: 'PLAN_INVALID' })
    expect((await new PlanValidator().validate(plan)).valid).toBe(true)
  })

  it('finds what would not survive as JSON, wherever it is', () => {
    const loop: { self?: unknown } = {}
    loop.self = loop
    const plan = new ExecutionPlan({
      planId: 'p',
      intent: 'i',
      strategy: 'parallel',
      metadata: { at: new Date(0) },
      steps: [{ stepId: 'a', agentId: 'x', taskType: 't', parameters: { run: () => 1, list: [1, Number.NaN], loop } }],
    })
    expect(found(plan).map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'metadata.at: This is an instance of Date.',
      'steps[0].parameters.run: This is a function.',
      'steps[0].parameters.list[1]: This is the number NaN.',
      'steps[0].parameters.loop.self: This is an object that contains itself.',
    ])
  })

  it('takes a plan of ten thousand steps in a moment, right or wrong', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) =>
      bare(`s${index}`, ...(index === 0 ? [] : [`s${index - 1}`])),
    )
    expect(found(planOf('parallel', ...chain))).toEqual([])
    const closed = chain.map((step, index) => (index === 0 ? { ...step, dependencies: ['s9999'] } : step))
    const message = only(planOf('parallel', ...closed)).message
    expect(message).toContain('… 9989 more …')
    const lost = chain.map(step => ({ ...step, dependencies: ['nowhere'] }))
    expect(found(planOf('parallel', ...lost))).toHaveLength(10_000)
  })
})
