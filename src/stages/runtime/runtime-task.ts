import type { Clock, OrchestrationRun } from '../../core/index.js'
import { sleep } from '../../core/internal.js'
import { OptionError, OrchestrationError } from '../../errors/index.js'
import { TaskNursery } from './task-nursery.js'

/** A piece of work that a task has started. */
export interface SpawnedTask<T> {
  /** The names of the tasks around it and its own: `main->fetch`. */
  readonly name: string
  /** What the work returns. Whoever does not ask for it misses nothing: a failure fails the task that it belongs to. */
  readonly result: Promise<T>
}

/** What all tasks of a runtime share. */
export interface TaskSurroundings {
  readonly clock: Clock
  /** Aborts when the process is asked to end, and not when a task has failed. */
  readonly stopping: AbortSignal
}

/**
 * A named piece of work, and what it can do. What it starts belongs to it: it is not over before all of that is, and the first failure
 * aborts the {@link RuntimeTask.signal} of everything else in it.
 */
export class RuntimeTask {
  /** What S0 calls `current_task_name()`: the names of the tasks around this one and its own, `main->worker`. */
  readonly name: string
  readonly #surroundings: TaskSurroundings
  readonly #nursery: TaskNursery

  /** @internal */
  constructor(name: string, surroundings: TaskSurroundings, nursery: TaskNursery) {
    this.name = name
    this.#surroundings = surroundings
    this.#nursery = nursery
  }

  /** Aborts when the process is asked to end, or when something that this task belongs to has failed. */
  get signal(): AbortSignal {
    return this.#nursery.signal
  }

  /**
   * Starts work beside this task. Its failure fails this task, also if `result` is awaited and caught: catch inside of it what is no
   * failure.
   * @throws OPTION_INVALID if the task is over
   */
  spawn<T>(work: (task: RuntimeTask) => T | Promise<T>, options: { readonly name: string }): SpawnedTask<T> {
    const name = `${this.name}->${checkTaskName(options.name)}`
    const result = this.#nursery.add(name, () => inTask(name, this.#surroundings, this.signal, work))
    // A failure that nobody asks for here is told by the task.
    result.catch(() => undefined)
    return { name, result }
  }

  /** Does work that starts other work, and returns when all of it is done; the first failure aborts the rest and is thrown. */
  taskGroup<T>(body: (group: RuntimeTask) => T | Promise<T>): Promise<T> {
    return inTask(this.name, this.#surroundings, this.signal, body)
  }

  /** Waits, in milliseconds, on the clock of the runtime. Rejects with the reason when {@link RuntimeTask.signal} aborts. */
  sleep(ms: number): Promise<void> {
    return sleep(this.#surroundings.clock, ms, this.signal)
  }

  /**
   * The result of a run that is paused when the process is asked to end: what is at work is done and written to its store, and nothing
   * new begins. Then it rejects with `RUN_PAUSED`; `orchestration.resume(run.id)` goes on with it. Not for runs that are started with
   * this task's signal, which cancels them.
   */
  async drain<TOut>(run: OrchestrationRun<TOut>): Promise<TOut> {
    const { stopping } = this.#surroundings
    let stop = (): void => undefined
    const paused = new Promise<never>((_, reject) => {
      stop = () => {
        run.pause().then(() => {
          // A run that has come to its end instead has a result.
          if (run.status === 'paused') reject(runPaused(run.id))
        }, reject)
      }
    })
    if (stopping.aborted) stop()
    else stopping.addEventListener('abort', stop)
    try {
      return await Promise.race([run.result, paused])
    } finally {
      stopping.removeEventListener('abort', stop)
    }
  }
}

/** Does work as a task of its own, and waits for all that it has started. */
export async function inTask<T>(
  name: string,
  surroundings: TaskSurroundings,
  signal: AbortSignal | undefined,
  work: (task: RuntimeTask) => T | Promise<T>,
): Promise<T> {
  if (typeof work !== 'function') {
    throw new OptionError('work', 'a function that is given the task, not what it returns', work)
  }
  const nursery = new TaskNursery(signal)
  return nursery.settle(name, () => work(new RuntimeTask(name, surroundings, nursery)))
}

/** @throws OPTION_INVALID */
export function checkTaskName(name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '') return name
  throw new OptionError('name', 'a non-empty string', name)
}

function runPaused(runId: string): OrchestrationError {
  return new OrchestrationError(
    `Run "${runId}" was paused, because the process is about to end. If it is kept in a store, resume("${runId}") goes on with it.`,
    { code: 'RUN_PAUSED', details: { runId } },
  )
}
