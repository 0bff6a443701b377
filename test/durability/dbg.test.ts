import { it } from 'vitest'
import { readFileSync } from 'node:fs'
import { buildSketches } from '../core/reference/sketch.js'
import { Schedule } from '../core/reference/build.js'
import { ManualClock, EventRecorder } from '../../src/testing/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
it('x', async () => {
  const [sk, seed, options] = JSON.parse(readFileSync('/tmp/sk.json', 'utf8'))
  for (const store of [undefined, new MemoryJournalStore()]) {
    const clock = new ManualClock()
    const m = buildSketches(sk, new Schedule(seed), true).configure({ clock })
    const run = m.start(1, { ...options, ...(store && { store }), runId: 'x' })
    const ev = new EventRecorder(run)
    for (let i = 0; i < 200 && (run.status === 'running' || run.status === 'pending'); i++) {
      await clock.advance(5)
      const n = store ? (await store.read('x')) : []
      if (i % 10 == 0 || store && i > 90) console.log(i, run.status, ev.events.length, n.length, n.reduce((a, e) => a + e.data.length, 0), (await store?.snapshot('x'))?.data.length, process.memoryUsage().heapUsed >> 20)
      if (store && n.at(-1)!.data.length > 2000) { console.log(n.at(-1)!.data.slice(0, 3000)); break }
    }
    console.log(run.status, ev.types.slice(-10), ev.events.length)
  }
})
