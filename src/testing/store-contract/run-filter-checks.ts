import type { RunQuery } from '../../durability/index.js'
import { expectSame } from './expectation.js'
import { listed, sixRuns } from './listed-runs.js'
import { change, created, entry, request, start } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

/** What is claimed of what is in a list of runs. */
export const runFilterChecks: readonly StoreCheck[] = [
  storeCheck('a list has the runs that match each criterion, the youngest first', async trial => {
    const store = await trial.open()
    await sixRuns(store, trial)
    const orchestration = trial.own('Publishing')
    const claims: readonly [RunQuery, string][] = [
      [{}, 'fdcba'],
      [{ orchestration: trial.own('Broadcasting') }, 'e'],
      [{ orchestration: trial.own('Nothing') }, ''],
      [{ status: ['running'] }, 'f'],
      [{ status: ['completed', 'failed'] }, 'ba'],
      [{ status: ['cancelled'] }, ''],
      [{ state: 'Asking' }, 'db'],
      [{ state: 'Writing' }, 'fdc'],
      [{ state: 'Ask' }, ''],
      [{ openRequest: 'approval' }, 'c'],
      [{ openRequest: 'signal' }, 'fd'],
      [{ openRequest: true }, 'fdc'],
      [{ openRequest: false }, 'ba'],
      [{ created: { from: start + 20 } }, 'fdcb'],
      [{ created: { to: start + 30 } }, 'ba'],
      [{ created: { from: start + 20, to: start + 40 } }, 'cb'],
      [{ updated: { from: start + 100 } }, 'ba'],
      [{ updated: { to: start + 100 } }, 'fdc'],
      [{ updated: { from: start + 60, to: start + 200 } }, 'fa'],
      [{ tags: { team: 'press' } }, 'ba'],
      [{ tags: { team: 'press', urgent: 'yes' } }, 'b'],
      [{ tags: { team: 'pres' } }, ''],
      [{ tags: { urgent: 'press' } }, ''],
      [{ tags: {} }, 'fdcba'],
    ]
    for (const [query, expected] of claims) {
      const what = `the list for ${JSON.stringify(query)}`
      expectSame((await listed(store, trial, { orchestration, ...query })).join(''), expected, what)
    }
  }),

  storeCheck('a run has to match every criterion that is given', async trial => {
    const store = await trial.open()
    await sixRuns(store, trial)
    const orchestration = trial.own('Publishing')
    const claims: readonly [RunQuery, string][] = [
      [{ status: ['paused', 'running'], openRequest: 'signal' }, 'fd'],
      [{ status: ['paused'], state: 'Writing', openRequest: 'signal' }, 'd'],
      [{ state: 'Asking', tags: { team: 'press' } }, 'b'],
      [{ state: 'Asking', tags: { team: 'press' }, status: ['paused'] }, ''],
      [{ created: { from: start + 15 }, updated: { from: start + 40 }, openRequest: false }, 'b'],
      [
        { created: { to: start + 45 }, updated: { to: start + 45 }, openRequest: true, state: 'Writing', limit: 1 },
        'dc',
      ],
    ]
    for (const [query, expected] of claims) {
      const what = `the list for ${JSON.stringify(query)}`
      expectSame((await listed(store, trial, { orchestration, ...query })).join(''), expected, what)
    }
  }),

  storeCheck('a list goes by what is so now', async trial => {
    const store = await trial.open()
    const orchestration = trial.own('Publishing')
    const runId = await created(store, trial, 'a', { change: change({ opened: [request('asked')] }) })
    expectSame(await listed(store, trial, { orchestration, openRequest: true }), ['a'], 'the runs with an open request')
    await store.append(runId, 1, [entry(2)], change({ status: 'paused', states: ['Asking'], closed: ['asked'] }))
    expectSame(await listed(store, trial, { orchestration, openRequest: true }), [], 'those when it is closed')
    expectSame(await listed(store, trial, { orchestration, status: ['running'] }), [], 'the running runs afterwards')
    expectSame(
      await listed(store, trial, { orchestration, state: 'Writing' }),
      [],
      'the runs at the state that it left',
    )
    expectSame(
      await listed(store, trial, { orchestration, state: 'Asking' }),
      ['a'],
      'the runs at the state it went to',
    )
  }),

  storeCheck('the runs of a list are the records that get gives', async trial => {
    const store = await trial.open()
    await sixRuns(store, trial)
    for (const record of (await store.list({ orchestration: trial.own('Publishing') })).runs) {
      expectSame(record, await store.get(record.runId), 'a record in a list')
    }
  }),
]
