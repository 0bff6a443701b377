import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { MemoryJournalStore, SqliteJournalStore } from '../../src/durability/index.js'
import { listen } from '../../src/serving/index.js'
import { ManualClock } from '../../src/testing/index.js'
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

  it('pause, resume and cancel the executions of each other (S2-26, S2-27, S2-28)', async () => {
    const [before, behind, last] = [gated(), gated(), gated('Last')]
    const here = await serve({ store: storeIn('steered'), orchestrations: [before.orchestration, last.orchestration] })
    const there = await serve({ store: storeIn('steered'), orchestrations: [behind.orchestration] })
    const id = await here.execute('Gated', 'x')
    await before.reached
    here.whenPaused(id, before.open)
    const paused = await there.post(`executions/${id}/pause`)
    expect([paused.status, paused.body]).toEqual([200, { execution_id: id, status: 'paused' }])
    const resumed = await there.post(`executions/${id}/resume`)
    expect([resumed.status, (await there.settled(id)).status]).toEqual([200, 'completed'])
    // One of which the other server does not know the orchestration.
    const other = await here.execute('Last', 'y')
    await last.reached
    const cancelled = await there.post(`executions/${other}/cancel`, { reason: 'not wanted' })
    expect([cancelled.status, cancelled.body]).toEqual([200, { execution_id: other, status: 'cancelled' }])
    expect((await here.get(`executions/${other}`)).body).toMatchObject({ status: 'cancelled', reason: 'not wanted' })
    for (const each of [here, there]) {
      await each.handler.close()
      await each.handler.server.host.store.close()
    }
  })

  it('say what is still to come while whoever drives an execution does not react', async () => {
    const clock = new ManualClock()
    const store = new MemoryJournalStore()
    const { orchestration, open, reached } = gated()
    // Somebody who knows nothing of hosts.
    const run = orchestration.start('x', { store, runId: 'r', tags: { tenant: 'acme' } })
    await reached
    const there = await serve({ store: store.reopen(), orchestrations: [orchestration], clock })
    const cancelling = there.post('executions/r/cancel')
    await expect.poll(async () => (await store.documents('run-wishes')).length).toBe(1)
    await clock.advance(5000)
    const answer = await cancelling
    expect([answer.status, answer.body]).toEqual([202, { execution_id: 'r', status: 'running', requested: 'cancel' }])
    open()
    await run.result
    await there.handler.close()
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

  it('one that listens goes on by itself with what the other has left when it died', async () => {
    const store = new MemoryJournalStore()
    const [early, late] = [gated('Early'), gated('Late')]
    const before = await serve({ store, orchestrations: [early.orchestration, late.orchestration] })
    const first = await before.execute('Early', 'x')
    await store.close()
    // Another one, which dies later.
    const middle = store.reopen()
    const dying = await serve({ store: middle, orchestrations: [late.orchestration] })
    const second = await dying.execute('Late', 'y')
    const clock = new ManualClock()
    const again = [gated('Early'), gated('Late')] as const
    const orchestrations = again.map(each => each.orchestration)
    const after = await serve({ store: store.reopen(), orchestrations, clock })
    const told: string[] = []
    const server = await listen(after.handler, { port: 0, onRecovered: runIds => told.push(...runIds) })
    expect(told).toEqual([first])
    await middle.close()
    for (const { open } of again) open()
    await clock.advance(14_999)
    expect(after.handler.server.host.driven(second)).toBeUndefined()
    await clock.advance(1)
    expect(await after.settled(second)).toMatchObject({ status: 'completed', output: 'held' })
    expect(told).toEqual([first, second])
    await server.close()
    await expect(listen(after.handler, { port: 0, recoverEveryMs: -1 })).rejects.toThrow(/recoverEveryMs/)
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
