import { expectTypeOf } from 'vitest'
import { Orchestration } from '../../src/core/index.js'
import {
  type AgentTask,
  ExecutionPlan,
  type ExecutionStrategy,
  MemoryRegistryClient,
  PlanBuilder,
} from '../../src/plan/index.js'

const builder = new PlanBuilder('Report').step('search', { agent: 'searcher' })
expectTypeOf(builder.step('write', { agent: 'writer', after: ['search'] })).toEqualTypeOf<
  PlanBuilder<'search' | 'write'>
>()
expectTypeOf(builder.build()).toEqualTypeOf<ExecutionPlan>()

// @ts-expect-error there is no such step yet
builder.step('write', { agent: 'writer', after: ['serch'] })
// @ts-expect-error nor is there one for a fallback
builder.step('write', { agent: 'writer', fallback: { step: 'spare' } })
// @ts-expect-error a step cannot depend on itself
builder.step('write', { agent: 'writer', after: ['write'] })
// @ts-expect-error there is a step of this id already
builder.step('search', { agent: 'searcher' })
// @ts-expect-error somebody has to do it
builder.step('write', {})
// @ts-expect-error there is no such option
builder.step('write', { agent: 'writer', depends: ['search'] })
// @ts-expect-error there is no such backoff
builder.step('write', { agent: 'writer', retry: { backoffType: 'random' } })
// @ts-expect-error there is no such strategy
new PlanBuilder('Report', { strategy: 'random' })
// @ts-expect-error the first step has none before it
new PlanBuilder('Report').step('write', { agent: 'writer', after: ['search'] })

// Ids that are only known at run time are checked when the plan is built.
const id: string = 'x'
new PlanBuilder<string>('Report').step(id, { agent: 'searcher' }).step(id, { agent: 'searcher', after: [id] })

// @ts-expect-error a step needs an agent
new ExecutionPlan({ planId: 'p', intent: 'i', strategy: 'parallel', steps: [{ stepId: 'a', taskType: 't' }] })
// @ts-expect-error a while loop goes by a condition
new ExecutionPlan({ planId: 'p', intent: 'i', strategy: 'loop', steps: [], loop: { type: 'while', items: [] } })
expectTypeOf<ExecutionStrategy>().toEqualTypeOf<'sequential' | 'parallel' | 'conditional' | 'loop'>()

declare const research: Orchestration<AgentTask, number>
declare const other: Orchestration<string, number>
new MemoryRegistryClient().register('research', research).register('plain', task => task.parameters)
// @ts-expect-error an orchestration that is to do tasks has to take them
new MemoryRegistryClient().register('other', other)
