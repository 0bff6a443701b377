// What it costs that a run survives: steps per second and fsyncs per step by store and mode, bytes per step early and late in a
// run, and how long it takes to take up a long one.
import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { durableLoop } from './durable-machines.mjs'
import { median, spread } from './sampling.mjs'
import { storeNamed } from './stores.mjs'
import { syncsPerStep } from './sync-count.mjs'

const modes = ['sync', 'async', 'exit']
const withPostgres = process.argv.includes('--postgres') || process.env['BENCH_POSTGRES'] === '1'
const drivers = process.getBuiltinModule?.('node:sqlite') === undefined ? ['libsql'] : ['libsql', 'node:sqlite']
const stores = ['memory', ...drivers, ...(withPostgres ? ['postgres'] : [])]

function speedRow(store, durability) {
  return {
    id: `durable-${store.replace(':', '-')}-${durability}`,
    title: `durable, ${store}, ${durability}`,
    unit: 'steps/s',
    async measure() {
      const place = await storeNamed(store)
      try {
        const opened = place.open()
        const machine = durableLoop()
        const run = steps => machine.run(steps, { store: opened, durability })
        await run(200)
        const steps = store === 'memory' || durability !== 'sync' ? 5000 : 1000
        const speeds = []
        const before = await place.fsyncs?.()
        for (let repetition = 0; repetition < 5; repetition++) {
          const started = performance.now()
          await run(steps)
          speeds.push((steps * 1000) / (performance.now() - started))
        }
        const after = await place.fsyncs?.()
        await opened.close()
        const syncs = after === undefined ? syncsPerStep(store, durability) : (after - before) / (5 * steps)
        const note =
          syncs === undefined ? 'fsyncs not counted: there is no strace' : `${syncs.toFixed(3)} fsyncs per step`
        return { value: median(speeds), spread: spread(speeds), note }
      } finally {
        await place.end()
      }
    },
  }
}

/** The length of the entries of a journal. */
async function journalBytes(store, runId) {
  return (await store.read(runId)).map(({ data }) => Buffer.byteLength(data))
}

const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length

const journalBytesRow = {
  id: 'durable-bytes',
  title: 'journal, step 10,000 (plain: step 10)',
  unit: 'bytes/step',
  targetRatio: 1.1,
  async measure() {
    const store = (await storeNamed('memory')).open()
    // The payload has five digits throughout.
    await durableLoop().run(10_050, { store, runId: 'long' })
    const bytes = await journalBytes(store, 'long')
    const value = mean(bytes.slice(9990, 10_010))
    const plain = mean(bytes.slice(5, 15))
    return { value, plain, ratio: value / plain }
  },
}

const propertyRow = {
  id: 'durable-property',
  title: 'journal, beside a property of 100 KB (plain: without)',
  unit: 'bytes/step',
  targetRatio: 1.1,
  async measure() {
    const store = (await storeNamed('memory')).open()
    const big = 'x'.repeat(100_000)
    await durableLoop().run(1000, { store, runId: 'plain' })
    await durableLoop({ onFirst: ({ properties }) => properties.set('big', big) }).run(1000, { store, runId: 'big' })
    const withBig = await journalBytes(store, 'big')
    const largest = Math.max(...withBig)
    if (largest < 100_000 || withBig.filter(bytes => bytes > 50_000).length !== 1)
      throw new Error('The property is not written once.')
    const value = (withBig.reduce((sum, bytes) => sum + bytes, 0) - 100_000) / withBig.length
    const plain = mean(await journalBytes(store, 'plain'))
    return { value, plain, ratio: value / plain }
  },
}

const written = () => Number(/^wchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])

const fileBytesRow = {
  id: 'durable-file-bytes',
  title: 'written to SQLite, last of 10,000 steps (plain: first 1,000)',
  unit: 'bytes/step',
  targetRatio: 1.1,
  async measure() {
    if (process.platform !== 'linux') return { value: Number.NaN, note: 'bytes written are told by Linux only' }
    const place = await storeNamed(drivers[0])
    const store = place.open({ synchronous: 'normal' })
    const marks = new Map()
    const machine = durableLoop()
    const run = machine.start(10_000, { store })
    run.on('state.completed', ({ output }) => {
      const step = 10_000 - output
      if ([10, 1010, 9000, 10_000].includes(step)) marks.set(step, written())
    })
    await run.result
    await store.close()
    await place.end()
    const value = (marks.get(10_000) - marks.get(9000)) / 1000
    const plain = (marks.get(1010) - marks.get(10)) / 1000
    return { value, plain, ratio: value / plain }
  },
}

function resumeRow(name, snapshotEvery, target) {
  return {
    id: `durable-resume-${name.replaceAll(' ', '-')}`,
    title: `resume a run of 10,000 steps on SQLite, ${name}`,
    unit: 'ms',
    ...(target === undefined ? {} : { target }),
    async measure() {
      const place = await storeNamed(drivers[0])
      const first = place.open({ synchronous: 'normal' })
      const run = durableLoop({ parks: true }).start(10_000, {
        ...{ store: first, runId: 'long', durability: 'async' },
        ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
      })
      await new Promise(resolve => run.on('state.waiting', resolve))
      // The journal comes after.
      while ((await first.requests()).requests.length === 0) await setImmediate()
      await first.close()
      const times = []
      for (let repetition = 0; repetition < 7; repetition++) {
        const store = place.open()
        const started = performance.now()
        const again = await durableLoop({ parks: true }).resume('long', { store })
        // It goes on once the caller has the handle.
        for (let turn = 0; turn < 10 && again.requests.length === 0; turn++) await setImmediate()
        times.push(performance.now() - started)
        if (again.requests.length !== 1) throw new Error(`It has ${again.requests.length} open requests instead of 1.`)
        await store.close()
      }
      await place.end()
      return {
        value: median(times),
        spread: spread(times),
        note: `${times[0].toFixed(0)} ms the first time in a process`,
      }
    },
  }
}

export const durabilityRows = [
  ...stores.flatMap(store => modes.map(mode => speedRow(store, mode))),
  journalBytesRow,
  fileBytesRow,
  propertyRow,
  resumeRow('with snapshots', undefined, 200),
  resumeRow('without snapshots', Infinity),
]
