import { checkOptionNames, type OptionNames } from '../../errors/internal.js'
import { AgentStep } from '../agent-step.js'
import { ExecutionPlan } from '../execution-plan.js'
import type { ExecutionStrategy } from '../execution-strategy.js'
import type { LoopConfig } from '../loop-config.js'
import type { RetryPolicy } from '../retry-policy.js'
import { PlanInvalidError } from './plan-invalid-error.js'
import { validatePlan } from './plan-validator.js'
import { selectStrategy } from './strategy-selector.js'

/** What a {@link PlanBuilder} begins with. */
export interface PlanBuilderOptions {
  /** @default a new UUID */
  readonly planId?: string
  /** @default what {@link selectStrategy} chooses */
  readonly strategy?: ExecutionStrategy
  readonly metadata?: Readonly<Record<string, unknown>>
  /** How long the whole plan may take, in seconds. @default no limit */
  readonly timeout?: number
  /** How many agents may be at work at a time. @default no limit */
  readonly maxParallelAgents?: number
}

/** What a step of a {@link PlanBuilder} is made of. `TStep` are the ids of the steps there are already. */
export interface StepOptions<TStep extends string> {
  /** The id of the agent. */
  readonly agent: string
  /** What the agent is asked for. @default the id of the step */
  readonly task?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  /** The steps whose results this one gets. @default none */
  readonly after?: readonly TStep[]
  /** A condition without which the step is left out, for example `results.search.data.count > 0`. @default none */
  readonly when?: string
  /** @default one attempt */
  readonly retry?: Readonly<Partial<RetryPolicy>>
  /** How long one attempt may take, in seconds. @default no limit */
  readonly timeout?: number
  /** Who takes over when all attempts have failed. @default nobody */
  readonly fallback?: { readonly step: TStep } | { readonly agent: string }
}

const builderOptionNames: OptionNames<PlanBuilderOptions> = {
  planId: true,
  strategy: true,
  metadata: true,
  timeout: true,
  maxParallelAgents: true,
}

const stepOptionNames: OptionNames<StepOptions<string>> = {
  agent: true,
  task: true,
  parameters: true,
  after: true,
  when: true,
  retry: true,
  timeout: true,
  fallback: true,
}

/** An id that no step has yet. */
type NewId<TId extends string, TStep extends string> = string extends TStep ? TId : TId extends TStep ? never : TId

declare const ids: unique symbol

/**
 * Builds a plan step by step (S3-21). The ids of the steps are part of the builder's type: to depend on one that there is not, or to use
 * one twice, does not compile.
 *
 * ```ts
 * const plan = new PlanBuilder('Report on AI in healthcare')
 *   .step('search', { agent: 'searcher', parameters: { topic: 'AI in healthcare' } })
 *   .step('write', { agent: 'writer', after: ['search'], retry: { maxRetries: 2 } })
 *   .build()
 * ```
 *
 * Methods change the builder and return it.
 */
export class PlanBuilder<TStep extends string = never> {
  /** Exists in the type system only: a builder with other steps is another type. */
  declare readonly [ids]: (step: TStep) => TStep
  readonly #intent: string
  readonly #options: PlanBuilderOptions
  readonly #steps: AgentStep[] = []
  #loop: LoopConfig | undefined

  /** Takes what the plan is for, in words. @throws OPTION_INVALID for an option that there is not */
  constructor(intent: string, options: PlanBuilderOptions = {}) {
    checkOptionNames('a plan builder', options, builderOptionNames)
    this.#intent = intent
    this.#options = options
  }

  /** Adds a step. @throws OPTION_INVALID for an option that there is not */
  step<const TId extends string>(stepId: NewId<TId, TStep>, options: StepOptions<TStep>): PlanBuilder<TStep | TId> {
    checkOptionNames(`step "${stepId}"`, options, stepOptionNames)
    const { agent, task = stepId, parameters = {}, after = [], when, retry, timeout, fallback } = options
    const inReserve = fallback === undefined ? undefined : 'step' in fallback ? fallback.step : fallback.agent
    const rest = { condition: when, retryPolicy: retry, timeout, fallback: inReserve }
    this.#steps.push(
      new AgentStep({ stepId, agentId: agent, taskType: task, parameters, dependencies: after, ...rest }),
    )
    return this as unknown as PlanBuilder<TStep | TId>
  }

  /**
   * Runs all steps once for each item: those of a list, or those that an expression such as `metadata.cities` gives.
   * @throws PlanInvalidError `PLAN_INVALID` if the plan has a loop already
   */
  forEach(items: readonly unknown[] | string, options: { readonly maxIterations?: number } = {}): this {
    return this.#withLoop({ type: 'for_each', items, ...options })
  }

  /**
   * Runs all steps again and again while a condition holds, such as `results.review.data.score < 8`.
   * @throws PlanInvalidError `PLAN_INVALID` if the plan has a loop already
   */
  while(condition: string, options: { readonly maxIterations?: number } = {}): this {
    return this.#withLoop({ type: 'while', condition, ...options })
  }

  /** The plan so far. @throws PlanInvalidError `PLAN_INVALID`, with all faults, if it would not run */
  build(): ExecutionPlan {
    const { planId = globalThis.crypto.randomUUID(), strategy, ...options } = this.#options
    const loop = this.#loop
    const plan = (chosen: ExecutionStrategy): ExecutionPlan =>
      new ExecutionPlan({ ...options, planId, intent: this.#intent, steps: [...this.#steps], strategy: chosen, loop })
    const { faults } = validatePlan(plan(strategy ?? (loop === undefined ? 'parallel' : 'loop')))
    if (faults.length > 0) throw new PlanInvalidError(faults)
    return plan(strategy ?? selectStrategy({ steps: this.#steps, loop }).strategy)
  }

  #withLoop(loop: LoopConfig): this {
    if (this.#loop !== undefined) {
      const message = `The plan has a ${this.#loop.type} loop already.`
      throw new PlanInvalidError([{ kind: 'loop', path: 'loop', message, expected: 'one loop, or a plan for each' }])
    }
    this.#loop = loop
    return this
  }
}
