/** Ends runs of a workflow from inside. */
export class RunEnds {
  readonly #runs = new Map<string, AbortController>()

  /** The signal that ends a run. */
  signalFor(runId: string): AbortSignal {
    const controller = this.#runs.get(runId) ?? new AbortController()
    this.#runs.set(runId, controller)
    return controller.signal
  }

  /** Cancels the run of the workflow that a run is, or is inside of. False if it is not known. */
  cancel(runId: string, reason: string): boolean {
    const own = [...this.#runs.keys()].filter(id => id === runId || runId.startsWith(`${id}/`))
    const nearest = own.sort((a, b) => b.length - a.length)[0]
    if (nearest === undefined) return false
    this.#runs.get(nearest)?.abort(new Error(reason))
    return true
  }

  /** The run is over. */
  drop(runId: string): void {
    this.#runs.delete(runId)
  }
}
