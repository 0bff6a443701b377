import type { Decision } from '../approval.js'
import type { OpenRequest } from '../open-request.js'
import type { RecordedUsage } from '../recorded-usage.js'
import { type Branch, tokenOf } from './run-state.js'

/** A run inside another one, as the outer run sees it. */
export interface ChildRun {
  readonly result: Promise<unknown>
  readonly openRequests: readonly OpenRequest[]
  /** What its states have used up; kept only of a run that is recorded. */
  readonly usage: readonly RecordedUsage[] | undefined
  decide(id: string, approved: boolean, decision: Decision): Promise<void> | void
  send(id: string, payload: unknown): Promise<void>
  /** The name of a state of that run or of one inside it. @throws UNKNOWN_TARGET */
  stateNameOf(ref: unknown, namedBy: string): string
  pause(): Promise<void>
  resume(): void
  cancel(reason: string): void
}

/** The runs of sub-orchestrations that are under way. A request inside them is called `token/request`. */
export class ChildRuns {
  readonly #runs = new Map<Branch, ChildRun>()

  add(branch: Branch, run: ChildRun): void {
    this.#runs.set(branch, run)
  }

  remove(branch: Branch): void {
    this.#runs.delete(branch)
  }

  cancel(branch: Branch, reason: string): void {
    this.#runs.get(branch)?.cancel(reason)
  }

  cancelAll(reason: string): void {
    for (const run of this.#runs.values()) run.cancel(reason)
  }

  async pauseAll(): Promise<void> {
    await Promise.all([...this.#runs.values()].map(async run => run.pause()))
  }

  resumeAll(): void {
    for (const run of this.#runs.values()) run.resume()
  }

  /** What they wait for, under the names by which the outer run is answered. */
  get openRequests(): readonly OpenRequest[] {
    return [...this.#runs].flatMap(([branch, run]) =>
      run.openRequests.map(request => ({ ...request, id: `${tokenOf(branch)}/${request.id}` })),
    )
  }

  /** The run that a request belongs to, and what the request is called there; `undefined` if it is not one of theirs. */
  holderOf(id: string): { readonly run: ChildRun; readonly localId: string } | undefined {
    for (const [branch, run] of this.#runs) {
      const prefix = `${tokenOf(branch)}/`
      if (id.startsWith(prefix)) return { run, localId: id.slice(prefix.length) }
    }
    return undefined
  }

  /** The name of a state that one of them has. */
  stateNameOf(ref: unknown, namedBy: string): string | undefined {
    for (const run of this.#runs.values()) {
      try {
        return run.stateNameOf(ref, namedBy)
      } catch {
        // Another one may have it; if none has, the outer run says that it has not.
      }
    }
    return undefined
  }
}
