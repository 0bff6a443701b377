
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
    for (let i = 0; i < 20 && (run.status === 'running' || run.status === 'pending'); i++) {
      await clock.advance(5)
      const n = store ? (await store.read('x')) : []
      console.log(i, run.status, ev.events.length, n.length, n.reduce((a, e) => a + e.data.length, 0), (await store?.snapshot('x'))?.data.length, process.memoryUsage().heapUsed >> 20)
    }
    console.log(ev.types.slice(-10), ev.events.length)
  }
})
