import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { MemoryJournalStore, SqliteJournalStore } from '../../src/durability/index.js'
import { EventReader } from './event-reader.js'
import { gated, research, serve } from './served.js'

const folder = mkdtempSync(join(tmpdir(), 'advancer-serving-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function storeIn(name: string): SqliteJournalStore {
  return new SqliteJournalStore(join(folder, `${name}.db`))
}

describe('two servers of one SQLite file', () => {
  it('show, stream and answer the executions of each other, and neither drives what the other one does', async () => {
    const [here, there] = [await serve({ store: storeIn('two') }), await serve({ store: storeIn('two') })]
    const id = await here.execute('Research', { topic: 'bees' })
    const waiting = await here.settled(id)
    const { body } = await there.get(`executions/${id}`)
    expect(body).toEqual(waiting)
    const reader = new EventReader(await there.fetch('GET', `executions/${id}/events`))
    const first = await reader.take(5)
    expect((await there.post(`executions/${id}/pause`)).body).toMatchObject({ status: 409, code: 'RUN_BUSY' })
    const [{ request_id: requestId }] = body.pending_approvals
    expect((await there.post(`executions/${id}/requests/${requestId}`, { approved: true })).status).toBe(200)
    const rest = await reader.rest()
    const seen = [...first, ...rest].map(event => event.id)
    expect(seen).toEqual(seen.map((_, index) => index))
    expect(rest.at(-1)).toMatchObject({ event: 'orchestration.completed' })
    expect(await there.settled(id)).toMatchObject({ status: 'completed', output: 'published: a text about bees' })
    for (const each of [here, there]) {
      await each.handler.close()
      await each.handler.server.host.store.close()
    }
  })

  it('an answer, or resume, takes up what the other has left when it died; no recover() is needed', async () => {
    const store = new MemoryJournalStore()
    const [held, again] = [gated(), gated()]
    const before = await serve({ store, orchestrations: [research(), held.orchestration] })
    const waiting = await before.execute('Research', { topic: 'bees' })
    await before.settled(waiting)
    const approved = await before.execute('Research', { topic: 'ants' })
    const { pending_approvals } = await before.settled(approved)
    const working = await before.execute('Gated', 'x')
    await held.reached
    const there = store.reopen()
    const after = await serve({ store: there, orchestrations: [research(), again.orchestration] })
    expect(await after.post(`executions/${working}/resume`)).toMatchObject({ status: 409 })
    await store.close()
    again.open()
    expect((await after.post(`executions/${working}/resume`)).status).toBe(200)
    expect((await after.post(`executions/${waiting}/resume`)).status).toBe(200)
    const [{ request_id: requestId }] = pending_approvals
    expect((await after.post(`executions/${approved}/requests/${requestId}`, { approved: true })).status).toBe(200)
    for (const id of [working, waiting, approved]) await after.handler.server.host.driven(id)?.result
    for (const id of [working, waiting, approved])
      expect(await after.settled(id)).toMatchObject({ status: 'completed' })
    await after.handler.close()
  })

  it('one goes on with what the other has left when it was closed (S2-25)', async () => {
    const { orchestration, open, reached } = gated()
    const before = await serve({ store: storeIn('next'), orchestrations: [orchestration] })
    const id = await before.execute('Gated', 'x')
    await reached
    before.whenPaused(id, open)
    await before.handler.close()
    await before.handler.server.host.store.close()
    const again = gated()
    again.open()
    const after = await serve({ store: storeIn('next'), orchestrations: [again.orchestration] })
    expect((await after.get(`executions/${id}`)).body.status).toBe('paused')
    expect(await after.handler.recover()).toEqual([id])
    await after.handler.server.host.driven(id)?.result
    expect(await after.settled(id)).toMatchObject({ status: 'completed', output: 'held', input: 'x' })
    await after.handler.close()
    await after.handler.server.host.store.close()
  })
})
