import { ensureError } from '../../errors/index.js'
import { type Clock, sleep } from '../clock.js'
import type { RunContext } from '../context.js'
import type { AnyRunnable } from '../runnable.js'
import { isPromiseLike, whenReady } from '../when-ready.js'
import type { HookFailure } from './fact.js'

interface Prepared {
  readonly stateName: string
  readonly initialized: unknown
}

/** The `initialize` and `cleanup` hooks of one run: each once for each runnable, however many of its steps there are. */
export class Hooks {
  readonly #prepared = new Map<AnyRunnable, Prepared>()

  /** Whether a runnable has hooks at all. */
  static has(runnable: AnyRunnable): boolean {
    return runnable.initialize !== undefined || runnable.cleanup !== undefined
  }

  /** Calls `initialize` before the first invocation; later invocations wait for the same call. */
  prepare(runnable: AnyRunnable, stateName: string, context: RunContext): unknown {
    let prepared = this.#prepared.get(runnable)
    if (prepared === undefined) {
      prepared = { stateName, initialized: initialize(runnable, context) }
      this.#prepared.set(runnable, prepared)
    }
    return prepared.initialized
  }

  /** Calls every `cleanup`, the last prepared first, and gathers what they throw. A run does not wait for one for ever. */
  async cleanUp(contextFor: (stateName: string) => RunContext, clock: Clock): Promise<readonly HookFailure[]> {
    const failures: HookFailure[] = []
    for (const [runnable, { stateName }] of [...this.#prepared].reverse()) {
      try {
        await inTime(runnable.cleanup?.(contextFor(stateName)), clock)
      } catch (thrown) {
        failures.push({ stateName, error: ensureError(thrown) })
      }
    }
    return failures
  }
}

/** How long a run waits for one cleanup hook, in milliseconds. */
const cleanupMs = 10_000

async function inTime(done: Promise<void> | void, clock: Clock): Promise<void> {
  if (!isPromiseLike(done)) return
  const over = new AbortController()
  const tooLate = sleep(clock, cleanupMs, over.signal).then(() => {
    throw new Error(`It did not finish within ${cleanupMs} ms, and the run has gone on without it.`)
  })
  try {
    await Promise.race([done, tooLate])
  } finally {
    tooLate.catch(() => undefined)
    over.abort()
  }
}

/** A promise that is kept for later invocations must not count as unhandled meanwhile. */
function initialize(runnable: AnyRunnable, context: RunContext): unknown {
  try {
    const done = whenReady(runnable.initialize?.(context), () => undefined)
    if (done instanceof Promise) done.catch(() => undefined)
    return done
  } catch (thrown) {
    const failed = Promise.reject(ensureError(thrown))
    failed.catch(() => undefined)
    return failed
  }
}
