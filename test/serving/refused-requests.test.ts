import { describe, expect, it, vi } from 'vitest'
import { Orchestration } from '../../src/core/index.js'
import { loadPackage } from '../../src/serving/optional-package.js'
import { RouteTable } from '../../src/serving/route-table.js'
import { echo, type Served, serve, tokens } from './served.js'

/** Every route with ids that are there, as the document lists it. */
async function routesOf(served: Served, ids: Readonly<Record<string, string>>) {
  const { body } = await served.get('/openapi.json')
  return Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'nothing'),
      isPublic: operation.security?.length === 0,
      scope: operation['x-scope'],
    })),
  )
}

interface Operation {
  readonly security?: readonly unknown[]
  readonly 'x-scope'?: string
}

async function withResearch() {
  const served = await serve({ workflows: {} })
  const id = await served.execute('Research', { topic: 'mine' })
  const {
    pending_approvals: [approval],
  } = await served.settled(id)
  return { served, id, requestId: approval.request_id as string }
}

describe('every route', () => {
  it('asks who calls: without a token and with a wrong one the answer is 401', async () => {
    const { served, id, requestId } = await withResearch()
    const routes = await routesOf(served, { execution_id: id, name: 'Research', request_id: requestId })
    expect(routes.length).toBeGreaterThan(20)
    for (const { method, path, isPublic } of routes) {
      for (const token of ['', 'a-wrong-token-of-this-length', `${tokens.all}x`]) {
        const { status, text, headers } = await served.call(method, path, { token })
        if (isPublic) expect(status, `${method} ${path}`).not.toBe(401)
        else {
          expect(status, `${method} ${path}`).toBe(401)
          expect(text).toContain('Send a bearer token')
          expect(headers.get('www-authenticate')).toBe('Bearer')
        }
      }
    }
    expect(routes.filter(({ isPublic }) => isPublic).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/healthz', '/openapi.json']),
    )
  })

  it('asks what the caller may do: without the scope the answer is 403', async () => {
    const { served, id, requestId } = await withResearch()
    for (const { method, path, isPublic, scope } of await routesOf(served, {
      execution_id: id,
      name: 'Research',
      request_id: requestId,
    })) {
      if (isPublic || scope === 'read') continue
      const { status, text } = await served.call(method, path, { token: tokens.read, body: {} })
      expect(status, `${method} ${path}`).toBe(403)
      expect(text).toMatch(new RegExp(`lacks the scope .{0,2}${scope}`))
      expect(text).not.toContain(tokens.read)
    }
    expect((await served.get(`executions/${id}`)).body.status).toBe('paused')
  })

  it('about an execution says to another tenant that there is none, as it says of an id that nobody has (S2-41)', async () => {
    const { served, id, requestId } = await withResearch()
    const own = await routesOf(served, { execution_id: id, request_id: requestId })
    const foreign = own.filter(({ path }) => path.includes(id))
    expect(foreign.length).toBeGreaterThan(12)
    for (const { method, path } of foreign) {
      const body = method === 'POST' ? { approved: true } : undefined
      const other = await served.call(method, path, { token: tokens.other, body })
      expect(other.status, `${method} ${path}`).toBe(404)
      const nobodys = await served.call(method, path.replace(id, 'nobody'), { body })
      expect(nobodys.status).toBe(404)
      const { request_id: _one, ...hidden } = other.body
      const { request_id: _two, ...missing } = nobodys.body
      expect(hidden).toEqual(JSON.parse(JSON.stringify(missing).replaceAll('nobody', id)))
    }
    for (const list of ['executions', 'approvals']) {
      const { body } = await served.get(list, { token: tokens.other })
      expect(Object.values(body)[0]).toEqual([])
    }
    const mine = await served.execute('Echo', 1, { token: tokens.other })
    expect((await served.get(`executions/${mine}/diff?with=${id}`, { token: tokens.other })).status).toBe(404)
    expect((await served.get(`executions/${id}`)).body.status).toBe('paused')
  })

  it('refuses methods that it has not, and paths that there are not', async () => {
    const served = await serve()
    const put = await served.call('PUT', 'executions')
    expect(put.status).toBe(405)
    expect(put.headers.get('allow')).toBe('GET, HEAD')
    expect(put.body.code).toBe('METHOD_NOT_ALLOWED')
    expect(await served.get('nowhere')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    expect((await served.call('HEAD', 'executions')).status).toBe(200)
  })

  it('bears paths that are none', async () => {
    const served = await serve()
    for (const path of [
      'executions/%E0%A4%A',
      'executions/..%2F..%2Fetc',
      'executions/%00',
      `executions/${'x'.repeat(5000)}`,
    ])
      expect((await served.get(path)).status).toBe(404)
    expect((await served.get('orchestrations/__proto__')).status).toBe(404)
    expect((await served.get('executions?__proto__=1')).status).toBe(400)
    expect((await served.get('executions?constructor=1')).status).toBe(400)
  })

  it('answers with headers that keep browsers from guessing', async () => {
    const served = await serve()
    for (const path of ['executions', 'nowhere', '/healthz']) {
      const { headers } = await served.get(path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
    }
  })
})

describe('a body', () => {
  const path = 'orchestrations/Echo/execute'

  it('has to be JSON, and say so', async () => {
    const served = await serve()
    const broken = await served.post(path, '{"input": ')
    expect(broken).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
    expect(broken.body.detail).toContain('not JSON')
    const bytes = new Request('http://localhost/', { method: 'POST', body: new Uint8Array([34, 255, 34]) })
    const odd = await served.handler.fetch(
      new Request(`http://localhost/api/v3/orchestration/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.all}`, 'content-type': 'application/json' },
        body: await bytes.arrayBuffer(),
      }),
    )
    expect(odd.status).toBe(400)
    const text = await served.post(path, '{}', { headers: { 'content-type': 'text/plain' } })
    expect(text).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } })
  })

  it('may be neither too large nor too deep, whatever its header says', async () => {
    const served = await serve({ limits: { maxBodyBytes: 1000, maxDepth: 10 } })
    const large = await served.post(path, { input: 'x'.repeat(2000) })
    expect(large).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } })
    const deep = await served.post(path, `{"input":${'['.repeat(50)}${']'.repeat(50)}}`)
    expect(deep.status).toBe(400)
    expect(deep.body.errors[0].path).toMatch(/^input\[0\]/)
    const bottomless = await served.post(path, '['.repeat(900))
    expect(bottomless.status).toBe(400)
    const stream = new ReadableStream({
      pull: controller => controller.enqueue(new TextEncoder().encode(' '.repeat(500))),
    })
    const endless = await served.handler.fetch(
      new Request(`http://localhost/api/v3/orchestration/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.all}`, 'content-type': 'application/json' },
        body: stream,
        duplex: 'half',
      } as RequestInit),
    )
    expect(endless.status).toBe(413)
  })

  it('may break off', async () => {
    const warnings: unknown[] = []
    const served = await serve({ logger: { warn: (...warning: unknown[]) => void warnings.push(warning) } })
    const body = new ReadableStream({
      pull: controller => controller.error(new Error('the connection is gone')),
    })
    const { status } = await served.handler.fetch(
      new Request(`http://localhost/api/v3/orchestration/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.all}`, 'content-type': 'application/json' },
        body,
        duplex: 'half',
      } as RequestInit),
    )
    expect(status).toBe(400)
    expect(warnings).toEqual([])
  })

  it('may not have keys that mean something to JavaScript', async () => {
    const served = await serve()
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const { status, body } = await served.post(path, `{"input":{"a":[{"${key}":{"polluted":true}}]}}`)
      expect(status).toBe(400)
      expect(body.errors).toEqual([{ path: `input.a[0].${key}`, message: `the name "${key}" is not allowed` }])
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('is refused with everything that is wrong with it', async () => {
    const served = await serve()
    for (const wrong of ['[]', '"text"', '5', 'null'])
      expect((await served.post('orchestrations/Research/execute', wrong)).status).toBe(422)
    const misspelt = await served.post(path, { inputs: 1, runid: 'x' })
    expect(misspelt.status).toBe(422)
    expect(misspelt.body.errors.map((each: { path: string }) => each.path)).toEqual(['inputs', 'runid'])
    expect(misspelt.body.detail).toContain('Did you mean "input"?')
  })
})

