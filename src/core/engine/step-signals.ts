import type { Branch, RunState } from './run-state.js'

/** Stands in the token of a cleanup hook, which belongs to no step. */
export const cleanupBranch = 'cleanup'

/** The abort signals of the steps under way, each made only if somebody asks for it. */
export class StepSignals {
  readonly #state: RunState
  #controllers: Map<string, { readonly step: number; readonly controller: AbortController }> | undefined
  #closed = false

  constructor(state: RunState) {
    this.#state = state
  }

  /** The signal of a step; already aborted if the step is over. */
  signalOf(branch: string, step: number): AbortSignal {
    // A run that is winding up still lets its cleanup hooks do their work.
    if (branch === cleanupBranch) return new AbortController().signal
    const known = this.#controllers?.get(branch)
    if (known?.step === step) return known.controller.signal
    if (this.#closed || this.#state.branches.get(branch)?.step !== step) {
      return AbortSignal.abort(new Error('This step is over.'))
    }
    const controller = new AbortController()
    this.#controllers ??= new Map()
    this.#controllers.set(branch, { step, controller })
    return controller.signal
  }

  /** The step is over, and nobody has to be told. */
  release(branch: Branch): void {
    this.#controllers?.delete(branch.id)
  }

  abort(branch: Branch, reason: Error): void {
    const known = this.#controllers?.get(branch.id)
    if (known?.step === branch.step) known.controller.abort(reason)
  }

  /** No step will be under way any more; with a reason, those that still are abort. */
  close(reason?: Error): void {
    this.#closed = true
    if (reason !== undefined) {
      for (const { controller } of this.#controllers?.values() ?? []) controller.abort(reason)
    }
    this.#controllers = undefined
  }
}
