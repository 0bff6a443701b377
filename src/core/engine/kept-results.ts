import { OptionError, OrchestrationError } from '../../errors/index.js'
import { onAbort } from '../on-abort.js'
import type { RunHost } from './run-host.js'
import { answerKey, type Branch, tokenOf } from './run-state.js'
import { cleanupBranch } from './step-signals.js'

interface UnderWay {
  readonly promise: Promise<unknown>
  /** Called when the result is recorded. */
  recorded: ((kept: boolean) => void) | undefined
}

/** What steps do only once. A result counts as kept when the fact that says so has been recorded. */
export class KeptResults {
  readonly #host: RunHost
  readonly #underWay = new Map<string, UnderWay>()

  constructor(host: RunHost) {
    this.#host = host
  }

  /** The kept result; if there is none, that of `work`, once it is kept. Whoever asks meanwhile gets the same one. */
  once(branchId: string, step: number, name: string, work: () => unknown): Promise<unknown> {
    if (typeof name !== 'string' || name === '') throw new OptionError('name', 'a non-empty string', name)
    // The run is over by then; there is no step that could do it again.
    if (branchId === cleanupBranch) return Promise.resolve().then(work)
    const branch = this.#host.state.branches.get(branchId)
    if (branch === undefined || branch.step !== step) return Promise.reject(stepIsOver(`${branchId}:${step}`))
    if (branch.kept?.has(name) === true) return Promise.resolve(branch.kept.get(name))
    const key = `${tokenOf(branch)}/${name}`
    const known = this.#underWay.get(key)
    if (known !== undefined) return known.promise
    const entry: UnderWay = { promise: this.#keep(branch, name, key, work), recorded: undefined }
    this.#underWay.set(key, entry)
    return entry.promise
  }

  /** The answer of a person; asked for unless that has happened before. */
  ask(branchId: string, step: number, name: string, ask: (branch: Branch) => void): Promise<unknown> {
    if (typeof name !== 'string' || !/^[^/#]+$/.test(name)) {
      throw new OptionError('name', 'a non-empty string without `/` and `#`', name)
    }
    const branch = this.#host.state.branches.get(branchId)
    if (branch === undefined || branch.step !== step) return Promise.reject(stepIsOver(`${branchId}:${step}`))
    const kept = answerKey(name)
    if (branch.kept?.has(kept) === true) return Promise.resolve(branch.kept.get(kept))
    const key = `${tokenOf(branch)}/${kept}`
    const known = this.#underWay.get(key)
    if (known !== undefined) return known.promise
    const entry: UnderWay = { promise: this.#answer(branch, kept, key, ask), recorded: undefined }
    this.#underWay.set(key, entry)
    return entry.promise
  }

  async #answer(branch: Branch, kept: string, key: string, ask: (branch: Branch) => void): Promise<unknown> {
    try {
      await Promise.resolve()
      await this.#untilRecorded(branch.id, branch.step, key, () => ask(branch))
      return branch.kept?.get(kept)
    } finally {
      this.#underWay.delete(key)
    }
  }

  /** A result has been recorded. */
  recorded({ token, name, kept }: { token: string; name: string; kept: boolean }): void {
    this.#underWay.get(`${token}/${name}`)?.recorded?.(kept)
  }

  async #keep(branch: Branch, name: string, key: string, work: () => unknown): Promise<unknown> {
    const { id, step } = branch
    try {
      // Not before the caller has put it down as being under way.
      await Promise.resolve()
      const value = await work()
      await this.#post(id, step, name, key, value)
      return value
    } finally {
      this.#underWay.delete(key)
    }
  }

  async #post(branch: string, step: number, name: string, key: string, value: unknown): Promise<void> {
    const fact = { type: 'kept', branch, step, name, value } as const
    this.#host.options.ledger?.prepare(fact)
    await this.#untilRecorded(branch, step, key, () => this.#host.post(fact))
  }

  async #untilRecorded(branch: string, step: number, key: string, begin: () => void): Promise<void> {
    const over = this.#host.signalOf(branch, step)
    over.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const ignore = onAbort(over, () => reject(stepIsOver(`${branch}:${step}`)))
      const entry = this.#underWay.get(key) as UnderWay
      entry.recorded = kept => {
        ignore()
        if (kept) resolve()
        else reject(stepIsOver(`${branch}:${step}`))
      }
      begin()
    })
  }
}

function stepIsOver(token: string): OrchestrationError {
  return new OrchestrationError(`Step ${token} is over; nothing is kept for it any more.`, { code: 'RUN_CANCELLED' })
}
