import type { StoredRunStatus } from '../../durability/index.js'
import { expectRefusal, expectSame } from './expectation.js'
import { change, created, entry } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

/** What is claimed of claims. */
export const claimChecks: readonly StoreCheck[] = [
  storeCheck('a run belongs to who created it, until it is released', async trial => {
    const [owner, other] = [await trial.open(), await trial.open()]
    const runId = await created(owner, trial, 'run')
    expectSame(await other.claim(runId), false, 'a claim by another store object')
    expectSame(await owner.claim(runId), false, 'another claim through the same store object')
    await owner.release(runId)
    expectSame(await other.claim(runId), true, 'a claim after the release')
    expectSame(await owner.claim(runId), false, 'a claim by who had it before')
  }),

  storeCheck('a claim is for one run', async trial => {
    const [owner, other] = [await trial.open(), await trial.open()]
    const [one, two] = [await created(owner, trial, 'one'), await created(owner, trial, 'two')]
    await owner.release(two)
    expectSame([await other.claim(one), await other.claim(two)], [false, true], 'claims of a held and of a free run')
  }),

  storeCheck('who does not have a run cannot release it', async trial => {
    const [owner, other] = [await trial.open(), await trial.open()]
    const runId = await created(owner, trial, 'run')
    await other.release(runId)
    await other.release(trial.own('nobody'))
    expectSame(await other.claim(runId), false, 'a claim after a release by somebody else')
    await owner.release(runId)
    await owner.release(runId)
    expectSame(await other.claim(runId), true, 'a claim after the release of the owner')
  }),

  storeCheck('a run is taken and given back in turn, any number of times', async trial => {
    const [one, two] = [await trial.open(), await trial.open()]
    const runId = await created(one, trial, 'run')
    await one.release(runId)
    for (let turn = 0; turn < 10; turn++) {
      const [taker, other] = turn % 2 === 0 ? [one, two] : [two, one]
      expectSame([await taker.claim(runId), await other.claim(runId)], [true, false], `the claims of turn ${turn}`)
      await taker.release(runId)
    }
  }),

  storeCheck('an append after which a run is not running gives it back', async trial => {
    const [owner, other] = [await trial.open(), await trial.open()]
    const statuses: readonly StoredRunStatus[] = ['paused', 'completed', 'failed', 'cancelled']
    for (const status of statuses) {
      const runId = await created(owner, trial, status)
      await owner.append(runId, 1, [entry(2)], change({ status }))
      expectSame(await other.claim(runId), true, `a claim of a run that is ${status}`)
    }
  }),

  storeCheck('an append after which a run is running takes it if it is free', async trial => {
    const [one, two] = [await trial.open(), await trial.open()]
    const runId = await created(one, trial, 'run')
    await one.append(runId, 1, [entry(2)], change({ status: 'paused' }))
    await two.append(runId, 2, [entry(3)], change())
    expectSame([await one.claim(runId), await two.claim(runId)], [false, false], 'claims afterwards')
    await two.release(runId)
    expectSame(await one.claim(runId), true, 'a claim after the release')
  }),

  storeCheck('an append after which a run is running leaves it with who appended, and had it', async trial => {
    const [owner, other] = [await trial.open(), await trial.open()]
    const runId = await created(owner, trial, 'run')
    await owner.append(runId, 1, [entry(2)], change())
    expectSame([await other.claim(runId), await owner.claim(runId)], [false, false], 'claims afterwards')
    await owner.release(runId)
    expectSame(await other.claim(runId), true, 'a claim after one release')
  }),

  storeCheck('an append takes a running run from who had it', async trial => {
    const [before, after, third] = [await trial.open(), await trial.open(), await trial.open()]
    const runId = await created(before, trial, 'run')
    await after.append(runId, 1, [entry(2)], change())
    await before.release(runId)
    expectSame(await third.claim(runId), false, 'a claim after a release by who had it before')
    await after.release(runId)
    expectSame(await third.claim(runId), true, 'a claim after a release by who appended')
  }),

  storeCheck('an append after which a run is not running frees it, whoever had it', async trial => {
    const [owner, other, third] = [await trial.open(), await trial.open(), await trial.open()]
    const runId = await created(owner, trial, 'run')
    await other.append(runId, 1, [entry(2)], change({ status: 'cancelled' }))
    expectSame(await third.claim(runId), true, 'a claim afterwards')
  }),

  storeCheck('an append that is refused changes nothing about who has the run', async trial => {
    const [owner, other] = [await trial.open(), await trial.open()]
    const runId = await created(owner, trial, 'run')
    for (const status of ['running', 'paused'] as const) {
      const late = () => other.append(runId, 7, [entry(8)], change({ status }))
      await expectRefusal(late, 'RUN_CONFLICT', 'an append at the wrong place')
      expectSame(await other.claim(runId), false, `a claim after a refused append that would have left it ${status}`)
    }
    const own = () => owner.append(runId, 7, [entry(8)], change({ status: 'paused' }))
    await expectRefusal(own, 'RUN_CONFLICT', 'an append of the owner at the wrong place')
    expectSame(await other.claim(runId), false, 'a claim after a refused append of the owner')
  }),

  storeCheck('who does not have a run can read and answer it, and keep its snapshot', async trial => {
    const [owner, other] = [await trial.open(), await trial.open()]
    const runId = await created(owner, trial, 'run')
    await other.saveSnapshot(runId, { seq: 1, data: '{}' })
    expectSame(await owner.snapshot(runId), { seq: 1, data: '{}' }, 'the snapshot')
    expectSame(await other.read(runId), [entry(1)], 'the journal')
    expectSame(await other.claim(runId), false, 'a claim afterwards')
  }),

  storeCheck('a store that is closed gives back what it had', async trial => {
    const [owner, other] = [await trial.open(), await trial.open()]
    const [one, two] = [await created(owner, trial, 'one'), await created(owner, trial, 'two')]
    await owner.release(two)
    await owner.claim(two)
    await owner.close()
    expectSame([await other.claim(one), await other.claim(two)], [true, true], 'claims after the close')
  }),
]
