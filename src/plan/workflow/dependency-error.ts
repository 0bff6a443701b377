import { OrchestrationError } from '../../errors/index.js'

/** A step was reached before what it depends on had completed, so it was not run. `code` is DEPENDENCIES_NOT_MET. */
export class DependencyError extends OrchestrationError {
  readonly stepId: string
  /** The dependencies that have no result. */
  readonly missing: readonly string[]

  constructor(stepId: string, missing: readonly string[]) {
    super(`Dependencies not met for ${stepId}`, {
      code: 'DEPENDENCIES_NOT_MET',
      details: {
        stepId,
        missing,
        advice:
          'List each step after those it depends on, or let the strategy `parallel` or `conditional` find the order; ' +
          'give a step that may fail a `fallback`.',
      },
    })
    this.stepId = stepId
    this.missing = missing
  }
}
