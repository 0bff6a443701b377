import { type Interceptor, type Orchestration, OrchestrationRun } from '../core/index.js'
import type { GivenAnswer, LedgerSubject, RequestAnswer } from '../core/internal.js'
import { ensureError } from '../errors/index.js'
import { IdleClock } from './idle-clock.js'
import type { JournalStore } from './journal-store.js'
import { MemoryJournalStore } from './memory/memory-journal-store.js'
import { OverheardLedger } from './overheard-ledger.js'
import { recordOf } from './record-of.js'
import { type RecordedOutcome, RecordedOutcomes } from './recorded-outcomes.js'
import { Rehearsal } from './rehearsal.js'
import { firstDifference, type RunDifference } from './run-difference.js'
import { traceOf } from './run-trace.js'
import { partsOf } from './run-tree.js'

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
  const trace = await traceOf(store, record)
  const begun = trace.steps.get('start')?.facts[0]
  // One whose input was refused has done nothing that could be checked.
  if (begun === undefined) return undefined
  const outcomes = new RecordedOutcomes(definition.graph, trace)
  let start: Start
  try {
    const { input, options, moments } = outcomes
    start = { input, options, moments }
  } catch (thrown) {
    const message = `What the run began with cannot be read any more: ${ensureError(thrown).message}`
    return { kind: 'input', token: 'start', path: 'input', a: begun['input'], b: undefined, message }
  }
  const memory = new MemoryJournalStore()
  await rerun(orchestration, memory, runId, outcomes, start, new IdleClock(record.createdAt))
  const again = await memory.get(runId)
  if (again === undefined) return undefined
  // What was edited has been edited again.
  return firstDifference({ ...trace, edits: [] }, { ...(await traceOf(memory, again)), edits: [] })
}

type Start = Pick<RecordedOutcomes, 'input' | 'options' | 'moments'>

async function rerun<TIn, TOut>(
  orchestration: Orchestration<TIn, TOut>,
  memory: MemoryJournalStore,
  runId: string,
  outcomes: RecordedOutcomes,
  { input, options, moments }: Start,
  clock: IdleClock,
): Promise<void> {
  const rehearsal = new Rehearsal(moments, clock)
  const subjects = new Map<string, LedgerSubject>()
  const interceptor: Interceptor = {
    around: ({ context, path }) => {
      const token = tokenIn(context.runId, context.token)
      return new Promise((resolve, reject) => {
        rehearsal.arrived(token, () => {
          const outcome = read(() => outcomes.at(path, token))
          if (outcome?.kind === 'failure') return reject(outcome.error)
          if (outcome?.kind !== 'output') return
          for (const [key, value] of outcome.writes) context.properties.set(key, value)
          resolve(outcome.value)
        })
      })
    },
  }
  const around = { sinks: [], attempts: [], inherited: [{ interceptor, runId, path: [] }], unheard: true }
  const ledger = new OverheardLedger(memory.begin({ ...orchestration.durable, clock }, runId, {}), subject => {
    subjects.set(subject.state.runId, subject)
  })
  const driver = orchestration.drive({ ...options, runId, clock }, around, ledger)
  const run = new OrchestrationRun<TOut>(driver)
  run.events$.subscribe(event => {
    if (event.type !== 'state.waiting' || event.kind === 'delay') return
    const { token: requestId, innerRunId = runId, path = [] } = event
    const token = tokenIn(innerRunId, requestId)
    rehearsal.arrived(token, () => {
      const subject = subjects.get(innerRunId) as LedgerSubject
      const answer = answerFrom(
        read(() => outcomes.at(path, token)),
        subject,
        requestId,
      )
      if (answer !== undefined) subject.accept(requestId, answer)
    })
  })
  let isOver = false
  const over = (): void => {
    isOver = true
  }
  run.result.then(over, over)
  driver.begin(input as TIn)
  await rehearsal.play({
    isOver: () => isOver,
    isBusy: () => [...subjects.values()].some(subject => isBusy(subject, rehearsal)),
    edit: edit => driver.post(edit),
    stop: () => run.cancel('nothing more is recorded'),
  })
}

/** The tokens that lead to a step. */
function tokenIn(runId: string, token: string): string {
  return [...runId.split('/').slice(1), token].join('/')
}

/** What the present code cannot read fails the step. */
function read(outcome: () => RecordedOutcome | undefined): RecordedOutcome | undefined {
  try {
    return outcome()
  } catch (thrown) {
    return { kind: 'failure', error: ensureError(thrown) }
  }
}

function answerFrom(
  outcome: RecordedOutcome | undefined,
  { state }: LedgerSubject,
  requestId: string,
): RequestAnswer | undefined {
  if (outcome === undefined || outcome.kind === 'output') return undefined
  if (outcome.kind === 'failure') return { kind: 'unreadable', error: outcome.error }
  if (outcome.kind === 'answer') return outcome.answer
  return { kind: 'signal', payload: state.branches.get(partsOf(requestId)[0])?.input } satisfies GivenAnswer
}

/** Whether user code of a run is at work that does not wait for an outcome. */
function isBusy({ state }: LedgerSubject, rehearsal: Rehearsal): boolean {
  return [...state.branches.values()].some(
    ({ id, step, phase }) =>
      phase === 'routing' || (phase === 'working' && !rehearsal.isHere(tokenIn(state.runId, `${id}:${step}`))),
  )
}
