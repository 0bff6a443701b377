import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ProbedStore } from './probed-store.js'
import { machines } from './processes/machines.js'

const commits = [3, 4, 5, 6]

it.each(commits.flatMap(commit => [1, 2, 3, 4].map(every => [commit, every] as const)))(
  'S1-36 sub-orchestrations that a process was about to begin at its commit %i begin in the next one, with snapshots every %i entries',
  async (commit, snapshotEvery) => {
    const shared = new ProbedStore()
    const store = new ProbedStore(shared)
    const stopped = new Promise<void>(resolve => {
      store.around = (write, number) => {
        if (number < commit) return write()
        resolve()
        return new Promise(() => {})
      }
    })
    machines.nested(() => {}).start(1, { runId: 'nested', snapshotEvery, store })
    await stopped
    // A snapshot of what was committed before may still be under way.
    await setImmediate()
    await store.close()
    const run = await machines.nested(() => {}).resume('nested', { store: shared })
    for (let approved = 0; approved < 2; approved++) {
      await expect.poll(() => run.requests.length).toBeGreaterThan(0)
      await run.approve(run.requests[0]?.id ?? '')
    }
    expect(await run.result).toBe(91)
  },
)
