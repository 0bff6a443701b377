import { OrchestrationError } from '../errors/index.js'
import { problemOf, type WiringFault } from './wiring-fault.js'

/** The definition cannot run. `faults` lists everything that is wrong with it, not only the first thing. */
export class WiringError extends OrchestrationError {
  readonly faults: readonly WiringFault[]
  /** The faults, each as one line of text. */
  readonly problems: readonly string[]

  constructor(orchestration: string, faults: readonly WiringFault[]) {
    const problems = faults.map(problemOf)
    const list = problems.map(problem => `\n  - ${problem}`).join('')
    super(`Orchestration "${orchestration}" cannot run:${list}`, {
      code: 'WIRING_INVALID',
      details: { orchestration, problems },
    })
    this.faults = faults
    this.problems = problems
  }
}

/** A run failed. `cause` is the original error, `errors` all of them if the run went on after the first. */
export class OrchestrationFailedError extends OrchestrationError {
  readonly runId: string
  /** The state that failed first, if the failure has one. */
  readonly stateName: string | undefined
  readonly errors: readonly Error[]

  constructor(orchestration: string, runId: string, failures: readonly RunFailure[]) {
    const first = failures[0] as RunFailure
    const where = first.stateName === undefined ? '' : ` in state "${first.stateName}"`
    const more = failures.length === 1 ? '' : ` (and ${failures.length - 1} more)`
    super(`Orchestration "${orchestration}" failed${where}: ${first.error.message}${more}`, {
      code: 'RUN_FAILED',
      retryable: OrchestrationError.isInstance(first.error) && first.error.retryable,
      details: { orchestration, runId, stateName: first.stateName, token: first.token },
      cause: first.error,
    })
    this.runId = runId
    this.stateName = first.stateName
    this.errors = failures.map(failure => failure.error)
  }
}

/** Why a run failed, and where. */
export interface RunFailure {
  readonly error: Error
  readonly stateName?: string
  readonly token?: string
}

/** A run was cancelled; `reason` is what was given. */
export class OrchestrationCancelledError extends OrchestrationError {
  readonly runId: string
  readonly reason: string

  constructor(orchestration: string, runId: string, reason: string) {
    super(`Orchestration "${orchestration}" was cancelled: ${reason}`, {
      code: 'RUN_CANCELLED',
      details: { orchestration, runId, reason },
    })
    this.runId = runId
    this.reason = reason
  }
}
