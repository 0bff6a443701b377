import type {
  Logger,
  Orchestration,
  OrchestrationEvent,
  OrchestrationFailedError,
  RunContext,
  RunOptions,
} from '../../src/core/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { Schedule } from '../core/reference/build.js'
import { type Death, DyingStore } from './probed-store.js'

/** A schedule that takes down which steps were worked on, and which outputs were routed. */
class WatchedSchedule extends Schedule {
  readonly done: string[] = []

  override after<T>(what: string, context: RunContext, work: () => T): T | Promise<T> {
    this.done.push(`${context.runId} ${context.token} ${what === 'work' ? 'work' : 'routing'}`)
    return super.after(what, context, work)
  }
}

/** What one process saw of a run and did for it. */
export interface Life {
  readonly events: readonly OrchestrationEvent[]
  /** The work and the routing that it did. */
  readonly done: readonly string[]
  /** The work and the routing whose outcome was in the journal when it began. */
  readonly committed: ReadonlySet<string>
}

/** A run that has ended, whatever happened to the processes it was in. */
export interface LivedRun {
  readonly status: string
  readonly results: readonly unknown[]
  readonly failures: readonly string[]
  readonly events: readonly OrchestrationEvent[]
  readonly lives: readonly Life[]
  /** How many commits the process had made that ended the run. */
  readonly commits: number
  readonly store: DyingStore
}

/** How a run is lived through. */
export interface Living {
  /** A new one for each process. */
  readonly make: (schedule: Schedule) => Orchestration<never, unknown>
  readonly input: unknown
  readonly seed: number
  readonly options?: RunOptions
}

/** A process that dies has nothing more to say. */
const silent: Logger = { warn: () => undefined }

export const runId = 'run'

/** Takes a run to its end through as many processes as it takes, the first of which die as given. */
export async function livedThrough(living: Living, deaths: readonly Death[]): Promise<LivedRun> {
  const { make, input, seed, options = {} } = living
  const lives: Life[] = []
  let store: DyingStore | undefined
  let now = 0
  for (let process = 0; ; process++) {
    const clock = new ManualClock(now)
    const schedule = new WatchedSchedule(seed === 0 ? 0 : seed + process)
    const orchestration = make(schedule).configure({ clock, logger: silent })
    const committed = store === undefined ? new Set<string>() : await committedIn(store.reopen())
    store = new DyingStore(store, deaths[process])
    const { durability, snapshotEvery } = options
    const kept = { store, ...(durability && { durability }), ...(snapshotEvery && { snapshotEvery }) }
    const isThere = (await store.get(runId)) !== undefined
    const run = isThere
      ? await orchestration.resume(runId, kept)
      : orchestration.start(input as never, { ...options, store, runId })
    const recorder = new EventRecorder(run)
    let error: OrchestrationFailedError | undefined
    run.result.catch(thrown => {
      error = thrown
    })
    const isOver = (): boolean => run.status === 'completed' || run.status === 'failed' || (store as DyingStore).dead
    for (let turns = 0; !isOver(); turns++) {
      if (turns > 1000) throw new Error(`The run hangs. It last said: ${JSON.stringify(recorder.events.slice(-5))}`)
      await clock.advance(50)
    }
    await clock.advance(0)
    lives.push({ events: recorder.events, done: schedule.done, committed })
    now = clock.now()
    if (store.dead) continue
    const { status, results } = run
    const failures = error === undefined ? [] : (error.errors ?? [error]).map(each => each.message).sort()
    const events = await observed(orchestration, store.reopen())
    return { status, results, failures, events, lives, commits: store.commits.length, store }
  }
}

/** All events of a run that has ended. */
export function observed(
  orchestration: Orchestration<never, unknown>,
  store: DyingStore | ReturnType<DyingStore['reopen']>,
  from = 0,
): Promise<readonly OrchestrationEvent[]> {
  return new Promise((resolve, reject) => {
    const events: OrchestrationEvent[] = []
    orchestration.observe(runId, { store, from }).subscribe({
      next: event => events.push(event),
      error: reject,
      complete: () => resolve(events),
    })
  })
}

interface WrittenTurn {
  readonly run?: readonly string[]
  readonly facts?: readonly { readonly type: string; readonly branch?: string; readonly step?: number }[]
}

async function committedIn(store: ReturnType<DyingStore['reopen']>): Promise<ReadonlySet<string>> {
  const committed = new Set<string>()
  for (const { data } of await store.read(runId)) {
    const { run = [], facts = [] } = JSON.parse(data) as WrittenTurn
    for (const { type, branch, step } of facts) {
      const token = `${[runId, ...run].join('/')} ${branch}:${step}`
      if (type === 'completed') committed.add(`${token} work`)
      else if (type === 'advanced' || type === 'stuck') committed.add(`${token} routing`)
    }
  }
  return committed
}