describe('responses', () => {
  it('have neither stacks nor causes nor fields of errors in them', async () => {
    const served = await serve()
    const id = await served.execute('Failing')
    await served.settled(id)
    const all = await Promise.all(
      ['', '/nodes', '/cost', '/graph', '/history', '/state', '/events', '/requests'].map(path =>
        served.get(`executions/${id}${path}`, { headers: { accept: 'application/json' } }),
      ),
    )
    for (const { status, text } of all) {
      expect(status).toBe(200)
      expect(text).not.toMatch(/sk-very-secret|inner-secret|served\.ts|node_modules|\bat \w+ \(/)
    }
  })

  it('say of what is the fault of the server no more than under which id its log has it', async () => {
    const warnings: unknown[] = []
    const served = await serve({ logger: { warn: (...warning: unknown[]) => void warnings.push(...warning) } })
    const { store } = served.handler.server.host
    store.list = () => Promise.reject(new Error('password=hunter2 at /home/secret'))
    const { status, body, text } = await served.get('executions')
    expect(status).toBe(500)
    expect(body).toMatchObject({ code: 'INTERNAL', title: 'Internal Server Error' })
    expect(text).not.toContain('hunter2')
    expect(String(warnings[0])).toContain(body.request_id)
  })
})

describe('a server without authentication', () => {
  it('answers this machine only, and no page of another origin', async () => {
    const served = await serve({ auth: undefined as never, orchestrations: [echo()] })
    const ask = (headers: Readonly<Record<string, string>>) => served.get('executions', { token: '', headers })
    expect((await ask({ host: 'localhost:8787' })).status).toBe(200)
    expect((await ask({ host: '127.0.0.1:1' })).status).toBe(200)
    expect((await ask({ host: '[::1]:8787' })).status).toBe(200)
    expect((await ask({ host: 'attacker.example' })).status).toBe(403)
    expect((await ask({ host: 'localhost.attacker.example' })).status).toBe(403)
    expect((await ask({ host: 'localhost:8787', origin: 'http://localhost:8787' })).status).toBe(200)
    expect((await ask({ host: 'localhost:8787', origin: 'http://attacker.example' })).status).toBe(403)
    expect((await ask({ host: 'localhost:8787', origin: 'null' })).status).toBe(403)
  })
})

describe('tokens', () => {
  it('have to be long, each once, and are never told', async () => {
    await expect(serve({ auth: { tokens: ['short'] } })).rejects.toThrow(/auth.tokens\[0\].*16 characters/)
    await expect(serve({ auth: { tokens: [] } })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    const twice = { tokens: ['the-same-token-twice', 'the-same-token-twice'] }
    await expect(serve({ auth: twice })).rejects.toThrow(/^(?!.*the-same-token)/)
  })

  it('may be looked up by a function instead', async () => {
    const served = await serve({
      auth: {
        authenticate: request =>
          request.headers.get('x-user') === 'ada' ? { tenant: 'acme', name: 'ada', scopes: ['read'] } : undefined,
      },
    })
    expect((await served.get('executions', { headers: { 'x-user': 'ada' } })).status).toBe(200)
    expect((await served.get('executions')).status).toBe(401)
    expect((await served.post('orchestrations/Echo/execute', {}, { headers: { 'x-user': 'ada' } })).status).toBe(403)
  })
})

describe('a handler', () => {
  it('says which package is missing, and passes on whatever else goes wrong with one', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
    await expect(loadPackage('hono', () => Promise.reject(missing))).rejects.toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringContaining('npm install hono'),
    })
    await expect(loadPackage('hono', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  })

  it('is not made of orchestrations that are wrong, or of two of one name', async () => {
    class Empty extends Orchestration<unknown, unknown> {}
    await expect(serve({ orchestrations: [new Empty()] })).rejects.toMatchObject({ code: 'WIRING_INVALID' })
    await expect(serve({ orchestrations: [echo(), echo()] })).rejects.toThrow(/different names/)
    await expect(serve({ limits: { maxRuns: 0 } })).rejects.toThrow(/limits.maxRuns/)
  })
})

describe('the document', () => {
  it('has every route that is registered, and no other (S2-18)', async () => {
    const register = vi.spyOn(RouteTable.prototype, 'register')
    const served = await serve({ workflows: {} })
    const [app] = register.mock.lastCall ?? []
    register.mockRestore()
    const registered = (app?.routes ?? [])
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    const { body } = await served.get('/openapi.json', { token: '' })
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
    )
    expect(registered.length).toBeGreaterThan(20)
    expect(documented.sort()).toEqual(registered.map(route => route.replace(/\/\*$/, '/{rest}')).sort())
  })

  it('is complete in itself: every reference leads somewhere, every operation has a name of its own', async () => {
    const served = await serve()
    const { body, text } = await served.get('/openapi.json', { token: '' })
    expect(body.openapi).toBe('3.1.0')
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference as string)
    expect(references.length).toBeGreaterThan(20)
    for (const reference of new Set(references)) {
      const [, name = ''] = /^#\/components\/schemas\/(.+)$/.exec(reference) ?? []
      expect(body.components.schemas).toHaveProperty([name])
    }
    const operations = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>)
      .flatMap(each => Object.values(each))
      .map(({ operationId }) => operationId)
    expect(new Set(operations).size).toBe(operations.length)
  })

  it('describes bodies by the classes that check them', async () => {
    const served = await serve()
    const { body } = await served.get('/openapi.json')
    const { schemas } = body.components
    expect(schemas.ExecutionBody.properties.status.enum).toContain('paused')
    expect(schemas.ResumeBody.properties.approved).toMatchObject({ type: 'boolean' })
    const { get } = body.paths['/api/v3/orchestration/executions']
    const limit = get.parameters.find((each: { name: string }) => each.name === 'limit')
    expect(limit).toMatchObject({ in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 200 } })
  })
})

describe('a service whose package is not installed', () => {
  it('is refused however often anybody asks, and the log has it once', async () => {
    vi.resetModules()
    vi.doMock('../../src/serving/a2a/a2a-package.js', () => ({
      loadA2aSdk: () => loadPackage('not-installed', () => import('not-installed' as string)),
    }))
    const { serve: serveAnew } = await import('./served.js')
    const warn = vi.fn<(message: string, error?: unknown) => void>()
    const silent = (): void => undefined
    const logger = { debug: silent, info: silent, warn, error: silent }
    const served = await serveAnew({ logger })
    for (let asked = 0; asked < 3; asked++) {
      expect((await served.get('/.well-known/agent-card.json')).body).toMatchObject({
        status: 503,
        code: 'UNAVAILABLE',
      })
    }
    expect(warn).toHaveBeenCalledTimes(1)
    expect(String(warn.mock.calls[0]?.[1])).toContain('npm install not-installed')
    await served.handler.close()
    vi.doUnmock('../../src/serving/a2a/a2a-package.js')
  })
})
