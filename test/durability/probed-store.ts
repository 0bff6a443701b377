import { type JournalStore, MemoryJournalStore } from '../../src/durability/index.js'

type Create = Parameters<JournalStore['create']>
type Append = Parameters<JournalStore['append']>

/** A store on memory that says what it is asked for, and whose commits can be held back, refused or followed by a crash. */
export class ProbedStore extends MemoryJournalStore {
  /** How many entries each commit had. */
  readonly commits: number[] = []
  /** From which entry on the journal was read, each time. */
  readonly reads: number[] = []
  /** What is around every commit, which is the how-manieth, from 1. */
  around: (commit: () => Promise<void>, number: number) => Promise<void> = commit => commit()

  override create(...args: Create): Promise<void> {
    return this.#commit(args[0].entries.length, () => super.create(...args))
  }

  override append(...args: Append): Promise<void> {
    return this.#commit(args[2].length, () => super.append(...args))
  }

  override read(runId: string, from = 1, limit?: number): ReturnType<JournalStore['read']> {
    this.reads.push(from)
    return super.read(runId, from, limit)
  }

  override reopen(): ProbedStore {
    return new ProbedStore(this)
  }

  #commit(entries: number, commit: () => Promise<void>): Promise<void> {
    const number = this.commits.push(entries)
    return this.around(commit, number)
  }

  /** Holds every commit back from now on, until the function that is returned is called. */
  hold(): () => void {
    let open: (() => void) | undefined
    const opened = new Promise<void>(resolve => {
      open = resolve
    })
    this.around = commit => opened.then(commit)
    return () => {
      this.around = commit => commit()
      open?.()
    }
  }
}

/** When a process dies: at its commit of this number, before anything is written or when everything is. */
export interface Death {
  readonly commit: number
  readonly written: boolean
}

/** The store of a process that dies: whoever waits for that commit, or for one after it, waits for ever. */
export class DyingStore extends ProbedStore {
  #dead = false

  constructor(shared: MemoryJournalStore | undefined, death: Death | undefined) {
    super(shared)
    this.around = async (commit, number) => {
      if (number === death?.commit) {
        if (death.written) await commit()
        this.#dead = true
        await this.close()
      }
      if (this.#dead) return new Promise(() => {})
      return commit()
    }
  }

  get dead(): boolean {
    return this.#dead
  }
}
