import { filter } from 'rxjs'
import type { OpenRequest, OrchestrationRun } from '../../core/index.js'
import type { HostedOrchestration } from '../../durability/index.js'
import { ensureError } from '../../errors/index.js'
import type { CommandCall } from '../command.js'
import { type ExitCode, exitCodeOfSignal } from '../exit-code.js'
import type { SignalName } from '../io.js'
import { printableLine } from '../terminal/printable.js'
import { askAnswer } from './ask-answer.js'
import { JsonProgress } from './json-progress.js'
import { LineProgress } from './line-progress.js'
import { LiveProgress } from './live-progress.js'
import { type RunEnd, reportEnd } from './report-end.js'
import { statesShown } from './run-board.js'
import type { RunProgress } from './run-progress.js'
import { Standstill } from './standstill.js'
import type { Workbench } from './workbench.js'

/** A run that is to be driven to its end. */
export interface Drive {
  readonly bench: Workbench
  readonly orchestration: HostedOrchestration
  readonly runId: string
  /** Starts it, or takes it up. */
  readonly begin: () => Promise<OrchestrationRun<unknown>>
}

/**
 * Drives a run and shows how it gets on, until it ends, waits for somebody who is not here, or is interrupted: then it is paused if it is
 * kept, else cancelled. A second signal ends the process at once.
 */
export async function driveRun(call: CommandCall, drive: Drive): Promise<ExitCode> {
  const progress = progressFor(call, drive)
  const driver = new RunDriver(call, drive, progress)
  try {
    const end = await driver.drive()
    progress.end()
    return reportEnd(call, drive, end)
  } finally {
    driver.close()
  }
}

class RunDriver {
  readonly #call: CommandCall
  readonly #drive: Drive
  readonly #progress: RunProgress
  readonly #interrupted = new AbortController()
  readonly #unsubscribe: () => void
  readonly #offSignals: () => void
  #isBegun = false
  #signal: SignalName | undefined
  #standstill: Standstill | undefined
  #run: OrchestrationRun<unknown> | undefined
  /** Takes back the question that is being asked, if that request is not open any more. */
  #withdraw: (() => void) | undefined

  constructor(call: CommandCall, drive: Drive, progress: RunProgress) {
    this.#call = call
    this.#drive = drive
    this.#progress = progress
    // Those of the orchestration, from before the start: none is missed.
    const events = drive.orchestration.events$.pipe(filter(({ runId }) => runId === drive.runId))
    const subscription = events.subscribe(event => {
      this.#tellBegun()
      progress.event(event)
      this.#withdraw?.()
      this.#standstill?.look()
    })
    this.#unsubscribe = () => subscription.unsubscribe()
    this.#offSignals = call.io.onSignal(signal => this.#onSignal(signal))
  }

  async drive(): Promise<RunEnd> {
    const run = await this.#drive.begin()
    this.#run = run
    this.#tellBegun()
    const ended = endOf(run)
    const journal = await this.#drive.bench.journalOf(run.id)
    for (;;) {
      const still = this.#call.args.has('wait') ? undefined : this.#untilStill(run, journal)
      const stopped = aborted(this.#interrupted.signal)
      const next = await Promise.race([ended, stopped, ...(still === undefined ? [] : [still])])
      this.#standstill?.stop()
      if ('status' in next) return next
      if ('signal' in next) return this.#putAside(ended, { status: 'interrupted', signal: this.#signal ?? 'SIGINT' })
      const end = await this.#answer(run, next.requests, ended)
      if (end !== undefined) return end
    }
  }

  close(): void {
    this.#standstill?.stop()
    this.#unsubscribe()
    this.#offSignals()
  }

  /** Not before it is certain that there is a run. */
  #tellBegun(): void {
    const { args, terminal } = this.#call
    if (this.#isBegun || args.has('json')) return
    this.#isBegun = true
    const { orchestration, runId, bench } = this.#drive
    const { dim } = terminal.err.styles
    terminal.note(dim(`${printableLine(orchestration.name)}, run ${printableLine(runId)}, kept in ${bench.kept.name}`))
  }

  #untilStill(
    run: OrchestrationRun<unknown>,
    journal: Awaited<ReturnType<Workbench['journalOf']>>,
  ): Promise<{ readonly requests: readonly OpenRequest[] }> {
    return new Promise(resolve => {
      this.#standstill = new Standstill(run, journal, this.#drive.bench.store, requests => resolve({ requests }))
      this.#standstill.look()
    })
  }

  /** The end of the run if nobody answers here; else it goes on. */
  async #answer(
    run: OrchestrationRun<unknown>,
    requests: readonly OpenRequest[],
    ended: Promise<RunEnd>,
  ): Promise<RunEnd | undefined> {
    const [request] = requests
    const { io, terminal, args } = this.#call
    const waiting = { status: 'waiting', requests } as const
    if (request === undefined) return undefined
    if (!terminal.isInteractive || args.has('json')) return this.#putAside(ended, waiting)
    const gone = new AbortController()
    this.#withdraw = () => {
      if (!run.requests.some(({ id }) => id === request.id)) gone.abort()
    }
    const abort = AbortSignal.any([this.#interrupted.signal, gone.signal])
    try {
      const answered = await this.#progress.during(() => askAnswer(run, request, { io, terminal, abort }))
      return answered === 'answered' || abort.aborted ? undefined : await this.#putAside(ended, waiting)
    } catch (thrown) {
      // Somebody else was quicker; whatever it is now, the run goes on.
      terminal.note(ensureError(thrown).message)
      return undefined
    } finally {
      this.#withdraw = undefined
    }
  }

  /** Pauses the run, or cancels it if it is kept nowhere; it may come to its end before. */
  async #putAside(ended: Promise<RunEnd>, end: RunEnd): Promise<RunEnd> {
    const { bench, runId } = this.#drive
    if (!bench.kept.isDurable) {
      this.#run?.cancel(end.status === 'waiting' ? 'it waits for somebody who is not here' : 'interrupted')
      await ended
      return end
    }
    const paused = await bench.host.pause(runId)
    return paused ? end : ended
  }

  #onSignal(signal: SignalName): void {
    const { io, terminal } = this.#call
    if (this.#signal !== undefined) {
      io.exitNow(exitCodeOfSignal(signal))
      return
    }
    this.#signal = signal
    // First, because it takes back what is being asked.
    this.#interrupted.abort()
    const what = this.#drive.bench.kept.isDurable ? 'Pausing when what is at work is done.' : 'Cancelling.'
    terminal.note(`${what} Once more to end at once.`)
  }
}

function progressFor({ args, terminal }: CommandCall, { orchestration }: Drive): RunProgress {
  if (args.has('json')) return new JsonProgress(terminal)
  const isShown = statesShown(orchestration.name)
  return terminal.err.isLive ? new LiveProgress(terminal.err, isShown) : new LineProgress(terminal.err, isShown)
}

function endOf(run: OrchestrationRun<unknown>): Promise<RunEnd> {
  return run.result.then(
    output => ({ status: 'completed', output }),
    (error: unknown) => ({ status: run.status === 'cancelled' ? 'cancelled' : 'failed', error }),
  )
}

function aborted(signal: AbortSignal): Promise<{ readonly signal: true }> {
  return new Promise(resolve => {
    if (signal.aborted) resolve({ signal: true })
    else signal.addEventListener('abort', () => resolve({ signal: true }), { once: true })
  })
}
