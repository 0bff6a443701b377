import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/testing/index.js'
import { EventReader, type StreamedEvent } from './event-reader.js'
import { gated, type Served, serve, tokens } from './served.js'
import { WatchedStore } from './watched-store.js'

async function streamOf(served: Served, id: string, { last, query = '' }: { last?: number; query?: string } = {}) {
  const headers = { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': String(last) }) }
  const response = await served.fetch('GET', `executions/${id}/events${query}`, { headers })
  return { response, reader: response.status === 200 ? new EventReader(response) : undefined }
}

async function readerOf(
  served: Served,
  id: string,
  options: { last?: number; query?: string } = {},
): Promise<EventReader> {
  const { reader, response } = await streamOf(served, id, options)
  if (reader === undefined) throw new Error(`status ${response.status}`)
  return reader
}

describe('the stream of an execution', () => {
  it('has its events as they happen, numbered without gaps, and ends after the last one (S1-61)', async () => {
    const { orchestration, open, reached } = gated()
    const served = await serve({ orchestrations: [orchestration] })
    const id = await served.execute('Gated', { a: 1 })
    await reached
    const { response, reader } = await streamOf(served, id)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const before = await reader?.take(2)
    expect(before?.map(({ event }) => event)).toEqual(['orchestration.started', 'state.started'])
    expect(before?.[0]).toMatchObject({ id: 0, data: { execution_id: id, seq: 0, input: { a: 1 } } })
    expect(new Date(before?.[0]?.data.at).toISOString()).toBe(before?.[0]?.data.at)
    open()
    const after = (await reader?.rest()) as StreamedEvent[]
    expect(after.at(-1)?.event).toBe('orchestration.completed')
    expect(after.map(each => each.id)).toEqual(after.map((_, index) => index + 2))
    expect(reader?.retry).toBe(1000)
  })

  it('takes up again where the caller was, and answers one who has everything with 204', async () => {
    const served = await serve()
    const id = await served.execute('Counting', { count: 5 })
    await served.settled(id)
    const all = await (await readerOf(served, id)).rest()
    const rest = await (await readerOf(served, id, { last: 3 })).rest()
    expect(rest).toEqual(all.slice(4))
    expect(await (await readerOf(served, id, { query: '?from=6' })).rest()).toEqual(all.slice(6))
    const last = all.at(-1)?.id ?? 0
    expect((await streamOf(served, id, { last })).response.status).toBe(204)
    expect((await served.get(`executions/${id}/events`, { headers: { 'last-event-id': 'x' } })).status).toBe(400)
    expect(served.handler.server.streams.open).toBe(0)
  })

  it('comes page by page as JSON', async () => {
    const served = await serve()
    const id = await served.execute('Counting', { count: 20 })
    await served.settled(id)
    const seen: number[] = []
    let from: number | undefined = 0
    while (from !== undefined) {
      const { body } = await served.get(`executions/${id}/events?from=${from}&limit=7`, {
        headers: { accept: 'application/json' },
      })
      seen.push(...body.events.map((each: { seq: number }) => each.seq))
      from = body.next_from
    }
    expect(seen).toEqual(seen.map((_, index) => index))
    expect(seen.length).toBeGreaterThan(20)
  })

  it('loses and repeats nothing of 10,000 events, however often the connection drops', async () => {
    const store = new WatchedStore()
    const served = await serve({ store })
    const id = await served.execute('Counting', { count: 10_000 })
    const seen: number[] = []
    for (let connections = 0; ; connections++) {
      const last = seen.at(-1)
      const { reader } = await streamOf(served, id, last === undefined ? {} : { last })
      if (reader === undefined) break
      const events = await reader.take(connections % 3 === 0 ? 777 : 1500)
      seen.push(...events.map(event => event.id))
      await reader.drop()
    }
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index))
    expect(seen.length).toBeGreaterThan(10_000)
    expect(served.handler.server.streams.open).toBe(0)
    expect(store.watches).toBe(0)
  })

  it('cuts off a reader that is too far behind and takes nothing; it loses nothing by that', async () => {
    const clock = new ManualClock()
    const store = new WatchedStore()
    const served = await serve({ store, clock, limits: { maxBufferedBytes: 2000 } })
    const id = await served.execute('Counting', { count: 500 })
    await served.settled(id)
    const reader = await readerOf(served, id)
    const [first] = await reader.take(1)
    expect(first?.id).toBe(0)
    // It takes nothing any more; what waits for it does not grow without end.
    await new Promise(resolve => setImmediate(resolve))
    await clock.advance(10_000)
    const seen = [0]
    await expect(
      (async () => {
        for (let event = await reader.next(); event !== undefined; event = await reader.next()) seen.push(event.id)
      })(),
    ).rejects.toThrow('too slow')
    expect(seen.length).toBeLessThan(50)
    expect(served.handler.server.streams.open).toBe(0)
    expect(store.watches).toBe(0)
    const rest = await (await readerOf(served, id, { last: seen.at(-1) as number })).rest()
    const all = [...seen, ...rest.map(event => event.id)]
    expect(all).toEqual(all.map((_, index) => index))
    expect(all.length).toBeGreaterThan(500)
  })

  it('says now and then that it is still there', async () => {
    const clock = new ManualClock()
    const { orchestration, reached } = gated()
    const served = await serve({ orchestrations: [orchestration], clock })
    const id = await served.execute('Gated')
    await reached
    const reader = await readerOf(served, id)
    await reader.take(2)
    const next = reader.next()
    await new Promise(resolve => setImmediate(resolve))
    await clock.advance(15_000)
    await clock.advance(15_000)
    await served.post(`executions/${id}/cancel`)
    expect(await next).toMatchObject({ id: 2, event: 'state.skipped' })
    expect(reader.comments).toEqual(['still here', 'still here'])
    await reader.rest()
    expect(served.handler.server.streams.open).toBe(0)
  })

  it('is one of a bounded number, leaves nothing behind, and ends when the server does', async () => {
    const store = new WatchedStore()
    const { orchestration, reached } = gated()
    const served = await serve({ store, orchestrations: [orchestration], limits: { maxStreams: 2 } })
    const id = await served.execute('Gated')
    await reached
    const idle = store.watches
    const one = await readerOf(served, id)
    const two = await readerOf(served, id)
    const { response } = await streamOf(served, id)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(store.watches).toBe(idle + 2)
    await one.drop()
    expect(served.handler.server.streams.open).toBe(1)
    const three = await readerOf(served, id)
    expect((await served.call('HEAD', `executions/${id}/events`)).status).toBe(200)
    const closing = served.handler.close(0)
    await two.rest()
    await three.rest()
    await closing
    expect(served.handler.server.streams.open).toBe(0)
    expect(store.watches).toBeLessThanOrEqual(idle)
    expect((await streamOf(served, id)).response.status).toBe(503)
  })

  it('ends when the execution is deleted', async () => {
    const served = await serve()
    const id = await served.execute('Research', { topic: 'x' })
    await served.settled(id)
    const reader = await readerOf(served, id)
    await reader.take(3)
    await served.post(`executions/${id}/cancel`)
    await served.call('DELETE', `executions/${id}`)
    expect((await reader.rest()).length).toBeGreaterThan(0)
    expect((await streamOf(served, id)).response.status).toBe(404)
  })

  it('belongs to the tenant', async () => {
    const served = await serve()
    const id = await served.execute('Echo')
    expect((await served.get(`executions/${id}/events`, { token: tokens.other })).status).toBe(404)
  })
})
