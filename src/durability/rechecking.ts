import { type Interceptor, type Orchestration, OrchestrationRun } from '../core/index.js'
import type { DurableDefinition } from '../core/internal.js'
import { IdleClock } from './idle-clock.js'
import type { StoredTurn } from './journal-format.js'
import type { JournalStore } from './journal-store.js'
import { MemoryJournalStore } from './memory/memory-journal-store.js'
import { RecordedOutcomes } from './recorded-outcomes.js'
import { firstDifference, type RunDifference } from './run-difference.js'
import { traceOf } from './run-trace.js'
import { recordOf } from './taking-up.js'

/** How many turns of the event loop may go by without an event before a run counts as standing still. */
const patience = 20

/**
 * Runs a recorded run once more, with what its steps came to taken from the record: no state is invoked, nobody is asked, no time
 * passes. What advancers decide and convert is decided anew.
 */
export async function recheckRun<TIn, TOut>(
  orchestration: Orchestration<TIn, TOut>,
  store: JournalStore,
  runId: string,
): Promise<RunDifference | undefined> {
  const definition = orchestration.durable
  const record = await recordOf(store, definition, runId)
  const turns = (await store.read(runId)).map(({ data }) => JSON.parse(data) as StoredTurn)
  const outcomes = new RecordedOutcomes(definition.graph, turns)
  const memory = new MemoryJournalStore()
  const clock = new IdleClock(record.createdAt)
  await rerun(orchestration, { ...definition, clock }, runId, outcomes, memory, clock)
  return firstDifference(await traceOf(store, runId), await traceOf(memory, runId))
}

async function rerun<TIn, TOut>(
  orchestration: Orchestration<TIn, TOut>,
  definition: DurableDefinition,
  runId: string,
  outcomes: RecordedOutcomes,
  memory: MemoryJournalStore,
  clock: IdleClock,
): Promise<void> {
  const stop = (): void => run.cancel('nothing more is recorded')
  const interceptor: Interceptor = {
    around: ({ context, path }) => {
      const tokens = [...context.runId.split('/').slice(1), context.token]
      const outcome = outcomes.at(path, tokens)
      if (outcome?.kind === 'failure') return Promise.reject(outcome.error as Error)
      if (outcome?.kind === 'output') {
        for (const [key, value] of outcome.writes) context.properties.set(key, value)
        return Promise.resolve(outcome.value)
      }
      stop()
      return new Promise(() => undefined)
    },
  }
  const around = { sinks: [], attempts: [], inherited: [{ interceptor, runId, path: [] }] }
  const ledger = memory.begin(definition, runId, {})
  const driver = orchestration.drive({ ...outcomes.options, runId, clock }, around, ledger)
  const run = new OrchestrationRun<TOut>(driver)
  let events = 0
  run.events$.subscribe(event => {
    events++
    if (event.type !== 'state.waiting' || event.kind === 'delay') return
    const inner = event.innerRunId?.split('/').slice(1) ?? []
    const requestId = [...inner, event.token].join('/')
    const outcome = outcomes.at(event.path ?? [], [...inner, event.token])
    if (outcome?.kind !== 'answer') {
      // One that expired has a timer, which goes off when nothing else happens.
      if (outcome === undefined) stop()
      return
    }
    const { answer } = outcome
    if (answer.kind === 'signal') void run.signal(requestId, answer.payload).catch(stop)
    else if (answer.kind === 'decision') {
      const decided = answer.approved ? run.approve(requestId, answer.decision) : run.reject(requestId, answer.decision)
      void decided.catch(stop)
    }
  })
  driver.begin(outcomes.input as TIn)
  let over = false
  const end = run.result.then(
    () => undefined,
    () => undefined,
  )
  void end.then(() => (over = true))
  while (!over) {
    const before = events
    for (let turn = 0; turn < patience && !over; turn++) await new Promise(resolve => setImmediate(resolve))
    if (!over && events === before && !clock.jump()) stop()
  }
  await end
}
