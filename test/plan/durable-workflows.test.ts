import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Expired, Orchestration, Rejected } from '../../src/core/index.js'
import { type JournalStore, MemoryJournalStore, SqliteJournalStore } from '../../src/durability/index.js'
import { state } from '../../src/graph/index.js'
import { type AgentTask, type ExecutionPlanInit, type TaskFunction, WorkflowEngine } from '../../src/plan/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { Crew, planOf, rejection, steps } from './workflows.js'

/** Asks a person before it answers. */
const asking: TaskFunction = async ({ context: { stepId } }, context) => {
  const outcome = await context.requestApproval('go', { message: `${stepId}?`, subject: stepId })
  if (outcome instanceof Rejected || outcome instanceof Expired) throw new Error(`${stepId} was not approved`)
  return `${stepId} approved`
}

const variants: readonly [string, ExecutionPlanInit['strategy'], Partial<ExecutionPlanInit>][] = [
  ['sequential', 'sequential', {}],
  ['parallel', 'parallel', {}],
  ['conditional', 'conditional', {}],
  ['loop', 'loop', { loop: { type: 'for_each', items: ['x'] } }],
]

describe('a workflow in a store', () => {
  it.each(variants)(
    'S3-30 S3-31 %s: is taken up by another engine after a crash, and repeats no step that had completed',
    async (_, strategy, more) => {
      const store = new MemoryJournalStore()
      const plan = planOf(strategy, steps('a', 'b < a', 'c < b'), more)
      const before = new Crew('a c', { b: () => new Promise(() => undefined) })
      const workflow = await new WorkflowEngine(before.registry, { store }).start(plan, { workflowId: 'w' })
      await expect.poll(() => before.asked).toEqual(['a', 'b'])
      // What a crash leaves behind: the journal, without the one who writes it.
      const left = await copyOf(store, 'w')
      const after = new Crew('a b c')
      const engine = new WorkflowEngine(after.registry, { store: left })
      const resumed = await engine.resume('w')
      expect(resumed.state.stepsCompleted).toEqual(['a'])
      const result = await resumed.result
      expect(after.asked).toEqual(['b', 'c'])
      expect(after.tasks[0]?.id).toBe(before.tasks[1]?.id)
      expect(after.tasks[0]?.context.results).toMatchObject({ a: { data: 'A' } })
      expect(result).toMatchObject({ workflowId: 'w', status: 'completed', stepsExecuted: 3 })
      expect(resumed.state.stepsCompleted).toEqual(['a', 'b', 'c'])
      workflow.run.cancel()
    },
  )

  it.each(variants)(
    'S3-31 %s: is paused, and goes on with a person in a fresh definition',
    async (_, strategy, more) => {
      const folder = mkdtempSync(join(tmpdir(), 'plan-'))
      const file = join(folder, 'workflows.db')
      try {
        const plan = planOf(strategy, steps('a', 'b < a', 'c < b'), more)
        const first = new SqliteJournalStore(file)
        const before = new Crew('a c', { b: asking })
        const workflow = await new WorkflowEngine(before.registry, { store: first }).start(plan, { workflowId: 'w' })
        await expect.poll(() => workflow.run.requests).toHaveLength(1)
        await workflow.run.pause()
        expect(workflow.state).toMatchObject({ status: 'paused', stepsCompleted: ['a'] })
        await first.close()

        const second = new SqliteJournalStore(file)
        const after = new Crew('a c', { b: asking })
        const engine = new WorkflowEngine(after.registry, { store: second })
        expect((await engine.stateManager.get('w')).toJSON()).toMatchObject({ status: 'paused', stepsCompleted: ['a'] })
        const resumed = await engine.resume('w', plan)
        await expect.poll(() => resumed.run.requests).toHaveLength(1)
        await resumed.run.approve(resumed.run.requests[0]?.id ?? '')
        const loops = strategy === 'loop'
        expect((await resumed.result).data).toMatchObject({ b: loops ? ['b approved'] : 'b approved' })
        expect(after.asked).toEqual(['b', 'c'])
        await second.close()
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )

  it('S3-31 recovers whatever nobody drives, with the plans that are in the store', async () => {
    const store = new MemoryJournalStore()
    const never: TaskFunction = () => new Promise(() => undefined)
    const engine = new WorkflowEngine(new Crew('a', { b: never }).registry, { store })
    const runs = await Promise.all(
      ['one', 'two'].map(id => engine.start(planOf('sequential', steps('a', 'b'), { planId: id }), { workflowId: id })),
    )
    await expect.poll(() => runs.every(run => run.state.stepsCompleted.length === 1)).toBe(true)
    const left = new MemoryJournalStore()
    for (const id of ['one', 'two']) await copyOf(store, id, left)
    const crew = new Crew('a b')
    const { runs: taken, refused } = await new WorkflowEngine(crew.registry, { store: left }).recover()
    expect(refused).toEqual([])
    expect((await Promise.all(taken.map(each => each.result))).map(({ workflowId }) => workflowId).toSorted()).toEqual([
      'one',
      'two',
    ])
    expect(crew.asked).toEqual(['b', 'b'])
    for (const run of runs) run.run.cancel()
  })

  it('S3-31 is not taken up with another plan, unless that is meant', async () => {
    const store = new MemoryJournalStore()
    const engine = new WorkflowEngine(new Crew('a b').registry, { store })
    const workflow = await engine.start(planOf('sequential', steps('a', 'b')), { workflowId: 'w' })
    await workflow.run.pause()
    const changed = planOf('sequential', [
      { stepId: 'a', agentId: 'a', taskType: 'work', parameters: { x: 1 } },
      ...steps('b'),
    ])
    const left = await copyOf(store, 'w')
    const again = new WorkflowEngine(new Crew('a b').registry, { store: left })
    expect(await rejection(again.resume('w', changed))).toMatchObject({ code: 'DEFINITION_CHANGED' })
    const resumed = await again.resume('w', changed, { allowModified: true })
    resumed.run.resume()
    expect(await resumed.result).toMatchObject({ status: 'completed', stepsExecuted: 2 })
    workflow.run.cancel()
  })

  it('S3-31 keeps the failures of its steps: in parallel what depends on them is not run after a restart either', async () => {
    const store = new MemoryJournalStore()
    const boom: TaskFunction = () => {
      throw new Error('boom')
    }
    const before = new Crew('a d', { b: boom, c: () => new Promise(() => undefined) })
    const plan = planOf('parallel', steps('a', 'b', 'c', 'd < b', 'e < c'))
    const engine = new WorkflowEngine(
      before.registry.register('e', () => 'E'),
      { store },
    )
    const workflow = await engine.start(plan, { workflowId: 'w' })
    await expect.poll(() => workflow.state.errors).toHaveLength(1)
    const left = await copyOf(store, 'w')
    const after = new Crew('a b c d e')
    const resumed = await new WorkflowEngine(after.registry, { store: left }).resume('w')
    const result = await resumed.result
    expect(after.asked).toEqual(['c', 'e'])
    expect(result).toMatchObject({ status: 'partial', errors: [{ stepId: 'b', message: 'boom' }, { stepId: 'd' }] })
    expect(resumed.state.toJSON()).toMatchObject({ status: 'partial', errors: result.errors })
    workflow.run.cancel()
  })

  it.each(variants)(
    'S3-31 %s: comes to the same after a crash at any commit, and does nothing twice that was committed',
    async (_, strategy, more) => {
      const store = new MemoryJournalStore()
      const boom: TaskFunction = () => {
        throw new Error('boom')
      }
      const workers = strategy === 'parallel' ? { d: boom } : {}
      const plan = planOf(strategy, steps('a', 'b', 'c < a b', 'd < b', 'e < d', 'f < a c'), more)
      const whole = await new WorkflowEngine(new Crew('a b c d e f', workers).registry, { store }).executePlan(plan, {
        workflowId: 'w',
      })
      const entries = await store.read('w')
      expect(entries.length).toBeGreaterThan(8)
      for (let kept = 1; kept < entries.length; kept++) {
        const left = await copyOf(store, 'w', new MemoryJournalStore(), kept)
        const crew = new Crew('a b c d e f', workers)
        const engine = new WorkflowEngine(crew.registry, { store: left })
        const { stepsCompleted } = await engine.stateManager.get('w')
        const resumed = await engine.resume('w')
        const { executionTime: _time, ...result } = await resumed.result
        expect(result).toEqual({ ...whole, executionTime: undefined })
        expect(crew.asked.filter(stepId => stepsCompleted.includes(stepId))).toEqual([])
        expect(new Set(crew.asked).size).toBe(crew.asked.length)
        expect(resumed.state.stepsCompleted.toSorted()).toEqual(
          plan.steps.map(step => step.stepId).filter(stepId => whole.data[stepId] !== undefined),
        )
      }
    },
  )

  it.each(variants)(
    'S3-31 S3-36 %s: with agents that are orchestrations, which are tried again and stood in for, it comes to the same as well',
    async (_, strategy, more) => {
      const attempts = new Map<string, number>()
      class Flaky extends Orchestration<AgentTask, unknown> {
        constructor() {
          super()
          const answer = state('answer', ({ parameters, context }: AgentTask) => {
            if (parameters['fails'] === true) throw new Error('never')
            return `${context.stepId} after ${Object.keys(context.results).join()}`
          })
          this.initialRunnable = state('first', (task: AgentTask) => {
            const attempt = (attempts.get(task.id) ?? 0) + 1
            attempts.set(task.id, attempt)
            if (attempt === 1) throw new Error('not at once')
            return task
          }).addAdvancer(answer)
        }
      }
      const crew = new Crew('x g', {
        b: () => {
          throw new Error('boom')
        },
      })
      crew.registry.register('o', new Flaky())
      const retryPolicy = { maxRetries: 2, initialDelay: 0 }
      const orchestrated = { agentId: 'o', taskType: 'work', retryPolicy }
      const given: ExecutionPlanInit['steps'] = [
        ...steps('x'),
        { stepId: 'a', ...orchestrated, timeout: 100 },
        { stepId: 'b', agentId: 'b', taskType: 'work', dependencies: ['a'], fallback: 'c' },
        { stepId: 'c', ...orchestrated, dependencies: ['x'], parameters: { fails: true }, fallback: 'd' },
        { stepId: 'd', ...orchestrated },
        { stepId: 'e', ...orchestrated, dependencies: ['b'], condition: 'results.b.data == "d after a"' },
        ...steps('g < e'),
      ]
      const store = new MemoryJournalStore()
      const engine = new WorkflowEngine(crew.registry, { store })
      const whole = await engine.executePlan(planOf(strategy, given, more), { workflowId: 'w' })
      const data = { x: 'X', a: 'a after ', b: 'd after a', e: 'e after b', g: 'G' }
      const ofTurn = Object.fromEntries(Object.entries(data).map(([id, value]) => [id, [value]]))
      expect(whole).toMatchObject({ status: 'completed', errors: [], data: strategy === 'loop' ? ofTurn : data })
      const entries = await store.read('w')
      expect(entries.length).toBeGreaterThan(30)
      for (let kept = 1; kept < entries.length; kept++) {
        const left = await copyOf(store, 'w', new MemoryJournalStore(), kept)
        const resumed = await new WorkflowEngine(crew.registry, { store: left }).resume('w')
        const { executionTime: _time, ...result } = await resumed.result
        expect(result).toEqual({ ...whole, executionTime: undefined })
        expect(resumed.state).toMatchObject({ errors: [], stepsCompleted: ['x', 'a', 'b', 'e', 'g'] })
      }
    },
  )

  it('S3-31 that has ended gives its outcome again', async () => {
    const store = new MemoryJournalStore()
    const boom: TaskFunction = () => {
      throw new Error('boom')
    }
    const engine = new WorkflowEngine(new Crew('a', { b: boom }).registry, { store })
    const result = await engine.executePlan(planOf('sequential', steps('a')), { workflowId: 'good' })
    await rejection(engine.executePlan(planOf('sequential', steps('a', 'b')), { workflowId: 'bad' }))
    const crew = new Crew('a b')
    const again = new WorkflowEngine(crew.registry, { store })
    expect(await (await again.resume('good')).result).toEqual(result)
    const failed = await again.resume('bad')
    expect(await rejection(failed.result)).toMatchObject({
      cause: { message: 'boom' },
      state: { stepsCompleted: ['a'] },
    })
    expect(crew.asked).toEqual([])
    await expect(engine.executePlan(planOf('sequential', steps('a')), { workflowId: 'good' })).rejects.toMatchObject({
      cause: { code: 'RUN_EXISTS' },
    })
  })

  it('S3-31 needs a store, and a workflow that is there', async () => {
    const engine = new WorkflowEngine(new Crew('a').registry)
    await expect(engine.resume('w')).rejects.toMatchObject({ code: 'STORE_MISSING' })
    await expect(engine.recover()).rejects.toMatchObject({ code: 'STORE_MISSING' })
    await expect(engine.resume('w', undefined, { store: new MemoryJournalStore() })).rejects.toMatchObject({
      code: 'RUN_UNKNOWN',
    })
    await expect(engine.stateManager.get('w')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  })
})

describe('the state manager', () => {
  it('S3-29 S3-32 finds the states of workflows by status and plan, live ones and those in the store', async () => {
    const store = new MemoryJournalStore()
    const clock = new ManualClock(1_000)
    const boom: TaskFunction = () => {
      throw new Error('boom')
    }
    const crew = new Crew('a', { b: boom, c: asking })
    const engine = new WorkflowEngine(crew.registry, { store, clock })
    const plans = {
      good: planOf('sequential', steps('a'), { planId: 'good' }),
      bad: planOf('sequential', steps('a', 'b'), { planId: 'bad' }),
      half: planOf('parallel', steps('a', 'b'), { planId: 'half' }),
      none: planOf('parallel', steps('b'), { planId: 'none' }),
      waiting: planOf('sequential', steps('a', 'c'), { planId: 'waiting' }),
    }
    await engine.executePlan(plans.good, { workflowId: 'good-1' })
    await engine.executePlan(plans.good, { workflowId: 'good-2' })
    await rejection(engine.executePlan(plans.bad, { workflowId: 'bad-1' }))
    await engine.executePlan(plans.half, { workflowId: 'half-1' })
    await engine.executePlan(plans.none, { workflowId: 'none-1' })
    const waiting = await engine.start(plans.waiting, { workflowId: 'waiting-1' })
    await expect.poll(() => waiting.run.requests).toHaveLength(1)

    const { stateManager } = engine
    const found = async (query: Parameters<typeof stateManager.list>[0]) =>
      (await stateManager.list(query)).map(({ workflowId }) => workflowId).toSorted()
    expect(await found({})).toEqual(['bad-1', 'good-1', 'good-2', 'half-1', 'none-1', 'waiting-1'])
    expect(await found({ status: ['completed'] })).toEqual(['good-1', 'good-2'])
    expect(await found({ status: ['failed'] })).toEqual(['bad-1', 'none-1'])
    expect(await found({ status: ['partial', 'running'] })).toEqual(['half-1', 'waiting-1'])
    expect(await found({ planId: 'good' })).toEqual(['good-1', 'good-2'])
    expect(await found({ planId: 'good', status: ['failed'] })).toEqual([])
    await expect(stateManager.list({ status: ['done' as never] })).rejects.toMatchObject({ code: 'OPTION_INVALID' })

    expect(await stateManager.get('waiting-1')).toBe(waiting.state)
    const state = await stateManager.get('half-1')
    expect(state.toJSON()).toEqual({
      workflowId: 'half-1',
      planId: 'half',
      status: 'partial',
      stepsCompleted: ['a'],
      results: { a: expect.objectContaining({ data: 'A' }) },
      errors: [{ stepId: 'b', name: 'Error', message: 'boom' }],
      startTime: '1970-01-01T00:00:01.000Z',
      metadata: {},
      iterations: [],
    })
    waiting.run.cancel('enough')
    await rejection(waiting.result)
    expect((await stateManager.get('waiting-1')).status).toBe('cancelled')
  })
})

/** A store with the first entries that another one has of a run, as if that one's process had died then. */
async function copyOf(
  store: JournalStore,
  runId: string,
  copy: JournalStore = new MemoryJournalStore(),
  kept = Infinity,
): Promise<JournalStore> {
  const record = await store.get(runId)
  if (record === undefined) throw new Error(`There is no run "${runId}".`)
  const { orchestration, format, version, fingerprint, tags, createdAt, states } = record
  const data = (await store.definition(fingerprint)) ?? ''
  const entries = (await store.read(runId)).slice(0, kept)
  const change = { status: kept === Infinity ? record.status : 'running', states, opened: [], closed: [] } as const
  const definition = { fingerprint, version, data }
  await copy.create({ runId, orchestration, format, definition, tags, createdAt, entries, change })
  await copy.release(runId)
  return copy
}
