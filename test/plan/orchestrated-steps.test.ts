import { describe, expect, it } from 'vitest'
import { ApprovalRunnable, Approved, Orchestration, OrchestrationRunnable } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { OptionError } from '../../src/errors/index.js'
import { state } from '../../src/graph/index.js'
import { type AgentTask, type ExecutionPlanInit, MemoryRegistryClient, WorkflowEngine } from '../../src/plan/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { planOf, rejection } from './workflows.js'

/** An agent that is an orchestration: drafts, asks a person, and fails if it is told to. */
class Drafting extends Orchestration<AgentTask, unknown> {
  constructor(drafted: string[], errors: (string | undefined)[]) {
    super()
    class Draft extends OrchestrationRunnable<AgentTask, string> {
      invoke({ context, parameters }: AgentTask): string {
        drafted.push(context.stepId)
        const problem = parameters['fails'] === true ? 'no ink' : errors.shift()
        if (problem !== undefined) throw new Error(problem)
        return `${context.stepId} after ${Object.keys(context.results).join()}`
      }
    }
    class Publish extends OrchestrationRunnable<string, unknown> {
      invoke(text: string) {
        return { text }
      }
    }
    const approval = new ApprovalRunnable<string>({ message: 'Publish?' })
    approval.configure({ name: 'Approval' })
    approval.addAdvancer(
      outcome => outcome instanceof Approved,
      new Publish(),
      outcome => outcome.subject,
    )
    this.initialRunnable = new Draft().addAdvancer(approval)
  }
}

/** Of the first drafts some fail: as many as `failures` says, or those that have an error. */
function world({ failures = 0, errors = Array<string | undefined>(failures).fill('no ink') } = {}) {
  const drafted: string[] = []
  const registry = new MemoryRegistryClient()
    .register('drafter', new Drafting(drafted, [...errors]))
    .register('plain', ({ context: { stepId } }) => stepId)
  return { drafted, registry }
}

const draft = (stepId: string, more: Partial<ExecutionPlanInit['steps'][number]> = {}) =>
  ({ stepId, agentId: 'drafter', taskType: 'draft', ...more }) as ExecutionPlanInit['steps'][number]
const plain = (stepId: string, ...dependencies: string[]) => ({ stepId, agentId: 'plain', taskType: 'x', dependencies })

