import { type Observable, Subject } from 'rxjs'
import type { OrchestrationRun } from '../core/index.js'
import type { StoredDocument } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { PausedHandle } from './paused-handle.js'
import type { RunWishes } from './run-wishes.js'

/** A run that a host begins to drive. */
export interface HostedRun {
  readonly run: OrchestrationRun<unknown>
  /** The name of its orchestration. */
  readonly orchestration: string
  readonly tags: Readonly<Record<string, string>>
}

interface DrivenRun extends HostedRun {
  readonly handle: PausedHandle
  /** Nothing that others do about it is noticed any more. */
  ignore(): void
}

/** The runs that a host drives, until they have ended or go on elsewhere; what others wish of them is fulfilled. */
export class DrivenRuns {
  readonly #store: JournalStore
  readonly #wishes: RunWishes
  readonly #driven = new Map<string, DrivenRun>()
  readonly #begun = new Subject<HostedRun>()

  constructor(store: JournalStore, wishes: RunWishes) {
    this.#store = store
    this.#wishes = wishes
  }

  /** Each run as it is added. Never completes. */
  get begun$(): Observable<HostedRun> {
    return this.#begun.asObservable()
  }

  /** Those that are not paused. */
  get running(): readonly HostedRun[] {
    return [...this.#driven.values()].filter(({ run }) => run.status === 'running')
  }

  /** How many of such labels are not paused. */
  count(matches: (tags: HostedRun['tags']) => boolean): number {
    let count = 0
    for (const { run, tags } of this.#driven.values()) if (run.status !== 'paused' && matches(tags)) count++
    return count
  }

  get(runId: string): OrchestrationRun<unknown> | undefined {
    return this.#driven.get(runId)?.run
  }

  /** The run, if it still is driven from here: what was paused here, another process may have taken up. */
  async look(runId: string): Promise<OrchestrationRun<unknown> | undefined> {
    await this.#driven.get(runId)?.handle.look()
    return this.get(runId)
  }

  /** @param wish is what is known already to be wished of it */
  add(hosted: HostedRun, wish?: StoredDocument): void {
    const { run } = hosted
    let unattend: (() => void) | undefined
    const take = (): void => {
      unattend = this.#wishes.attend(run, wish)
      this.#driven.set(run.id, driven)
    }
    const leave = (): void => {
      driven.ignore()
      if (this.#driven.get(run.id) === driven) this.#driven.delete(run.id)
    }
    const handle = new PausedHandle(this.#store, run, leave)
    const ignore = (): void => {
      unattend?.()
      handle.end()
    }
    const driven: DrivenRun = { ...hosted, handle, ignore }
    // Of two that are started under one id the store refuses one, of which nothing is ever told.
    if (!this.#driven.has(run.id)) take()
    run.events$.subscribe(({ type, path }) => {
      if (unattend === undefined) take()
      if (path !== undefined) return
      if (type === 'orchestration.paused') handle.paused()
      if (type === 'orchestration.resumed') handle.resumed()
    })
    run.result.then(leave, leave)
    this.#begun.next(hosted)
  }

  /** Leaves them alone: nothing that others do about them is noticed any more. */
  ignoreAll(): void {
    for (const { ignore } of this.#driven.values()) ignore()
  }
}
