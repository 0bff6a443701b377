import type { ExecutionStrategy } from '../execution-strategy.js'

/** What a trace says about the run of a plan (S3-20). */
export interface TracedPlanAttributes {
  readonly intent: string
  readonly strategy: ExecutionStrategy
  /** How many steps the plan has. */
  readonly steps: number
}

/**
 * What a run carries out, by its input, which is the plan as JSON; `undefined` for a run that is not of a plan, such as a turn of a loop.
 * For `planTracing` of advancer/observability:
 *
 * ```ts
 * const telemetry = await openTelemetry(planTracing(({ input }) => tracedPlan(input)))
 * const engine = new WorkflowEngine(registry, { instrument: orchestration => telemetry.instrument(orchestration) })
 * ```
 */
export function tracedPlan(input: unknown): TracedPlanAttributes | undefined {
  const { plan_id, intent, strategy, steps } = (input ?? {}) as Readonly<Record<string, unknown>>
  if (plan_id === undefined || typeof intent !== 'string' || !Array.isArray(steps)) return undefined
  return { intent, strategy: strategy as ExecutionStrategy, steps: steps.length }
}
