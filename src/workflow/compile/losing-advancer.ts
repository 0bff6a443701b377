import { Advancer, OrchestrationAdvancer, type RunContext, type StateFailure } from '../../core/index.js'

/** Ends the branch of a node that has failed, so that a group that needs only some of its nodes goes on without it. */
@Advancer({ name: 'workflow.lost', to: [] })
export class LosingAdvancer extends OrchestrationAdvancer<StateFailure> {
  readonly #isTakenUp: (failure: StateFailure) => boolean
  readonly #keep: (failure: StateFailure, context: RunContext) => unknown

  constructor(
    isTakenUp: (failure: StateFailure) => boolean,
    keep: (failure: StateFailure, context: RunContext) => unknown,
  ) {
    super()
    this.#isTakenUp = isTakenUp
    this.#keep = keep
  }

  override shouldAdvance(failure: StateFailure): boolean {
    return this.#isTakenUp(failure)
  }

  getNextRunnable(failure: StateFailure, context: RunContext): null {
    this.#keep(failure, context)
    return null
  }
}
