import type { JournalStore, NewRun, RunQuery } from '../../durability/index.js'
import { expectThat } from './expectation.js'
import { change, created, entry, request, start } from './sample-run.js'
import type { StoreTrial } from './store-trial.js'

/** The names of the runs that match, in the order of the list, page by page. */
export async function listed(store: JournalStore, trial: StoreTrial, query: RunQuery): Promise<string[]> {
  const names: string[] = []
  let cursor: string | undefined
  do {
    const { runs, next } = await store.list({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    const { limit = 100 } = query
    expectThat(runs.length <= limit, `a page of ${limit} runs has ${runs.length}`)
    names.push(...runs.map(({ runId }) => runId.slice(trial.own('').length)))
    cursor = next
  } while (cursor !== undefined && names.length <= 1000)
  return names
}

/** A run that was created so many milliseconds after the start. */
export function at(ms: number, wanted: Partial<NewRun> = {}): Partial<NewRun> {
  return { entries: [{ ...entry(1), at: start + ms }], ...wanted }
}

/** Six runs, of which each filter finds some. */
export async function sixRuns(store: JournalStore, trial: StoreTrial): Promise<void> {
  const approval = request('approval')
  const signal = request('signal', { kind: 'signal' })
  await created(store, trial, 'a', at(10, { tags: { team: 'press' } }))
  await created(store, trial, 'b', at(20, { tags: { team: 'press', urgent: 'yes' } }))
  await created(store, trial, 'c', at(30, { change: change({ status: 'paused', opened: [approval] }) }))
  const asking = { status: 'paused', states: ['Asking', 'Writing'], opened: [signal] } as const
  await created(store, trial, 'd', at(40, { change: change(asking) }))
  await created(store, trial, 'e', at(50, { tags: { team: 'radio' }, orchestration: trial.own('Broadcasting') }))
  const answered = await created(store, trial, 'f', at(60, { change: change({ opened: [approval, signal] }) }))
  await store.answer(answered, { requestId: 'approval', data: 'true', at: start })
  await store.append(trial.own('a'), 1, [{ ...entry(2), at: start + 100 }], change({ status: 'completed', states: [] }))
  await store.append(
    trial.own('b'),
    1,
    [{ ...entry(2), at: start + 200 }],
    change({ status: 'failed', states: ['Asking'] }),
  )
}
