// What a server bears: many executions at once, half of them JSON workflows, with readers of their events, over HTTP on loopback. It
// is called by a process of its own, so that with two cores each of the two has one.
import { execFile } from 'node:child_process'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createHandler, listen } from 'advancer/serving'
import { loop } from './machines.mjs'
import { storeNamed } from './stores.mjs'

const executions = 500
const readers = 50
const client = fileURLToPath(new URL('serving-client.mjs', import.meta.url))

const flow = {
  id: 'flow',
  name: 'Flow',
  nodes: ['one', 'two', 'three'].map(id => ({ id, type: 'agent_call', config: { agent_id: 'echo' } })),
  edges: [
    { from: 'one', to: 'three' },
    { from: 'two', to: 'three' },
  ],
}

/** Megabytes in use once everything that can go has gone. */
async function settledHeap() {
  for (let round = 0; round < 5; round++) {
    await turn()
    globalThis.gc()
  }
  return process.memoryUsage().heapUsed / 2 ** 20
}

async function called({ url }) {
  const { stdout } = await promisify(execFile)(process.execPath, [client, url, `${executions}`, `${readers}`], {
    maxBuffer: 2 ** 26,
  })
  return JSON.parse(stdout)
}

async function forgetAll(store) {
  for (let page = await store.list({ limit: 200 }); page.runs.length > 0; page = await store.list({ limit: 200 })) {
    for (const { runId } of page.runs) await store.delete(runId)
  }
}

function loadRow(name) {
  return {
    id: `serving-${name}`,
    title: `GET execution, p99, ${executions} executions and ${readers} readers, ${name}`,
    unit: 'ms',
    async measure() {
      const place = await storeNamed(name)
      const store = place.open(name === 'memory' ? {} : { synchronous: 'normal' })
      const orchestration = loop(20).orchestration.configure({ name: 'Loop' })
      // As long as a fast model; so the executions are under way at once.
      const echo = async ({ input }) => {
        await sleep(500)
        return { said: input }
      }
      const workflows = { agents: { echo } }
      const handler = await createHandler({ store, orchestrations: [orchestration], workflows, monitor: false })
      await handler.server.workflows.create(flow)
      const server = await listen(handler, { port: 0 })
      try {
        await called(server)
        await forgetAll(store)
        const before = await settledHeap()
        const loads = []
        for (let load = 0; load < 3; load++) {
          loads.push(await called(server))
          while (handler.server.streams.open > 0 || handler.server.host.active > 0) await turn()
          await forgetAll(store)
        }
        const after = await settledHeap()
        const seconds = loads.reduce((sum, load) => sum + load.seconds, 0)
        const events = loads.reduce((sum, load) => sum + load.events, 0)
        const sorted = loads.flatMap(load => load.times).toSorted((a, b) => a - b)
        const at = part => sorted[Math.floor((sorted.length - 1) * part)]
        const note = [
          `${Math.round((loads.length * executions) / seconds)} executions/s`,
          `${events.toLocaleString('en')} events delivered, ${Math.round(events / seconds).toLocaleString('en')}/s`,
          `p50 ${at(0.5).toFixed(1)} ms of ${sorted.length.toLocaleString('en')} GETs`,
          `heap ${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after`,
        ]
        return { value: at(0.99), note: note.join('; ') }
      } finally {
        await server.close(0)
        await store.close()
        await place.end()
      }
    },
  }
}

export const servingRows = [loadRow('memory'), loadRow('libsql')]
