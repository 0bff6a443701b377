import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
} from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { ExecutionPlan, LlmPlanner, MemoryRegistryClient, WorkflowEngine } from '../../src/plan/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

const registry = new MemoryRegistryClient().register('searcher', () => ['found it'])
const draft = { steps: [{ step_id: 'find', agent_id: 'searcher', task_type: 'search' }] }

class Planning extends OrchestrationRunnable<string, ExecutionPlan> {
  constructor(readonly model: ScriptedModel) {
    super()
    this.configure({ input: String, output: ExecutionPlan })
  }

  override invoke(intent: string, run: RunContext): Promise<ExecutionPlan> {
    return new LlmPlanner({ client: this.model, model: 'scripted', registry }).plan(intent, { run, planId: 'p' })
  }
}

class CarryingOut extends OrchestrationRunnable<ExecutionPlan, unknown> {
  override async invoke(plan: ExecutionPlan): Promise<unknown> {
    const { data } = await new WorkflowEngine(registry).executePlan(plan)
    return { isPlan: plan instanceof ExecutionPlan, data }
  }
}

class Approving extends Orchestration<string, unknown> {
  constructor(model: ScriptedModel) {
    super()
    const ask = new ApprovalRunnable<ExecutionPlan>().configure({ name: 'Ask' })
    ask.addAdvancer(
      outcome => outcome instanceof Approved,
      new CarryingOut(),
      outcome => outcome.subject,
    )
    this.initialRunnable = new Planning(model).addAdvancer(ask)
  }
}

describe('a plan that a model has written', () => {
  it('waits in a store for a person, and is carried out by another process, which asks no model (S3-01, S3-30)', async () => {
    const store = new MemoryJournalStore()
    const first = new Approving(new ScriptedModel([{ object: draft }])).start('Find it', { store, runId: 'r' })
    await new Promise<void>(resolve => first.on('approval.requested', () => resolve()))
    await store.close()

    const run = await new Approving(new ScriptedModel([])).resume('r', { store: store.reopen() })
    await run.approve('Ask')
    expect(await run.result).toEqual({ isPlan: true, data: { find: ['found it'] } })
  })
})
