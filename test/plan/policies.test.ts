import { describe, expect, it } from 'vitest'
import { type AgentStepInit, type ExecutionPlanInit, type TaskFunction, WorkflowEngine } from '../../src/plan/index.js'
import { CircuitOpenError } from '../../src/resilience/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { Crew, planOf, rejection, steps } from './workflows.js'

const step = (more: Partial<AgentStepInit> = {}): ExecutionPlanInit['steps'] => [
  { stepId: 'a', agentId: 'a', taskType: 'work', ...more },
]

/** Fails so many times, then answers. */
function failing(times: number, error: () => Error = () => new Error(`failure ${++count}`)): TaskFunction {
  let left = times
  return () => {
    if (left-- > 0) throw error()
    return 'done'
  }
}
let count = 0

describe('a retry policy', () => {
  it('S3-17 S3-33 counts attempts, waits longer each time, and takes three if it says nothing else', async () => {
    const clock = new ManualClock()
    const crew = new Crew('', { a: failing(2) })
    const engine = new WorkflowEngine(crew.registry, { clock })
    const workflow = await engine.start(planOf('sequential', step({ retryPolicy: {} })))
    const events = new EventRecorder(workflow.run)
    await clock.advance(3_000)
    expect(await workflow.result).toMatchObject({ status: 'completed', executionTime: 3, data: { a: 'done' } })
    expect(events.ofType('state.retrying').map(event => event.delayMs)).toEqual([1_000, 2_000])
    expect(new Set(crew.tasks.map(task => task.id)).size).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('S3-17 rethrows the last error when the attempts are used up', async () => {
    count = 0
    const crew = new Crew('', { a: failing(9) })
    const plan = planOf('sequential', step({ retryPolicy: { maxRetries: 2, initialDelay: 0 } }))
    const error = await rejection(new WorkflowEngine(crew.registry).executePlan(plan))
    expect(error.cause).toEqual(new Error('failure 2'))
    expect(error.state.errors).toEqual([{ stepId: 'a', name: 'Error', message: 'failure 2' }])
    expect(crew.tasks).toHaveLength(2)
  })

  it('S3-17 is not asked about errors that trying again cannot help', async () => {
    const crew = new Crew('a')
    const { registry } = crew
    const gone: typeof registry = Object.create(registry, {
      getAgent: { value: () => registry.getAgent('aa') },
      listAgents: { value: () => registry.listAgents() },
    })
    const plan = planOf('sequential', step({ retryPolicy: { maxRetries: 5 } }))
    const error = await rejection(new WorkflowEngine(gone).executePlan(plan))
    expect(error.cause).toMatchObject({ code: 'AGENT_UNKNOWN', message: expect.stringContaining('Did you mean "a"?') })
  })

  it('of the engine is for steps without one', async () => {
    const crew = new Crew('', { a: failing(2), b: failing(1) })
    const engine = new WorkflowEngine(crew.registry, { retryPolicy: { maxRetries: 3, initialDelay: 0 } })
    const given = [...step(), { stepId: 'b', agentId: 'b', taskType: 'work', retryPolicy: { maxRetries: 1 } }]
    const error = await rejection(engine.executePlan(planOf('sequential', given)))
    expect(crew.asked).toEqual(['a', 'a', 'a', 'b'])
    expect(error.state.statusOf('b')).toBe('failed')
  })
})

describe('a timeout', () => {
  it('S3-03 is in seconds, for each attempt', async () => {
    const clock = new ManualClock()
    let attempts = 0
    const crew = new Crew('', { a: () => (++attempts < 2 ? new Promise(() => undefined) : 'done') })
    const plan = planOf('sequential', step({ timeout: 2, retryPolicy: { maxRetries: 2, initialDelay: 1 } }))
    const result = new WorkflowEngine(crew.registry, { clock }).executePlan(plan)
    await clock.advance(3_000)
    expect(await result).toMatchObject({ executionTime: 3, data: { a: 'done' } })
  })

  it('S3-03 fails the step, and can be one of the whole plan', async () => {
    const clock = new ManualClock()
    const crew = new Crew('b', { a: () => new Promise(() => undefined) })
    const engine = new WorkflowEngine(crew.registry, { clock })
    const late = rejection(engine.executePlan(planOf('sequential', step({ timeout: 5 }))))
    await clock.advance(5_000)
    expect((await late).cause).toMatchObject({ code: 'STATE_TIMED_OUT', stateName: 'a' })
    const plan = planOf('sequential', steps('b', 'a'), { timeout: 7 })
    const whole = rejection(engine.executePlan(plan))
    await clock.advance(7_000)
    const error = await whole
    expect(error.cause).toMatchObject({ code: 'RUN_TIMED_OUT' })
    expect(error.state).toMatchObject({ status: 'failed', stepsCompleted: ['b'], errors: [{ code: 'RUN_TIMED_OUT' }] })
  })
})

describe('the circuit breaker of an agent', () => {
  const always: TaskFunction = () => {
    throw new Error('down')
  }

  it('S3-18 S3-34 opens after five failures in a row, over all workflows of the engine, for 60 seconds', async () => {
    const clock = new ManualClock()
    let isDown = true
    const crew = new Crew('', { a: (task, context) => (isDown ? always(task, context) : 'up') })
    const engine = new WorkflowEngine(crew.registry, { clock })
    const plan = planOf('sequential', step())
    for (let i = 0; i < 5; i++) expect((await rejection(engine.executePlan(plan))).cause.message).toBe('down')
    expect(engine.circuitBreakers.get('a')?.state).toMatchObject({ kind: 'open' })
    const refused = await rejection(engine.executePlan(plan))
    expect(refused.cause).toBeInstanceOf(CircuitOpenError)
    expect(refused.cause.message).toContain('Circuit breaker is open')
    expect(refused.message).toContain('Circuit breaker is open')
    expect(crew.tasks).toHaveLength(5)
    isDown = false
    await clock.advance(59_999)
    await expect(engine.executePlan(plan)).rejects.toMatchObject({ cause: { code: 'CIRCUIT_OPEN' } })
    await clock.advance(1)
    expect(await engine.executePlan(plan)).toMatchObject({ data: { a: 'up' } })
    expect(engine.circuitBreakers.get('a')?.state).toMatchObject({ kind: 'closed' })
  })

  it('S3-18 is not that of another agent, nor of another engine', async () => {
    const crew = new Crew('b', { a: always })
    const engine = new WorkflowEngine(crew.registry, { circuitBreaker: { failureThreshold: 1 } })
    const plan = planOf('parallel', steps('a', 'b'))
    expect(await engine.executePlan(plan)).toMatchObject({ errors: [{ message: 'down' }] })
    expect(await engine.executePlan(plan)).toMatchObject({ errors: [{ code: 'CIRCUIT_OPEN' }], data: { b: 'B' } })
    const other = new WorkflowEngine(crew.registry, { circuitBreaker: false })
    expect(await other.executePlan(plan)).toMatchObject({ errors: [{ message: 'down' }] })
    expect(other.circuitBreakers.size).toBe(0)
  })
})

describe('a fallback', () => {
  it('S3-36 is another agent that does the task when all attempts have failed', async () => {
    const crew = new Crew('spare b', { a: failing(9) })
    const given = [...step({ fallback: 'spare', retryPolicy: { maxRetries: 2, initialDelay: 0 } }), ...steps('b < a')]
    const workflow = await new WorkflowEngine(crew.registry).start(planOf('sequential', given))
    const events = new EventRecorder(workflow.run)
    expect(await workflow.result).toMatchObject({ status: 'completed', data: { a: 'SPARE', b: 'B' }, errors: [] })
    expect(crew.asked).toEqual(['a', 'a', 'a', 'b'])
    const [first, , spare] = crew.tasks
    expect(spare?.id).not.toBe(first?.id)
    events.expectInOrder([
      'state.retrying',
      { type: 'custom', name: 'fallback.used' },
      { type: 'state.started', stateName: 'b' },
    ])
    expect(events.ofType('custom')).toMatchObject([{ name: 'fallback.used', stateName: 'a' }])
  })

  it('S3-36 is another step, which runs only then, with its own task and policies, and with what both depend on', async () => {
    const clock = new ManualClock()
    const given: ExecutionPlanInit['steps'] = [
      ...steps('seed', 'hint'),
      { stepId: 'a', agentId: 'a', taskType: 'work', dependencies: ['seed'], fallback: 'cached' },
      {
        stepId: 'cached',
        agentId: 'cache',
        taskType: 'look up',
        parameters: { fresh: false },
        dependencies: ['hint'],
        retryPolicy: { maxRetries: 2, initialDelay: 4 },
      },
      ...steps('end < a'),
    ]
    const crew = new Crew('seed hint end', { a: failing(1), cache: failing(1) })
    const engine = new WorkflowEngine(crew.registry, { clock })
    const result = engine.executePlan(planOf('parallel', given))
    await clock.advance(4_000)
    expect(await result).toMatchObject({ status: 'completed', executionTime: 4, data: { a: 'done' }, stepsExecuted: 4 })
    expect(crew.asked).toEqual(['seed', 'hint', 'a', 'cached', 'cached', 'end'])
    expect(crew.tasks[3]).toMatchObject({ type: 'look up', parameters: { fresh: false } })
    expect(Object.keys(crew.tasks[3]?.context.results ?? {}).toSorted()).toEqual(['hint', 'seed'])
    crew.tasks.length = 0
    // Nothing fails any more, so nobody stands in.
    expect(await engine.executePlan(planOf('parallel', given))).toMatchObject({ data: { a: 'done' } })
    expect(crew.asked).toEqual(['seed', 'hint', 'a', 'end'])
  })

  it('S3-10 S3-36 is waited for: what it depends on comes before the step, and it does not begin without', async () => {
    const given: ExecutionPlanInit['steps'] = [
      ...step({ fallback: 'f' }),
      { stepId: 'f', agentId: 'f', taskType: 'work', dependencies: ['z'] },
      ...steps('y', 'z < y'),
    ]
    const fromZ: TaskFunction = ({ context: { results } }) => results['z']?.data
    for (const strategy of ['parallel', 'conditional'] as const) {
      const crew = new Crew('y z', { a: failing(9), f: fromZ })
      const { data } = await new WorkflowEngine(crew.registry).executePlan(planOf(strategy, given))
      expect(data).toMatchObject({ a: 'Z' })
      expect(crew.asked).toEqual(['y', 'z', 'a', 'f'])
    }
    const late = new Crew('y z', { a: failing(9), f: fromZ })
    const error = await rejection(new WorkflowEngine(late.registry).executePlan(planOf('sequential', given)))
    expect(error.cause).toMatchObject({ name: 'DependencyError', message: 'Dependencies not met for f' })
    const without = new Crew('y', { a: failing(9), f: fromZ, z: failing(9) })
    const { errors } = await new WorkflowEngine(without.registry).executePlan(planOf('parallel', given))
    expect(errors.map(({ stepId, name }) => [stepId, name])).toEqual([
      ['a', 'DependencyError'],
      ['z', 'Error'],
    ])
    expect(without.asked).toEqual(['y', 'z', 'a'])
  })

  it('S3-36 may have one itself; if all fail, the last error counts', async () => {
    const error = (name: string) => () => {
      throw new Error(name)
    }
    const given: ExecutionPlanInit['steps'] = [
      ...step({ fallback: 'b' }),
      { stepId: 'b', agentId: 'b', taskType: 'work', fallback: 'c' },
    ]
    const crew = new Crew('', { a: error('a'), b: error('b'), c: error('c') })
    const failed = await rejection(new WorkflowEngine(crew.registry).executePlan(planOf('sequential', given)))
    expect(failed.cause.message).toBe('c')
    expect(failed.state.errors).toMatchObject([{ stepId: 'a', message: 'c' }])
  })

  it('S3-36 obeys the timeout and the breaker of whoever stands in', async () => {
    const clock = new ManualClock()
    let aborted = false
    const crew = new Crew('', {
      a: failing(9),
      slow: (_task, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            aborted = true
            reject(signal.reason as Error)
          }),
        ),
    })
    const engine = new WorkflowEngine(crew.registry, { clock, circuitBreaker: { failureThreshold: 1 } })
    const plan = planOf('sequential', step({ fallback: 'slow', timeout: 3 }))
    const late = rejection(engine.executePlan(plan))
    await clock.advance(3_000)
    expect((await late).cause).toMatchObject({ code: 'STATE_TIMED_OUT' })
    expect(aborted).toBe(true)
    expect([...engine.circuitBreakers.values()].map(({ state }) => state.kind)).toEqual(['open', 'open'])
    expect((await rejection(engine.executePlan(plan))).cause.message).toContain('"slow"')
  })
})

