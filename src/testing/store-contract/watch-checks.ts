import type { JournalStore } from '../../durability/index.js'
import { expectSame, expectThat } from './expectation.js'
import { change, created, entry, request, start } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

const soonMs = 4000

/** A watch that counts how often it was called. */
class CountingWatch {
  calls = 0
  readonly end: () => void
  #called = () => {}

  constructor(store: JournalStore, runId: string) {
    this.end = store.watch(runId, () => {
      this.calls++
      this.#called()
    })
  }

  /** Waits until it has been called more than `before` times. */
  async moreThan(before: number, what: string): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const called = await new Promise<boolean>(resolve => {
      this.#called = () => this.calls > before && resolve(true)
      timer = setTimeout(() => resolve(false), soonMs)
      this.#called()
    })
    clearTimeout(timer)
    expectThat(called, `a watch has not heard of ${what} within ${soonMs} ms`)
  }
}

/** Does something, and waits until a watch that was set before hears of it. */
async function heard(watcher: JournalStore, runId: string, act: () => Promise<unknown>, what: string): Promise<void> {
  const watch = new CountingWatch(watcher, runId)
  try {
    await act()
    await watch.moreThan(0, what)
  } finally {
    watch.end()
  }
}

/** What is claimed of watches. */
export const watchChecks: readonly StoreCheck[] = [
  storeCheck('a watch hears of an append, whichever store object makes it', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run')
    let seq = 1
    for (const watcher of [store, other]) {
      for (const writer of [store, other]) {
        await heard(watcher, runId, () => writer.append(runId, seq, [entry(++seq)], change()), 'an append')
      }
    }
  }),

  storeCheck('a watch hears of an answer, whichever store object takes it', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const opened = ['a', 'b', 'c', 'd'].map(requestId => request(requestId))
    const runId = await created(store, trial, 'run', { change: change({ opened }) })
    const ids = ['a', 'b', 'c', 'd']
    for (const watcher of [store, other]) {
      for (const writer of [store, other]) {
        const answer = { requestId: ids.pop() as string, data: '1', at: start }
        await heard(watcher, runId, () => writer.answer(runId, answer), 'an answer')
      }
    }
  }),

  storeCheck('a watch hears of one change after another, and sees it', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run')
    for (let seq = 1; seq <= 5; seq++) {
      await heard(other, runId, () => store.append(runId, seq, [entry(seq + 1)], change()), `append ${seq}`)
      expectThat((await other.read(runId)).length === seq + 1, 'who is called by a watch does not see what has changed')
    }
  }),

  storeCheck('each of several watches is called, until it is ended', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run')
    const watches = [1, 2, 3].map(() => new CountingWatch(other, runId))
    const [first, second, third] = watches as [CountingWatch, CountingWatch, CountingWatch]
    await store.append(runId, 1, [entry(2)], change())
    for (const watch of watches) await watch.moreThan(0, 'an append, beside other watches')
    first.end()
    first.end()
    second.end()
    const before = watches.map(({ calls }) => calls)
    await heard(other, runId, () => store.append(runId, 2, [entry(3)], change()), 'an append')
    await heard(other, runId, () => store.append(runId, 3, [entry(4)], change()), 'an append')
    await third.moreThan(before[2] as number, 'an append, after other watches were ended')
    expectSame([first.calls, second.calls], before.slice(0, 2), 'how often watches that were ended have been called')
  }),

  storeCheck('a run may be watched before it is there', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    await heard(other, trial.own('run'), () => created(store, trial, 'run'), 'a new run')
  }),
]
