import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createHandler, listen } from '../../src/serving/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { base, echo, gated, serve, tokens } from './served.js'

describe('how many requests a caller may make', () => {
  const limits = { requests: { limit: 3, intervalMs: 10_000 } }

  it('is told with each answer, and by 429 with the time to come again', async () => {
    const clock = new ManualClock()
    const served = await serve({ limits, clock })
    const told = async (path = 'executions', token: string = tokens.all) => {
      const { status, headers, body } = await served.get(path, { token })
      return { status, rate: headers.get('ratelimit'), policy: headers.get('ratelimit-policy'), headers, body }
    }
    expect(await told()).toMatchObject({ status: 200, rate: '"requests";r=2', policy: '"requests";q=3;w=10' })
    await clock.advance(4000)
    expect(await told('executions/none')).toMatchObject({ status: 404, rate: '"requests";r=1' })
    expect(await told('/metrics')).toMatchObject({ status: 200, rate: '"requests";r=0' })
    const refused = await told()
    expect(refused).toMatchObject({ status: 429, rate: '"requests";r=0;t=6', policy: '"requests";q=3;w=10' })
    expect(refused.body).toMatchObject({ code: 'TOO_MANY_REQUESTS', detail: expect.stringContaining('in 6 s') })
    expect(refused.headers.get('retry-after')).toBe('6')
    // Others are not held up, and what is for everybody is not counted.
    expect(await told('executions', tokens.read)).toMatchObject({ status: 200, rate: '"requests";r=2' })
    expect(await told('/healthz')).toMatchObject({ status: 200, rate: null })
    await clock.advance(6000)
    expect(await told()).toMatchObject({ status: 200, rate: '"requests";r=0' })
    await clock.advance(10_000)
    expect(await told()).toMatchObject({ status: 200, rate: '"requests";r=2' })
  })

  it('counts for the endpoints of other protocols too, in their form', async () => {
    const served = await serve({ limits: { requests: { limit: 1 } }, clock: new ManualClock() })
    expect((await served.get('/v1/models')).status).toBe(200)
    const refused = await served.get('/v1/models')
    expect(refused).toMatchObject({ status: 429, body: { error: { type: 'rate_limit_error' } } })
    expect(refused.headers.get('retry-after')).toBe('60')
    expect((await served.post('/mcp', {})).status).toBe(429)
  })

  it('counts upgrades to the WebSocket', async () => {
    const served = await serve({ limits: { requests: { limit: 1 } }, clock: new ManualClock() })
    const server = await listen(served.handler, { port: 0 })
    const open = () =>
      new WebSocket(`${server.url.replace('http', 'ws')}${base}/live`, {
        headers: { authorization: `Bearer ${tokens.all}` },
      })
    const first = open()
    await once(first, 'open')
    const second = open()
    second.on('error', () => undefined)
    const [, response] = await once(second, 'unexpected-response')
    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '60'])
    first.close()
    await server.close(0)
  })

  it('is not limited unless that is said, and has to be a number of requests', async () => {
    const served = await serve()
    const answers = await Promise.all(Array.from({ length: 500 }, () => served.get('orchestrations')))
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(answers[0]?.headers.get('ratelimit')).toBeNull()
    for (const requests of [{ limit: 0 }, { limit: 1.5 }, { limit: 1, intervalMs: 0 }])
      await expect(serve({ limits: { requests } })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('is for each of any number of callers its own', async () => {
    const clock = new ManualClock()
    let counted = 0
    const handler = await createHandler({
      store: (await serve()).handler.server.host.store,
      clock,
      limits,
      auth: {
        authenticate: () => ({ tenant: 'acme', name: `caller ${counted++}`, scopes: ['read'] }),
      },
    })
    const ask = () => handler.fetch(new Request(`http://localhost${base}/executions`))
    for (let round = 0; round < 3; round++) {
      expect((await Promise.all(Array.from({ length: 50 }, ask))).every(({ status }) => status === 200)).toBe(true)
      await clock.advance(10_000)
    }
    expect(counted).toBe(150)
  })
})

describe('how many executions of one tenant may be under way', () => {
  it('is bounded, so that none can use up the room of all', async () => {
    const { orchestration, open } = gated()
    const served = await serve({ orchestrations: [orchestration, echo()], limits: { maxRuns: 4, maxRunsPerTenant: 2 } })
    const start = (token?: string) =>
      served.post('orchestrations/Gated/execute', {}, token === undefined ? {} : { token })
    const mine = await Promise.all([start(), start(), start(tokens.run)])
    expect(mine.map(({ status }) => status).sort((a, b) => a - b)).toEqual([202, 202, 429])
    const refused = mine.find(({ status }) => status === 429)
    expect(refused?.body.detail).toContain('2 executions of yours')
    const theirs = await Promise.all([start(tokens.other), start(tokens.other), start(tokens.other)])
    expect(theirs.map(({ status }) => status).sort((a, b) => a - b)).toEqual([202, 202, 429])
    open()
    for (const { status, body } of mine) if (status === 202) await served.settled(body.execution_id)
    expect((await start()).status).toBe(202)
  })

  it('does not count those that are paused, which need room again to go on', async () => {
    const { orchestration, open, reached } = gated()
    const again = gated('Again')
    const served = await serve({
      orchestrations: [orchestration, again.orchestration],
      limits: { maxRunsPerTenant: 1 },
    })
    const id = await served.execute('Gated')
    await reached
    served.whenPaused(id, open)
    expect((await served.post(`executions/${id}/pause`)).status).toBe(200)
    const other = await served.execute('Again')
    expect((await served.post(`executions/${id}/resume`)).status).toBe(429)
    again.open()
    await served.settled(other)
    expect((await served.post(`executions/${id}/resume`)).status).toBe(200)
    expect(await served.settled(id)).toMatchObject({ status: 'completed' })
  })
})
