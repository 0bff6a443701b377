// An execution plan: who does what, after whom, and what happens when it goes wrong. The same steps are run level by level, with a step
// that is left out, and in a loop.
import assert from 'node:assert/strict'
import { Agent } from 'advancer'
import { compilePlan, ExecutionPlan, MemoryRegistryClient, PlanBuilder, WorkflowEngine } from 'advancer/plan'
import { ScriptedModel } from 'advancer/testing'

const model = new ScriptedModel(['Tea is old, and 3 sources say so.'])
const writer = new Agent({ client: model, model: 'scripted', name: 'Writer', instructions: 'You write reports.' })

// Agents are functions, orchestrations, or agents with a model; who has registered them does not matter to the plan.
const registry = new MemoryRegistryClient()
  .register('library', ({ parameters }) => ({ sources: [1, 2, 3].map(n => `${String(parameters['topic'])} ${n}`) }))
  .register('market', () => {
    throw new Error('The market is closed')
  })
  .register('archive', () => ({ price: 'as it was last week' }))
  .register('writer', writer)
  .register('editor', ({ context }) => `edited: ${String(context.results['write']?.data)}`)

const plan = new PlanBuilder('Report on tea', { strategy: 'parallel' })
  .step('books', { agent: 'library', parameters: { topic: 'tea' } })
  .step('prices', { agent: 'market', retry: { maxRetries: 2, initialDelay: 0 }, fallback: { agent: 'archive' } })
  .step('write', { agent: 'writer', after: ['books', 'prices'] })
  .step('edit', { agent: 'editor', after: ['write'], when: 'size(results.books.data.sources) > 3' })
  .build()

const engine = new WorkflowEngine(registry)
const workflow = await engine.start(plan)
workflow.run.on('state.started', ({ stateName }) => console.log(`  ${stateName}`))
workflow.run.on('state.retrying', ({ stateName, errorMessage }) => console.log(`  ${stateName} again: ${errorMessage}`))
const result = await workflow.result
console.log(result.summary)
assert.equal(result.status, 'completed')
// The market has failed twice, so the archive was asked; the editor was left out, because there are only three sources.
assert.deepEqual(result.data['prices'], { price: 'as it was last week' })
assert.equal(result.data['edit'], null)
assert.deepEqual(workflow.state.stepsCompleted, ['books', 'prices', 'write'])
model.assertDone()

// A plan is data, and what it becomes is an orchestration like any other.
const rounds = ExecutionPlan.fromJSON({
  plan_id: 'rounds',
  intent: 'Look up every topic',
  strategy: 'loop',
  loop: { type: 'for_each', items: ['green', 'black'] },
  steps: [{ step_id: 'look', agent_id: 'finder', task_type: 'search' }],
})
registry.register('finder', ({ context }) => `${String(context.item)} tea`)
const { data } = await compilePlan(rounds, { registry }).run(rounds.toJSON())
console.log(data)
assert.deepEqual(data, { look: ['green tea', 'black tea'] })
