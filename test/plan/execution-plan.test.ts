import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AgentStep,
  ExecutionPlan,
  ExecutionStrategy,
  type PlanInvalidError,
  RetryPolicy,
} from '../../src/plan/index.js'
import { PayloadCodec, schemaOf } from '../../src/schema/index.js'
import { bare, planOf, researchPlan } from './plans.js'

/** A plain object with the fields of an instance. */
const fieldsOf = (instance: object | undefined): object => Object.assign({}, instance)
const roundTrip = (plan: ExecutionPlan) => ExecutionPlan.fromJSON(JSON.parse(JSON.stringify(plan)))

describe('an execution plan', () => {
  it('has one of four strategies, by their names in S3 (S3-04)', () => {
    expect(ExecutionStrategy).toEqual({
      Sequential: 'sequential',
      Parallel: 'parallel',
      Conditional: 'conditional',
      Loop: 'loop',
    })
  })

  it('is read from the JSON of S3: every member of a plan and of a step (S3-05, S3-06)', () => {
    const plan = ExecutionPlan.fromJSON(researchPlan)
    expect(plan).toBeInstanceOf(ExecutionPlan)
    expect(plan).toMatchObject({
      planId: 'plan-1',
      intent: 'Report on AI in healthcare',
      strategy: ExecutionStrategy.Sequential,
      metadata: { author: 'me' },
    })
    const [search, write] = plan.steps
    expect(search).toBeInstanceOf(AgentStep)
    expect(search?.retryPolicy).toBeInstanceOf(RetryPolicy)
    expect(search).toEqual(
      new AgentStep({
        stepId: 'search',
        agentId: 'searcher',
        taskType: 'search',
        parameters: { topic: 'AI in healthcare' },
        retryPolicy: { maxRetries: 3, backoffType: 'exponential', initialDelay: 1 },
        timeout: 30,
      }),
    )
    expect(write).toMatchObject({ dependencies: ['search'], condition: 'results.search.data.count > 0' })
  })

  it('is read the same from camelCase, from text, and from another plan', () => {
    const plan = ExecutionPlan.fromJSON(researchPlan)
    const camel = {
      planId: 'plan-1',
      intent: plan.intent,
      strategy: 'sequential',
      metadata: plan.metadata,
      steps: plan.steps.map(fieldsOf),
    }
    expect(ExecutionPlan.fromJSON(camel)).toEqual(plan)
    expect(ExecutionPlan.fromJSON(JSON.stringify(researchPlan))).toEqual(plan)
    expect(ExecutionPlan.fromJSON(plan)).toEqual(plan)
  })

  it('fills in what S3 fills in: no parameters, no dependencies, no metadata (S3-05, S3-06)', () => {
    const plan = ExecutionPlan.fromJSON(planOf('parallel', { step_id: 'a', agent_id: 'x', task_type: 't' }))
    expect(plan.metadata).toEqual({})
    expect(plan.steps).toEqual([new AgentStep({ stepId: 'a', agentId: 'x', taskType: 't' })])
    expect(plan.steps[0]).toMatchObject({ parameters: {}, dependencies: [] })
  })

  it('writes snake_case, whatever it was read from, and leaves the keys of its data alone', () => {
    const plan = ExecutionPlan.fromJSON({
      ...planOf('loop', {
        ...bare('a'),
        parameters: { maxItems: 3 },
        retryPolicy: { maxRetries: 2 },
        fallback: 'spare',
      }),
      loop: { type: 'for_each', items: [{ itemId: 1 }], maxIterations: 5 },
      maxParallelAgents: 5,
      timeout: 60,
    })
    expect(JSON.parse(JSON.stringify(plan))).toEqual({
      plan_id: 'p',
      intent: 'something',
      strategy: 'loop',
      steps: [{ ...bare('a'), parameters: { maxItems: 3 }, retry_policy: { max_retries: 2 }, fallback: 'spare' }],
      metadata: {},
      loop: { type: 'for_each', items: [{ itemId: 1 }], max_iterations: 5 },
      timeout: 60,
      max_parallel_agents: 5,
    })
  })

  it('takes its loop from `metadata.loop` too, as S3 has no place for it', () => {
    const loop = { type: 'while', condition: 'metadata.go', max_iterations: 3 }
    const plan = ExecutionPlan.fromJSON({ ...planOf('loop', bare('a')), metadata: { loop, go: true } })
    expect(plan.loop).toEqual({ type: 'while', condition: 'metadata.go', maxIterations: 3 })
    expect(plan.metadata).toEqual({ go: true })
    const made = new ExecutionPlan({
      planId: 'p',
      intent: 'something',
      strategy: 'loop',
      steps: [{ stepId: 'a', agentId: 'a-agent', taskType: 'a' }],
      metadata: { loop, go: true },
    })
    expect(made).toEqual(plan)
  })

  it('is a payload class: it is validated, described, and stored (S3-06)', () => {
    const plan = ExecutionPlan.fromJSON(researchPlan)
    const codec = new PayloadCodec([ExecutionPlan])
    const restored = codec.decode(JSON.parse(JSON.stringify(codec.encode(plan))))
    expect(restored).toBeInstanceOf(ExecutionPlan)
    expect(restored).toEqual(plan)
    const schema = schemaOf(ExecutionPlan)
    expect(schema.parse({ ...fieldsOf(plan), steps: plan.steps.map(fieldsOf) })).toEqual(plan)
    expect(() => schema.parse({ ...fieldsOf(plan), planId: 3 })).toThrow(/planId/)
    expect(() => schema.parse({ ...fieldsOf(plan), steps: [{ ...fieldsOf(plan.steps[0]), timeout: -1 }] })).toThrow(
      /timeout/,
    )
    expect(() => new PayloadCodec([ExecutionPlan]).encode(plan)).not.toThrow()
    expect(JSON.stringify(schema.toJsonSchema())).toContain('retryPolicy')
  })

  it('comes back from its JSON as it was, whatever it is made of', () => {
    const name = fc.stringMatching(/^[a-z]\w{0,8}$/)
    const json = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
    const seconds = fc.double({ min: 0.001, max: 1e6, noNaN: true })
    const policy = fc.record(
      {
        maxRetries: fc.integer({ min: 1, max: 9 }),
        backoffType: fc.constantFrom('exponential' as const, 'fixed' as const, 'linear' as const),
        initialDelay: seconds,
        maxDelay: seconds,
        backoffMultiplier: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: [] },
    )
    const loop = fc.oneof(
      fc.record({ type: fc.constant('for_each' as const), items: fc.array(fc.jsonValue({ maxDepth: 1 })) }),
      fc.record({ type: fc.constant('while' as const), condition: fc.constant('iteration < 3') }),
    )
    const plans = fc
      .record(
        {
          ids: fc.uniqueArray(name, { minLength: 1, maxLength: 6 }),
          links: fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
          options: fc.array(
            fc.record(
              { retryPolicy: policy, timeout: seconds, parameters: json, fallback: fc.constant('spare-1') },
              { requiredKeys: [] },
            ),
            { minLength: 6, maxLength: 6 },
          ),
          strategy: fc.constantFrom('sequential' as const, 'parallel' as const, 'conditional' as const),
          metadata: json,
          loop,
          looped: fc.boolean(),
          maxParallelAgents: fc.integer({ min: 1, max: 99 }),
          timeout: seconds,
        },
        { requiredKeys: ['ids', 'links', 'options', 'strategy', 'metadata', 'loop', 'looped'] },
      )
      .map(({ ids, links, options, strategy, looped, loop: config, ...rest }) => {
        const steps = ids.map((stepId, index) => ({
          stepId,
          agentId: 'agent',
          taskType: 'task',
          dependencies: ids.slice(0, index).filter((_, at) => at === links[index]),
          ...options[index],
        }))
        const how = looped ? { strategy: 'loop' as const, loop: config } : { strategy }
        return new ExecutionPlan({ planId: 'p', intent: 'i', steps, ...rest, ...how })
      })
    fc.assert(
      fc.property(plans, plan => {
        const again = roundTrip(plan)
        expect(JSON.stringify(again)).toBe(JSON.stringify(plan))
        expect(JSON.parse(JSON.stringify(again.toJSON()))).toEqual(JSON.parse(JSON.stringify(plan)))
        expect(roundTrip(again)).toStrictEqual(again)
      }),
    )
  })
})

