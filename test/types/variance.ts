import { expectTypeOf } from 'vitest'
import type {
  ApprovalRunnable,
  DelayRunnable,
  JoinRunnable,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationRun,
  OrchestrationRunnable,
  RunnableRef,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import type { DetailedPlan, Plan } from './documents.js'

type Takes<T> = OrchestrationRunnable<T, string>
type Returns<T> = OrchestrationRunnable<string, T>

/** A state that takes less stands in for one that takes more, never the other way round. */
expectTypeOf<Takes<Plan>>().toExtend<Takes<DetailedPlan>>()
expectTypeOf<Takes<unknown>>().toExtend<Takes<Plan>>()
expectTypeOf<Takes<DetailedPlan>>().not.toExtend<Takes<Plan>>()
expectTypeOf<Takes<Plan>>().not.toExtend<Takes<string>>()
expectTypeOf<Takes<string>>().not.toExtend<Takes<string | number>>()

/** A state that returns more stands in for one that returns less, never the other way round. */
expectTypeOf<Returns<DetailedPlan>>().toExtend<Returns<Plan>>()
expectTypeOf<Returns<Plan>>().toExtend<Returns<unknown>>()
expectTypeOf<Returns<Plan>>().not.toExtend<Returns<DetailedPlan>>()
expectTypeOf<Returns<Plan>>().not.toExtend<Returns<string>>()

/** The built-in states keep to it. */
expectTypeOf<JoinRunnable<Plan, DetailedPlan>>().toExtend<JoinRunnable<DetailedPlan, Plan>>()
expectTypeOf<JoinRunnable<DetailedPlan, Plan>>().not.toExtend<JoinRunnable<Plan, Plan>>()
expectTypeOf<JoinRunnable<Plan, string>>().toExtend<OrchestrationRunnable<Plan, string>>()
expectTypeOf<DelayRunnable<Plan>>().toExtend<OrchestrationRunnable<DetailedPlan, Plan>>()
expectTypeOf<DelayRunnable<Plan>>().not.toExtend<OrchestrationRunnable<Plan, DetailedPlan>>()
expectTypeOf<ApprovalRunnable<DetailedPlan>>().not.toExtend<OrchestrationRunnable<Plan, unknown>>()
expectTypeOf<SignalRunnable<Plan, string>>().toExtend<OrchestrationRunnable<DetailedPlan, string>>()
expectTypeOf<SignalRunnable<Plan, string>>().not.toExtend<OrchestrationRunnable<Plan, number>>()
expectTypeOf<SubOrchestrationRunnable<string, Plan>>().toExtend<OrchestrationRunnable<string, Plan>>()
expectTypeOf<SubOrchestrationRunnable<string, Plan>>().not.toExtend<OrchestrationRunnable<string, string>>()

/** An advancer that needs less of an output stands in for one that needs more. */
expectTypeOf<OrchestrationAdvancer<Plan, string>>().toExtend<OrchestrationAdvancer<DetailedPlan, string>>()
expectTypeOf<OrchestrationAdvancer<DetailedPlan, string>>().not.toExtend<OrchestrationAdvancer<Plan, string>>()
expectTypeOf<OrchestrationAdvancer<Plan, number>>().not.toExtend<OrchestrationAdvancer<Plan, string>>()

/** What names a state keeps what it takes. */
expectTypeOf<RunnableRef<Plan>>().toExtend<RunnableRef<DetailedPlan>>()
expectTypeOf<RunnableRef<DetailedPlan>>().not.toExtend<RunnableRef<Plan>>()

/** An orchestration and a run give what they say. */
expectTypeOf<Orchestration<string, Plan>>().not.toExtend<Orchestration<number, Plan>>()
expectTypeOf<Orchestration<string, Plan>>().not.toExtend<Orchestration<string, string>>()
expectTypeOf<OrchestrationRun<DetailedPlan>>().toExtend<OrchestrationRun<Plan>>()
expectTypeOf<OrchestrationRun<Plan>>().not.toExtend<OrchestrationRun<DetailedPlan>>()
