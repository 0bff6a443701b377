import { describe, expect, it } from 'vitest'
import { ApprovalRunnable, Approved, Orchestration, OrchestrationRunnable } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { type AgentTask, type ExecutionPlanInit, MemoryRegistryClient, WorkflowEngine } from '../../src/plan/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { planOf, rejection, steps } from './workflows.js'

/** An agent that is an orchestration: drafts, asks a person, and fails if it is told to. */
class Drafting extends Orchestration<AgentTask, unknown> {
  constructor(drafted: string[]) {
    super()
    class Draft extends OrchestrationRunnable<AgentTask, string> {
      invoke({ context, parameters }: AgentTask): string {
        drafted.push(context.stepId)
        if (parameters['fails'] === true) throw new Error('no ink')
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

function world() {
  const drafted: string[] = []
  const registry = new MemoryRegistryClient()
    .register('drafter', new Drafting(drafted))
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

  it('S3-36 is asked from outside where it may have to be asked again', async () => {
    const { drafted, registry } = world()
    const given = [draft('a', { parameters: { fails: true }, fallback: 'plain' }), ...steps()]
    const workflow = await new WorkflowEngine(registry).start(planOf('sequential', given))
    const events = new EventRecorder(workflow.run)
    expect(await workflow.result).toMatchObject({ data: { a: 'a' }, errors: [] })
    expect(drafted).toEqual(['a'])
    expect(events.events.every(event => event.path === undefined)).toBe(true)
  })
})