describe('a step whose agent is an orchestration', () => {
  it.each(['sequential', 'parallel', 'conditional', 'loop'] as const)(
    'S3-31 S3-41 %s: runs inside of the run, waits there for a person, and goes on after a restart without doing anything again',
    async strategy => {
      const store = new MemoryJournalStore()
      const { drafted, registry } = world()
      const loop = strategy === 'loop' ? { loop: { type: 'for_each' as const, items: ['x'] } } : {}
      const given = [plain('a'), draft('b', { dependencies: ['a'] }), plain('c', 'b')]
      const engine = new WorkflowEngine(registry, { store })
      const workflow = await engine.start(planOf(strategy, given, loop), { workflowId: 'w' })
      await expect.poll(() => workflow.run.requests).toHaveLength(1)
      await workflow.run.pause()
      expect(workflow.state).toMatchObject({ status: 'paused', stepsCompleted: ['a'] })
      const other = world()
      const resumed = await new WorkflowEngine(other.registry, { store }).resume('w')
      await expect.poll(() => resumed.run.requests).toHaveLength(1)
      await resumed.run.approve('Approval')
      const { data, status } = await resumed.result
      const b = { text: 'b after a' }
      expect(data).toEqual(strategy === 'loop' ? { a: ['a'], b: [b], c: ['c'] } : { a: 'a', b, c: 'c' })
      expect(status).toBe('completed')
      expect(drafted).toEqual(['b'])
      expect(other.drafted).toEqual([])
      expect(resumed.state.stepsCompleted).toEqual(['a', 'b', 'c'])
    },
  )

  it('S3-11 fails with the error of its state; what depends on it is not run', async () => {
    const { drafted, registry } = world()
    const given = [
      draft('a', { parameters: { fails: true } }),
      plain('b'),
      draft('c', { dependencies: ['a'] }),
      plain('d', 'c'),
    ]
    const workflow = await new WorkflowEngine(registry).start(planOf('parallel', given))
    const result = await workflow.result
    const errors = [
      { stepId: 'a', name: 'Error', message: 'no ink' },
      { stepId: 'c', name: 'DependencyError', message: 'Dependencies not met for c', code: 'DEPENDENCIES_NOT_MET' },
      { stepId: 'd', name: 'DependencyError', message: 'Dependencies not met for d', code: 'DEPENDENCIES_NOT_MET' },
    ]
    expect(result).toMatchObject({ status: 'partial', errors, data: { b: 'b' } })
    expect(workflow.state.errors).toEqual(errors)
    expect(drafted).toEqual(['a'])
    const failed = await rejection(new WorkflowEngine(registry).executePlan(planOf('sequential', given)))
    expect(failed.cause).toEqual(new Error('no ink'))
    expect(failed.message).toBe('Plan "plan" failed at step "a": no ink')
  })

  it('S3-14 is left out where its condition does not hold', async () => {
    const { drafted, registry } = world()
    const given = [plain('a'), draft('b', { dependencies: ['a'], condition: 'results.a.data == "z"' }), plain('c', 'b')]
    const workflow = await new WorkflowEngine(registry).start(planOf('conditional', given))
    expect(await workflow.result).toMatchObject({ status: 'completed', stepsExecuted: 2, data: { b: null } })
    expect(workflow.state.statusOf('b')).toBe('skipped')
    expect(drafted).toEqual([])
  })

  it('S3-03 has its timeout, in seconds', async () => {
    const clock = new ManualClock()
    const { registry } = world()
    const engine = new WorkflowEngine(registry, { clock })
    const late = rejection(engine.executePlan(planOf('sequential', [draft('a', { timeout: 3 })])))
    await clock.advance(3_000)
    expect((await late).cause).toMatchObject({ code: 'RUN_TIMED_OUT' })
    expect(clock.pendingTimers).toBe(0)
  })

  it.each(['sequential', 'parallel', 'conditional', 'loop'] as const)(
    'S3-33 %s: is tried again as part of the run: asks people there, and a restart between two attempts repeats neither of them',
    async strategy => {
      const store = new MemoryJournalStore()
      const clock = new ManualClock()
      const loop = strategy === 'loop' ? { loop: { type: 'for_each' as const, items: ['x'] } } : {}
      const given = [
        plain('a'),
        draft('b', { dependencies: ['a'], retryPolicy: { initialDelay: 60 } }),
        plain('c', 'b'),
      ]
      const before = world({ failures: 1 })
      const engine = new WorkflowEngine(before.registry, { store, clock })
      const workflow = await engine.start(planOf(strategy, given, loop), { workflowId: 'w' })
      const events = new EventRecorder(workflow.run)
      await expect.poll(() => events.ofType('state.retrying')).toMatchObject([{ attempt: 1, delayMs: 60_000 }])
      await workflow.run.pause()
      expect(workflow.state).toMatchObject({ stepsCompleted: ['a'], errors: [] })
      const after = world()
      const resumed = await new WorkflowEngine(after.registry, { store, clock }).resume('w')
      expect(after.drafted).toEqual([])
      await clock.advance(60_000)
      await expect.poll(() => resumed.run.requests).toHaveLength(1)
      await resumed.run.approve('Approval')
      expect(await resumed.result).toMatchObject({ status: 'completed', stepsExecuted: 3, errors: [] })
      expect([before.drafted, after.drafted]).toEqual([['b'], ['b']])
      expect(resumed.state).toMatchObject({ stepsCompleted: ['a', 'b', 'c'], errors: [] })
      expect(clock.pendingTimers).toBe(0)
    },
  )

  it('S3-17 fails with the last error when its attempts are used up, those included that answer with a failure', async () => {
    let asked = 0
    class Refusing extends Orchestration<AgentTask, unknown> {
      constructor() {
        super()
        this.initialRunnable = state('Refuse', ({ id }: AgentTask) => {
          if (++asked === 2) throw new Error('no ink')
          return { taskId: id, status: 'failure', data: null, metadata: {}, errors: [`no ${asked}`] }
        })
      }
    }
    const registry = new MemoryRegistryClient().register('a', new Refusing())
    const given = [{ stepId: 'a', agentId: 'a', taskType: 'x', retryPolicy: { maxRetries: 3, initialDelay: 0 } }]
    const workflow = await new WorkflowEngine(registry).start(planOf('sequential', given))
    const error = await rejection(workflow.result)
    expect(asked).toBe(3)
    expect(error.cause).toMatchObject({ code: 'TASK_FAILED', message: expect.stringContaining('no 3') })
    expect(workflow.state.errors).toMatchObject([{ stepId: 'a', code: 'TASK_FAILED' }])
  })

  it('S3-03 has its timeout for each attempt', async () => {
    const clock = new ManualClock()
    const { registry, drafted } = world()
    const engine = new WorkflowEngine(registry, { clock })
    const step = draft('a', { timeout: 3, retryPolicy: { maxRetries: 2, initialDelay: 1 } })
    const late = rejection(engine.executePlan(planOf('sequential', [step])))
    await clock.advance(6_999)
    expect(drafted).toEqual(['a', 'a'])
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(1)
    expect((await late).cause).toMatchObject({ code: 'RUN_TIMED_OUT' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('S3-17 is not tried again where that cannot help', async () => {
    class Refusing extends Orchestration<AgentTask, unknown> {
      constructor() {
        super()
        this.initialRunnable = state('Refuse', () => {
          throw new OptionError('a', 'b', 'c')
        })
      }
    }
    const registry = new MemoryRegistryClient().register('a', new Refusing())
    const given = [{ stepId: 'a', agentId: 'a', taskType: 'x', retryPolicy: {} }]
    const error = await rejection(new WorkflowEngine(registry).executePlan(planOf('sequential', given)))
    expect(error.cause).toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('S3-36 has a stand-in, which may be a run too, and which asks people in the run of the plan', async () => {
    const { drafted, registry } = world()
    const failing = draft('a', { parameters: { fails: true }, fallback: 'plain' })
    const workflow = await new WorkflowEngine(registry).start(planOf('sequential', [failing]))
    const events = new EventRecorder(workflow.run)
    expect(await workflow.result).toMatchObject({ data: { a: 'a' }, errors: [], status: 'completed' })
    expect(events.ofType('custom')).toMatchObject([
      { name: 'fallback.used', path: ['a'], data: { error: { message: expect.stringContaining('no ink') } } },
    ])
    registry.register('broken', () => {
      throw new Error('out of order')
    })
    const store = new MemoryJournalStore()
    const given = [
      plain('c'),
      { ...plain('a'), agentId: 'broken', fallback: 'b' },
      draft('b', { dependencies: ['c'], fallback: 'drafter' }),
    ]
    const asking = await new WorkflowEngine(registry, { store }).start(planOf('sequential', given), { workflowId: 'w' })
    await expect.poll(() => asking.run.requests).toHaveLength(1)
    await asking.run.pause()
    const other = world()
    other.registry.register('broken', () => 'never asked')
    const resumed = await new WorkflowEngine(other.registry, { store }).resume('w')
    await expect.poll(() => resumed.run.requests).toHaveLength(1)
    await resumed.run.approve('Approval')
    expect(await resumed.result).toMatchObject({ data: { a: { text: 'b after c' }, c: 'c' }, errors: [] })
    expect([...drafted, ...other.drafted]).toEqual(['a', 'b'])
  })

  it('S3-31 goes on under a plan that was changed meanwhile: with its retries, without a stand-in that it did not begin with', async () => {
    const store = new MemoryJournalStore()
    const clock = new ManualClock()
    const before = world({ failures: 1 })
    const given = (more: Partial<ExecutionPlanInit['steps'][number]>) =>
      planOf('sequential', [draft('a', { retryPolicy: { maxRetries: 2, initialDelay: 9 }, ...more })])
    const workflow = await new WorkflowEngine(before.registry, { store, clock }).start(given({}), { workflowId: 'w' })
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await workflow.run.pause()
    const { registry } = world({ errors: ['second', 'third'] })
    const plan = given({ retryPolicy: { maxRetries: 3, initialDelay: 9 }, fallback: 'plain' })
    const engine = new WorkflowEngine(registry, { store, clock })
    expect(await rejection(engine.resume('w', plan))).toMatchObject({ code: 'DEFINITION_CHANGED' })
    const resumed = await engine.resume('w', plan, { allowModified: true })
    await clock.advance(9_000)
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance(18_000)
    expect((await rejection(resumed.result)).cause).toEqual(new Error('third'))
  })

  it('S3-36 fails with the error of the last stand-in when none could help', async () => {
    const { registry } = world()
    registry.register('broken', () => {
      throw new Error('out of order')
    })
    const steps = [
      draft('a', { parameters: { fails: true }, fallback: 'b' }),
      draft('b', { parameters: { fails: true }, fallback: 'broken', retryPolicy: { maxRetries: 2, initialDelay: 0 } }),
    ]
    const workflow = await new WorkflowEngine(registry).start(planOf('sequential', steps))
    expect((await rejection(workflow.result)).cause).toEqual(new Error('out of order'))
    expect(workflow.state.errors).toEqual([{ stepId: 'a', name: 'Error', message: 'out of order' }])
  })

  it('S3-28 tells of the error of the turn that has failed, not of one that an earlier turn got over', async () => {
    const { registry } = world({ errors: ['first', undefined, 'second', 'third'] })
    const given = [draft('a', { retryPolicy: { maxRetries: 2, initialDelay: 0 } })]
    const plan = planOf('loop', given, { loop: { type: 'for_each', items: [1, 2] } })
    const workflow = await new WorkflowEngine(registry).start(plan)
    await expect.poll(() => workflow.run.requests).toHaveLength(1)
    await workflow.run.approve('Approval')
    expect((await rejection(workflow.result)).cause).toEqual(new Error('third'))
    expect(workflow.state.errors).toEqual([{ stepId: 'a', name: 'Error', message: 'third', iteration: 1 }])
  })
})
