import { type Clock, systemClock } from '../../core/index.js'
import { sleep } from '../../core/internal.js'
import { type RunMainOptions, runMain } from './run-main.js'
import { checkTaskName, inTask, type RuntimeTask } from './runtime-task.js'

/** How a group of tasks outside of a program is run. */
export interface TaskGroupOptions {
  /** The name of the group; its tasks are `<name>->…`. @default 'group' */
  readonly name?: string
  /** Aborts all of its tasks. @default nothing does */
  readonly signal?: AbortSignal
  /** Where time comes from. @default the system's clock */
  readonly clock?: Clock
}

/**
 * Runs programs so that nothing of them is left behind (S0): signals end them in order, tasks end with the task that has started them,
 * and no failure is lost.
 *
 * ```ts
 * await AsyncRuntime.runMain(async task => {
 *   const state = await orch.run({ question: 'Will it rain?' }, { signal: task.signal })
 *   console.log(state)
 * })
 * ```
 */
export class AsyncRuntime {
  private constructor() {}

  /**
   * Runs a program and returns what it returns, or throws what it throws.
   *
   * The first `SIGINT` or `SIGTERM` aborts `task.signal`: runs that were started with it are cancelled, those that are awaited through
   * `task.drain()` are paused, all others may come to their end. When the program is over, or after `drainMs`, the process ends with 130
   * or 143. The second signal ends it at once. A rejection that nobody handles is logged and does what a signal does, with the code 1.
   * Afterwards nobody listens to the process any more.
   */
  static runMain<T>(main: (task: RuntimeTask) => T | Promise<T>, options: RunMainOptions = {}): Promise<T> {
    return runMain(main, options)
  }

  /** Does work that starts other work, and returns when all of it is done; the first failure aborts the rest and is thrown. */
  static async taskGroup<T>(body: (group: RuntimeTask) => T | Promise<T>, options: TaskGroupOptions = {}): Promise<T> {
    const { name = 'group', signal, clock = systemClock } = options
    const stopping = signal ?? new AbortController().signal
    return inTask(checkTaskName(name), { clock, stopping }, signal, body)
  }

  /**
   * Waits, in milliseconds, on a clock: with a `BacktestClock` no time at all. Rejects with the signal's reason when it aborts.
   */
  static sleep(
    ms: number,
    { clock = systemClock, signal }: { readonly clock?: Clock; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return sleep(clock, ms, signal)
  }
}
