import { expectTypeOf } from 'vitest'
import type { Orchestration, OrchestrationRun } from '../../src/core/index.js'
import {
  AgentStep,
  type CompileOptions,
  compilePlan,
  ExecutionPlan,
  type RegistryClient,
  type TaskResult,
  WorkflowEngine,
  type WorkflowResult,
  type WorkflowRun,
} from '../../src/plan/index.js'
import type { Json } from '../../src/schema/index.js'

declare const registry: RegistryClient
declare const run: WorkflowRun
const engine = new WorkflowEngine(registry)
const plan = new ExecutionPlan({ planId: 'p', intent: 'i', steps: [], strategy: 'parallel' })

expectTypeOf(engine.executePlan(plan)).resolves.toEqualTypeOf<WorkflowResult>()
expectTypeOf(compilePlan(plan, { registry })).toEqualTypeOf<Orchestration<Json, WorkflowResult>>()
expectTypeOf(run.run).toEqualTypeOf<OrchestrationRun<WorkflowResult>>()
expectTypeOf(run.state.getPreviousResults(['a'])).toEqualTypeOf<Record<string, TaskResult | null>>()

// @ts-expect-error: there is no such strategy
new ExecutionPlan({ planId: 'p', intent: 'i', steps: [], strategy: 'random' })

// @ts-expect-error: a step needs an agent
new AgentStep({ stepId: 's', taskType: 't' })

// @ts-expect-error: an engine needs a registry
new WorkflowEngine()

// @ts-expect-error: a plan is compiled with a registry
const options: CompileOptions = {}

// @ts-expect-error: a strategy is no option of an engine
new WorkflowEngine(registry, { strategy: 'parallel' })

// @ts-expect-error: a breaker is switched off with false
new WorkflowEngine(registry, { circuitBreaker: true })

// @ts-expect-error: what is asked for is a list
void engine.stateManager.list({ status: 'running' })

void options
