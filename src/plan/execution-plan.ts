import { IsInt, IsNumber, IsObject, IsOptional, IsPositive, IsString, Min } from 'class-validator'
import { type Json, setType } from '../schema/index.js'
import { AgentStep, type AgentStepInit } from './agent-step.js'
import { ExecutionStrategy } from './execution-strategy.js'
import type { LoopConfig } from './loop-config.js'
import { readLoop } from './planning/loop-reader.js'
import { PlanInvalidError } from './planning/plan-invalid-error.js'
import { planToJson } from './planning/plan-json.js'
import { initOf, readPlan } from './planning/plan-reader.js'
import { validatePlan } from './planning/plan-validator.js'

/** What an {@link ExecutionPlan} is made of; only what has no default must be given. */
export interface ExecutionPlanInit {
  readonly planId: string
  readonly intent: string
  readonly steps: readonly (AgentStep | AgentStepInit)[]
  readonly strategy: ExecutionStrategy
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly loop?: LoopConfig | undefined
  readonly timeout?: number | undefined
  readonly maxParallelAgents?: number | undefined
}

/**
 * What is to be done, by whom, in which order (S3-06). A plan is data: it can be written by hand, by a {@link PlanBuilder}, by a model,
 * and as JSON. Making one checks nothing; {@link ExecutionPlan.fromJSON}, `PlanValidator` and the engine do.
 */
export class ExecutionPlan {
  planId!: string
  /** What the plan is for, in words. */
  intent!: string
  steps: AgentStep[] = []
  strategy!: ExecutionStrategy
  /** Plain JSON; conditions can read it. @default {} */
  metadata: Record<string, unknown> = {}
  /** How often the steps are run, for the strategy `loop`, and refused with others. If it is missing, `metadata.loop` is taken. */
  loop?: LoopConfig
  /** How long the whole plan may take, in seconds. @default no limit */
  timeout?: number
  /** How many agents may be at work at a time. @default no limit */
  maxParallelAgents?: number

  constructor(init?: ExecutionPlanInit) {
    if (init === undefined) return
    const { planId, intent, steps, strategy, metadata = {}, loop, timeout, maxParallelAgents } = init
    this.planId = planId
    this.intent = intent
    this.steps = steps.map(step => (step instanceof AgentStep ? step : new AgentStep(step)))
    this.strategy = strategy
    const { loop: inMetadata, ...rest } = metadata
    const isLoop = strategy === ExecutionStrategy.Loop && loop === undefined && inMetadata !== undefined
    this.metadata = isLoop ? rest : { ...metadata }
    const config = isLoop ? (readLoop(inMetadata, 'metadata.loop', [])?.config ?? (inMetadata as LoopConfig)) : loop
    if (config !== undefined) this.loop = config
    if (timeout !== undefined) this.timeout = timeout
    if (maxParallelAgents !== undefined) this.maxParallelAgents = maxParallelAgents
  }

  /**
   * Reads a plan from parsed JSON, or from text. Keys may be in snake_case or camelCase; `null` is nothing.
   * @throws PlanInvalidError `PLAN_INVALID` with all faults that can be seen without knowing the agents
   */
  static fromJSON(json: unknown): ExecutionPlan {
    const { faults } = validatePlan(json)
    if (faults.length > 0) throw new PlanInvalidError(faults)
    return new ExecutionPlan(initOf(readPlan(json)))
  }

  /** The canonical form: snake_case keys in the order of declaration, without what is not given. */
  toJSON(): Json {
    return planToJson(this)
  }
}
// Not as decorators: those of properties work in one of TypeScript's two modes only, and sources may be run in either.
for (const property of ['loop', 'timeout', 'maxParallelAgents']) IsOptional()(ExecutionPlan.prototype, property)
for (const property of ['planId', 'intent', 'strategy']) IsString()(ExecutionPlan.prototype, property)
for (const property of ['metadata', 'loop']) IsObject()(ExecutionPlan.prototype, property)
setType(ExecutionPlan, 'steps', [AgentStep])
IsNumber()(ExecutionPlan.prototype, 'timeout')
IsPositive()(ExecutionPlan.prototype, 'timeout')
IsInt()(ExecutionPlan.prototype, 'maxParallelAgents')
Min(1)(ExecutionPlan.prototype, 'maxParallelAgents')
