import { describe, expect, it } from 'vitest'
import {
  ExecutionPlan,
  ExecutionStrategy,
  type TaskFunction,
  WorkflowEngine,
  WorkflowFailedError,
} from '../../src/plan/index.js'
import { EventRecorder } from '../../src/testing/index.js'
import { Crew, planOf, rejection, steps } from './workflows.js'

const boom: TaskFunction = () => {
  throw new Error('boom')
}

describe('sequential', () => {
  it('S3-10 S3-25 runs the steps in the order of the list, each with the results of those it depends on', async () => {
    const crew = new Crew('search read write')
    const result = await new WorkflowEngine(crew.registry).executePlan(
      planOf('sequential', steps('search', 'read < search', 'write < search read')),
    )
    expect(crew.asked).toEqual(['search', 'read', 'write'])
    expect(crew.tasks[2]?.context.results).toMatchObject({ search: { data: 'SEARCH' }, read: { data: 'READ' } })
    expect(crew.tasks[1]?.context.results).toEqual({
      search: { taskId: crew.tasks[0]?.id, status: 'success', data: 'SEARCH', metadata: {} },
    })
    expect(result).toMatchObject({ status: 'completed', stepsExecuted: 3, errors: [] })
    expect(result.data).toEqual({ search: 'SEARCH', read: 'READ', write: 'WRITE' })
  })

  it('S3-10 fails with the message of S3 where a step is listed before what it depends on', async () => {
    const crew = new Crew('search write')
    const plan = planOf('sequential', steps('write < search', 'search'))
    const error = await rejection(new WorkflowEngine(crew.registry).executePlan(plan))
    expect(error).toBeInstanceOf(WorkflowFailedError)
    expect(error.cause).toMatchObject({
      name: 'DependencyError',
      message: 'Dependencies not met for write',
      code: 'DEPENDENCIES_NOT_MET',
      details: { missing: ['search'], advice: expect.stringContaining('List each step after') },
    })
    expect(crew.asked).toEqual([])
  })

  it('S3-08 stops at the first failure, records it, and rejects with it and with what was done until then', async () => {
    const crew = new Crew('a c', { b: boom })
    const error = await rejection(
      new WorkflowEngine(crew.registry).executePlan(planOf('sequential', steps('a', 'b', 'c'))),
    )
    expect(error.message).toBe('Plan "plan" failed at step "b": boom')
    expect(error.cause).toEqual(new Error('boom'))
    expect(error.state).toMatchObject({
      status: 'failed',
      stepsCompleted: ['a'],
      results: { a: { data: 'A' } },
      errors: [{ stepId: 'b', name: 'Error', message: 'boom' }],
    })
    expect(['a', 'b', 'c'].map(id => error.state.statusOf(id))).toEqual(['completed', 'failed', 'pending'])
    expect(crew.asked).toEqual(['a', 'b'])
  })
})