describe('what an agent answers', () => {
  it('S3-41 S3-35 fails the step if it says so, and can be retried', async () => {
    let attempts = 0
    const crew = new Crew('', {
      a: ({ id }) => ({
        taskId: id,
        status: 'failure',
        data: null,
        metadata: {},
        errors: ['no network', `try ${++attempts}`],
      }),
    })
    const plan = planOf('sequential', step({ retryPolicy: { maxRetries: 2, initialDelay: 0 } }))
    const error = await rejection(new WorkflowEngine(crew.registry).executePlan(plan))
    expect(error.cause).toMatchObject({
      code: 'TASK_FAILED',
      message: 'Agent "a" failed at step "a": no network; try 2',
      errors: ['no network', 'try 2'],
    })
  })

  it('S3-41 is kept if it is done in part, and then the workflow is done in part', async () => {
    const crew = new Crew('b', {
      a: ({ id }) => ({ taskId: id, status: 'partial', data: [1], metadata: { of: 2 }, errors: ['page 2 is missing'] }),
    })
    const workflow = await new WorkflowEngine(crew.registry).start(planOf('sequential', steps('a', 'b < a')))
    expect(await workflow.result).toMatchObject({ status: 'partial', stepsExecuted: 2, data: { a: [1], b: 'B' } })
    expect(workflow.state.results['a']).toMatchObject({ metadata: { of: 2 }, errors: ['page 2 is missing'] })
  })

  it.each([{ taskId: 'another', status: 'success', data: 1, metadata: {} }, undefined])(
    'S3-41 must be about the task: %j',
    async answer => {
      const { registry } = new Crew('a')
      const confused: typeof registry = Object.create(registry, {
        getAgent: { value: async () => ({ agentId: 'a', capabilities: [], execute: async () => answer }) },
        listAgents: { value: () => registry.listAgents() },
      })
      const error = await rejection(new WorkflowEngine(confused).executePlan(planOf('sequential', step())))
      expect(error.cause).toMatchObject({ code: 'TASK_FAILED', message: expect.stringContaining('not of "') })
    },
  )
})