describe('reading a plan', () => {
  const faultsOf = (json: unknown) => {
    try {
      ExecutionPlan.fromJSON(json)
    } catch (error) {
      return (error as PlanInvalidError).faults.map(({ path, message }) => `${path}: ${message}`)
    }
    return expect.unreachable('it should have been refused')
  }

  it('refuses what is no object, and text that is no JSON', () => {
    expect(faultsOf([])).toEqual([': A plan cannot be made of a list.'])
    expect(faultsOf(null)).toEqual([': A plan cannot be made of null.'])
    expect(faultsOf('{')[0]).toMatch(/^: This is no JSON: /)
    expect(faultsOf('3')).toEqual([': The JSON is the number 3.'])
  })

  it('names every value of a wrong type by its path, as the plan spells it', () => {
    const faults = faultsOf({
      planId: 1,
      intent: ' ',
      strategy: 'parallel',
      steps: [
        'search',
        { step_id: 'a', agentId: 3, task_type: 't', dependencies: ['b', 4], parameters: [] },
        { step_id: 'b', agent_id: 'x', task_type: 't', dependencies: 'a' },
      ],
      metadata: 'none',
    })
    expect(faults).toEqual([
      'metadata: This is the text "none".',
      'planId: This is the number 1.',
      'intent: This is an empty text.',
      'steps[0]: This is the text "search".',
      'steps[1].parameters: This is a list.',
      'steps[1].agentId: This is the number 3.',
      'steps[1].dependencies[1]: This is the number 4.',
      'steps[2].dependencies: This is the text "a".',
    ])
  })

  it('names what is missing in the spelling of the JSON', () => {
    expect(faultsOf({ steps: [{}] })).toEqual([
      'plan_id: This is missing.',
      'intent: This is missing.',
      'strategy: This is missing.',
      'steps[0].step_id: This is missing.',
      'steps[0].agent_id: This is missing.',
      'steps[0].task_type: This is missing.',
    ])
  })

  it('names unknown keys with the nearest one, and keys that are given in both spellings', () => {
    const plan = { ...planOf('parallel', { ...bare('a'), retrypolicy: {}, taskType: 'b' }), meta_data: {} }
    expect(faultsOf(plan)).toEqual([
      'meta_data: There is no such key. Did you mean "metadata"?',
      'steps[0].retrypolicy: There is no such key. Did you mean "retry_policy"?',
      'steps[0].taskType: This is given twice, as taskType and as task_type.',
    ])
  })
})