describe('parallel', () => {
  it('S3-11 S3-26 runs a level at once and waits for all of it', async () => {
    const order: string[] = []
    const gates = new Map<string, () => void>()
    const gated: TaskFunction = ({ context: { stepId } }) => {
      order.push(`${stepId} begins`)
      return new Promise<string>(resolve => gates.set(stepId, () => resolve(stepId))).finally(() =>
        order.push(`${stepId} ends`),
      )
    }
    const crew = new Crew('', { a: gated, b: gated, c: gated, d: gated })
    const plan = planOf('parallel', steps('c < a', 'a', 'b', 'd < a b'))
    const workflow = await new WorkflowEngine(crew.registry).start(plan)
    const open = async (name: string): Promise<void> => {
      await expect.poll(() => gates.has(name)).toBe(true)
      gates.get(name)?.()
    }
    await open('a')
    await new Promise(resolve => setImmediate(resolve))
    // c needs only a, and waits for the level all the same.
    expect(order).toEqual(['a begins', 'b begins', 'a ends'])
    await open('b')
    await open('d')
    await open('c')
    expect((await workflow.result).status).toBe('completed')
    expect(order.slice(4)).toEqual(['c begins', 'd begins', 'd ends', 'c ends'])
  })

  it('S3-11 records a failure without stopping the siblings; what depends on it is not run', async () => {
    const crew = new Crew('a c d e f', { b: boom })
    const plan = planOf('parallel', steps('a', 'b', 'c < a', 'd < b', 'e < d', 'f < a c'))
    const workflow = await new WorkflowEngine(crew.registry).start(plan)
    const events = new EventRecorder(workflow.run)
    const result = await workflow.result
    expect(result).toMatchObject({ status: 'partial', stepsExecuted: 3, data: { a: 'A', c: 'C', f: 'F' } })
    expect(result.errors).toEqual([
      { stepId: 'b', name: 'Error', message: 'boom' },
      { stepId: 'd', name: 'DependencyError', message: 'Dependencies not met for d', code: 'DEPENDENCIES_NOT_MET' },
      { stepId: 'e', name: 'DependencyError', message: 'Dependencies not met for e', code: 'DEPENDENCIES_NOT_MET' },
    ])
    expect(crew.asked.toSorted()).toEqual(['a', 'b', 'c', 'f'])
    expect(workflow.state.status).toBe('partial')
    expect(events.ofType('state.failed').every(event => event.handled)).toBe(true)
    expect(plan.steps.map(step => workflow.state.statusOf(step.stepId))).toEqual([
      'completed',
      'failed',
      'completed',
      'skipped',
      'skipped',
      'completed',
    ])
  })

  it('S3-11 is failed, not completed, when nothing has succeeded', async () => {
    const crew = new Crew('', { a: boom, b: boom })
    const result = await new WorkflowEngine(crew.registry).executePlan(planOf('parallel', steps('a', 'b')))
    expect(result).toMatchObject({ status: 'failed', stepsExecuted: 0, data: {} })
    expect(result.summary).toBe('Work: failed, 0 of 2 steps with a result. Not done: a (boom); b (boom).')
  })

  it('S3-41 has no more agents at work than it may', async () => {
    let now = 0
    let most = 0
    const busy: TaskFunction = async () => {
      most = Math.max(most, ++now)
      await new Promise(resolve => setImmediate(resolve))
      now--
    }
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const crew = new Crew('', Object.fromEntries(names.map(name => [name, busy])))
    await new WorkflowEngine(crew.registry, { maxParallelAgents: 3 }).executePlan(planOf('parallel', steps(...names)))
    expect(most).toBe(3)
    most = 0
    const plan = planOf('parallel', steps(...names), { maxParallelAgents: 2 })
    await new WorkflowEngine(crew.registry, { maxParallelAgents: 3 }).executePlan(plan)
    expect(most).toBe(2)
  })
})

describe('conditional', () => {
  const graded = (score: number) => new Crew('revise publish', { review: () => ({ score }) })
  const plan = planOf(
    'conditional',
    [
      { stepId: 'publish', agentId: 'publish', taskType: 'work', dependencies: ['revise'] },
      {
        stepId: 'revise',
        agentId: 'revise',
        taskType: 'work',
        dependencies: ['review'],
        condition: 'results.review.data.score < metadata.wanted and not results.review.data.score == 0',
      },
      { stepId: 'review', agentId: 'review', taskType: 'work' },
    ],
    { metadata: { wanted: 8 } },
  )

  it('S3-13 S3-27 runs a step whose condition holds, in the order of the dependencies', async () => {
    const crew = graded(5)
    const result = await new WorkflowEngine(crew.registry).executePlan(plan)
    expect(crew.asked).toEqual(['review', 'revise', 'publish'])
    expect(result).toMatchObject({ status: 'completed', stepsExecuted: 3 })
  })

  it('S3-14 leaves out a step whose condition does not hold; its result is null, and what depends on it runs', async () => {
    const crew = graded(9)
    const workflow = await new WorkflowEngine(crew.registry).start(plan)
    const result = await workflow.result
    expect(crew.asked).toEqual(['review', 'publish'])
    expect(crew.tasks[1]?.context.results).toEqual({ revise: null })
    expect(result).toMatchObject({ status: 'completed', stepsExecuted: 2, data: { revise: null } })
    expect(workflow.state.results['revise']).toBeNull()
    expect(workflow.state.statusOf('revise')).toBe('skipped')
  })

  it('S3-13 does not run where the condition cannot be computed, and says why', async () => {
    const crew = new Crew('revise publish', { review: () => ({ note: 'no score' }) })
    const workflow = await new WorkflowEngine(crew.registry).start(plan)
    const events = new EventRecorder(workflow.run)
    expect((await workflow.result).status).toBe('completed')
    expect(crew.asked).toEqual(['review', 'publish'])
    expect(events.ofType('custom')).toMatchObject([
      {
        name: 'plan.condition',
        data: { stepId: 'revise', problem: expect.stringContaining('results.review.data.score') },
      },
    ])
  })

  it('S3-13 refuses a condition that is none before anything runs', async () => {
    const crew = graded(9)
    const broken = planOf('conditional', [
      { stepId: 'review', agentId: 'review', taskType: 'work', condition: 'metadata.x ==' },
    ])
    await expect(new WorkflowEngine(crew.registry).executePlan(broken)).rejects.toMatchObject({
      code: 'PLAN_INVALID',
      faults: [{ kind: 'condition', path: 'steps[0].condition' }],
    })
    expect(crew.asked).toEqual([])
  })
})

