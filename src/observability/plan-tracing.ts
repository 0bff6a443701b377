import type { TracingOptions } from './tracing-options.js'

/** The attributes of the run of an execution plan (S3-20). */
export const PlanAttribute = {
  Intent: 'plan.intent',
  Strategy: 'plan.strategy',
  Steps: 'plan.steps',
} as const

/** What the trace of a plan says about it. */
export interface TracedPlan {
  /** What the plan is for. */
  readonly intent: string
  /** How its steps are scheduled: sequential, parallel … */
  readonly strategy: string
  /** How many steps it has. */
  readonly steps: number
}

/**
 * Names of a plan's trace: the run's span gets `plan.intent`, `plan.strategy` and `plan.steps`, and the span of a state is called
 * `step.<name of the state>`, which is the id of the step where states are named after steps.
 *
 * @param describe what a run carries out, `undefined` if it is no plan; a plan itself if every run carries out the same one
 */
export function planTracing(
  describe: TracedPlan | ((run: { readonly runId: string; readonly input: unknown }) => TracedPlan | undefined),
): Pick<TracingOptions, 'runAttributes' | 'stateSpanName'> {
  return {
    runAttributes(run) {
      const plan = typeof describe === 'function' ? describe(run) : describe
      if (plan === undefined) return {}
      return {
        [PlanAttribute.Intent]: plan.intent,
        [PlanAttribute.Strategy]: plan.strategy,
        [PlanAttribute.Steps]: plan.steps,
      }
    },
    stateSpanName: stateName => `step.${stateName}`,
  }
}
