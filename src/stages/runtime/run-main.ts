import { type Clock, consoleLogger, type Logger, systemClock } from '../../core/index.js'
import { sleep } from '../../core/internal.js'
import { ensureError, OptionError, OrchestrationError } from '../../errors/index.js'
import { checkOptionNames, type OptionNames } from '../../errors/internal.js'
import { ownProcess, type ProcessPort } from './process-port.js'
import { checkTaskName, inTask, type RuntimeTask } from './runtime-task.js'

/** How a program is run. */
export interface RunMainOptions {
  /** The name of the main task; those that it starts are `main->…`. @default 'main' */
  readonly name?: string
  /** How long the program may take to come to an end after a signal, in milliseconds; then the process ends. @default 10_000 */
  readonly drainMs?: number
  /** Where time comes from. @default the system's clock */
  readonly clock?: Clock
  /** Where unhandled rejections and the end of the time to drain are reported. @default the console */
  readonly logger?: Logger
  /** Whose signals are heard. @default the process of Node; elsewhere there are none */
  readonly process?: ProcessPort
}

const optionNames: OptionNames<RunMainOptions> = {
  name: true,
  drainMs: true,
  clock: true,
  logger: true,
  process: true,
}

/** What ends a process, and the code that it then ends with. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, unhandledRejection: 1 } as const
type Cause = keyof typeof exitCodes
const causes = Object.keys(exitCodes) as readonly Cause[]

/** Runs a program as {@link AsyncRuntime.runMain} says. */
export async function runMain<T>(main: (task: RuntimeTask) => T | Promise<T>, options: RunMainOptions): Promise<T> {
  if (typeof main !== 'function') {
    throw new OptionError('main', 'the function itself, runMain(main), not what it returns', main)
  }
  checkOptionNames('runMain()', options, optionNames)
  const { name = 'main', drainMs = 10_000, clock = systemClock, logger = consoleLogger } = options
  if (!(drainMs >= 0)) throw new OptionError('drainMs', 'a number of milliseconds of at least 0', drainMs)
  const ending = new ProcessEnding(options.process ?? ownProcess(), drainMs, clock, logger)
  ending.watch()
  try {
    return await inTask(checkTaskName(name), { clock, stopping: ending.signal }, ending.signal, main)
  } finally {
    ending.close()
  }
}

/** Hears that the process is to end, and ends it when the program has come to its end or its time is over. */
class ProcessEnding {
  readonly #process: ProcessPort | undefined
  readonly #drainMs: number
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #stopping = new AbortController()
  readonly #over = new AbortController()
  readonly #listeners = new Map<Cause, (reason: unknown) => void>()
  #cause: Cause | undefined

  constructor(process: ProcessPort | undefined, drainMs: number, clock: Clock, logger: Logger) {
    this.#process = process
    this.#drainMs = drainMs
    this.#clock = clock
    this.#logger = logger
  }

  get signal(): AbortSignal {
    return this.#stopping.signal
  }

  watch(): void {
    for (const cause of causes) {
      const listener = (reason: unknown): void => this.#hear(cause, reason)
      this.#listeners.set(cause, listener)
      this.#process?.on(cause, listener)
    }
  }

  /** The program is over. */
  close(): void {
    this.#over.abort()
    for (const [cause, listener] of this.#listeners) this.#process?.off(cause, listener)
    if (this.#cause !== undefined) this.#process?.exit(exitCodes[this.#cause])
  }

  #hear(cause: Cause, reason: unknown): void {
    if (cause === 'unhandledRejection') this.#logger.warn('A rejection was handled by nobody.', ensureError(reason))
    if (this.#cause !== undefined) {
      // What is left behind on the way out is no reason to cut it short.
      if (cause !== 'unhandledRejection') this.#process?.exit(exitCodes[cause])
      return
    }
    this.#cause = cause
    const message = cause === 'unhandledRejection' ? 'a rejection was handled by nobody' : `of ${cause}`
    this.#stopping.abort(
      new OrchestrationError(`The process is about to end, because ${message}.`, {
        code: 'RUN_CANCELLED',
        details: { cause },
      }),
    )
    sleep(this.#clock, this.#drainMs, this.#over.signal).then(
      () => this.#outOfTime(cause),
      // The program was faster.
      () => undefined,
    )
  }

  #outOfTime(cause: Cause): void {
    const message = `The program did not come to an end within ${this.#drainMs} ms after ${cause}.`
    this.#logger.warn(message, new OrchestrationError(message, { code: 'RUN_TIMED_OUT', details: { cause } }))
    this.#process?.exit(exitCodes[cause])
  }
}