describe('loop', () => {
  it('S3-15 S3-28 runs all steps for each item and collects the results', async () => {
    const crew = new Crew('', {
      look: ({ context: { item, iteration } }) => `${iteration}: ${String(item)}`,
      note: ({ context: { results } }) => `noted ${String(results['look']?.data)}`,
    })
    const plan = planOf('loop', steps('look', 'note < look'), { loop: { type: 'for_each', items: ['Rome', 'Oslo'] } })
    const workflow = await new WorkflowEngine(crew.registry).start(plan)
    const result = await workflow.result
    expect(crew.asked).toEqual(['look', 'note', 'look', 'note'])
    expect(new Set(crew.tasks.map(task => task.id)).size).toBe(4)
    expect(new Set(crew.tasks.map(task => task.context.workflowId))).toEqual(new Set([workflow.workflowId]))
    expect(result.data).toEqual({
      look: ['0: Rome', '1: Oslo'],
      note: ['noted 0: Rome', 'noted 1: Oslo'],
    })
    expect(result).toMatchObject({ status: 'completed', stepsExecuted: 4 })
    expect(workflow.state.iterations).toMatchObject([
      { index: 0, item: 'Rome', results: { look: { data: '0: Rome' } } },
      { index: 1, item: 'Oslo', results: { note: { data: 'noted 1: Oslo' } } },
    ])
  })

  it('S3-15 takes the items from the metadata too', async () => {
    const crew = new Crew('', { look: ({ context: { item } }) => item })
    const plan = planOf('loop', steps('look'), {
      loop: { type: 'for_each', items: 'metadata.cities' },
      metadata: { cities: ['Rome', 'Oslo', 'Bern'] },
    })
    const { data } = await new WorkflowEngine(crew.registry).executePlan(plan)
    expect(data).toEqual({ look: ['Rome', 'Oslo', 'Bern'] })
  })

  it('S3-16 runs all steps while a condition on the state holds, each turn with the results of the one before', async () => {
    const crew = new Crew('', {
      draft: ({ context: { results } }) => {
        const { version } = (results['draft']?.data ?? { version: 0 }) as { readonly version: number }
        return { version: version + 1, after: results['review']?.data ?? null }
      },
      review: ({ context: { results } }) => {
        const { version } = (results['draft']?.data ?? { version: 0 }) as { readonly version: number }
        return { score: 3 * version }
      },
    })
    const plan = planOf('loop', steps('draft', 'review < draft'), {
      loop: { type: 'while', condition: 'size(steps_completed) == 0 or results.review.data.score < 8' },
    })
    const workflow = await new WorkflowEngine(crew.registry).start(plan)
    const result = await workflow.result
    expect(result.data).toEqual({
      draft: [
        { version: 1, after: null },
        { version: 2, after: { score: 3 } },
        { version: 3, after: { score: 6 } },
      ],
      review: [{ score: 3 }, { score: 6 }, { score: 9 }],
    })
    expect(workflow.state.iterations).toHaveLength(3)
    expect(workflow.state.results['review']?.data).toEqual({ score: 9 })
  })

  it('S3-16 reads all turns too: which steps have completed, and what each came to', async () => {
    const crew = new Crew('', { a: ({ context: { iteration } }) => iteration })
    const given = [...steps('a'), { stepId: 'b', agentId: 'a', taskType: 'work', condition: 'iteration == 1' }]
    const turnsWhile = async (condition: string): Promise<number> => {
      crew.tasks.length = 0
      const { data } = await new WorkflowEngine(crew.registry).executePlan(
        planOf('loop', given, { loop: { type: 'while', condition, maxIterations: 9 } }),
      )
      return (data['a'] as readonly unknown[]).length
    }
    expect(await turnsWhile('size(steps_completed) < 5')).toBe(4)
    expect(await turnsWhile('stepsCompleted.filter(id, id == "b").size() == 0')).toBe(2)
    expect(await turnsWhile('size(iterations) < 3')).toBe(3)
    expect(await turnsWhile('iterations.all(turn, turn.index == turn.results.a.data and turn.index < 5)')).toBe(6)
    expect(await turnsWhile('!has(results.b) or results.b == null')).toBe(2)
    expect(await turnsWhile('size(results) == 0 or results.a.data < 2')).toBe(3)
  })

  it('S3-16 fails when it does not come to an end, after 100 turns if nothing else is said', async () => {
    const crew = new Crew('a')
    const plan = planOf('loop', steps('a'), { loop: { type: 'while', condition: 'true' } })
    const error = await rejection(new WorkflowEngine(crew.registry).executePlan(plan))
    expect(error.cause).toMatchObject({ code: 'NEVER_COMPLETES' })
    expect(crew.tasks).toHaveLength(100)
    expect(error.state.stepsCompleted).toHaveLength(100)
    const few = planOf('loop', steps('a'), { loop: { type: 'while', condition: 'true', maxIterations: 3 } })
    await rejection(new WorkflowEngine(crew.registry).executePlan(few))
    expect(crew.tasks).toHaveLength(103)
  })

  it('S3-16 does not begin where the condition cannot be computed', async () => {
    const crew = new Crew('a')
    const plan = planOf('loop', steps('a'), { loop: { type: 'while', condition: 'results.a.data.more' } })
    const workflow = await new WorkflowEngine(crew.registry).start(plan)
    const events = new EventRecorder(workflow.run)
    expect(await workflow.result).toMatchObject({ status: 'completed', stepsExecuted: 0 })
    expect(events.ofType('custom')).toMatchObject([{ name: 'plan.condition' }])
  })

  it('S3-08 S3-28 stops at the first failure, and keeps what the turns before have come to', async () => {
    const crew = new Crew('', {
      a: ({ context: { item } }) => {
        if (item === 2) throw new Error('two')
        return item
      },
    })
    const plan = planOf('loop', steps('a'), { loop: { type: 'for_each', items: [1, 2, 3] } })
    const error = await rejection(new WorkflowEngine(crew.registry).executePlan(plan))
    expect(error.cause).toEqual(new Error('two'))
    expect(error.state).toMatchObject({
      status: 'failed',
      errors: [{ stepId: 'a', message: 'two', iteration: 1 }],
      iterations: [
        { item: 1, results: { a: { data: 1 } } },
        { item: 2, results: {} },
      ],
    })
  })

  it('S3-10 finds dependencies in the turn itself only', async () => {
    const crew = new Crew('a b')
    const plan = planOf('loop', steps('b < a', 'a'), { loop: { type: 'while', condition: 'iteration < 2' } })
    const error = await rejection(new WorkflowEngine(crew.registry).executePlan(plan))
    expect(error.cause.message).toBe('Dependencies not met for b')
  })
})

describe('every strategy', () => {
  it('S3-02 is one that the engine carries out', async () => {
    const crew = new Crew('a b')
    const engine = new WorkflowEngine(crew.registry)
    for (const strategy of Object.values(ExecutionStrategy)) {
      const loop = strategy === 'loop' ? { loop: { type: 'for_each' as const, items: [1] } } : {}
      expect(await engine.executePlan(planOf(strategy, steps('a', 'b < a'), loop))).toMatchObject({ stepsExecuted: 2 })
    }
  })

  it('S3-09 but an unknown one is refused by name', async () => {
    const crew = new Crew('a')
    const plan = planOf('seqential' as never, steps('a'))
    const error = await rejection(new WorkflowEngine(crew.registry).executePlan(plan))
    expect(error).toMatchObject({ code: 'PLAN_INVALID' })
    expect(error.message).toContain('Unknown strategy: seqential')
    const json = { ...(plan.toJSON() as object), strategy: 'random' }
    await expect(new WorkflowEngine(crew.registry).executePlan(json)).rejects.toThrow('Unknown strategy: random')
    expect(() => ExecutionPlan.fromJSON(json)).toThrow('Unknown strategy: random')
  })
})
