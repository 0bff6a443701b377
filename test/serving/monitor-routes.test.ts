import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { createHandler, type ServingHandler } from '../../src/serving/index.js'
import { BuiltPage } from './monitor-page.js'

let built: BuiltPage
let handler: ServingHandler

beforeAll(async () => {
  built = new BuiltPage()
  handler = await built.handler({ store: new MemoryJournalStore(), auth: { tokens: ['a-token-of-some-length'] } })
})

afterAll(() => built.remove())

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return handler.fetch(new Request(`http://localhost:8787${path}`, { headers: { host: 'localhost:8787', ...headers } }))
}

async function versionOf(): Promise<string> {
  const [, version = ''] = /src="([\w-]+)\/main\.js"/.exec(await (await get('/monitor/')).text()) ?? []
  return version
}

describe('the page of the monitor', () => {
  it.each(['/', '/monitor'])('is what %s leads to', async path => {
    const { status, headers } = await get(path)
    expect([status, headers.get('location')]).toEqual([302, 'monitor/'])
  })

  it('is for everybody, says nothing, and may do next to nothing', async () => {
    const { status, headers } = await get('/monitor/')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ]) {
      expect(policy.split('; ')).toContain(rule)
    }
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('has nothing in line, and nothing from elsewhere', async () => {
    const html = await (await get('/monitor/')).text()
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?:\/\//)
  })

  it('is sent once, and asked for again by its tag', async () => {
    const { headers } = await get('/monitor/')
    expect(headers.get('cache-control')).toBe('no-cache')
    const again = await get('/monitor/', { 'if-none-match': headers.get('etag') ?? '' })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  it('has files that are kept for ever under the address that has their version', async () => {
    const version = await versionOf()
    const script = await get(`/monitor/${version}/main.js`)
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const body = Buffer.from(await script.arrayBuffer())
    expect(script.headers.get('etag')).toContain(createHash('sha256').update(body).digest('base64url').slice(0, 20))
    expect((await get(`/monitor/${version}/monitor.css`)).headers.get('content-type')).toBe('text/css; charset=utf-8')
    const older = await get('/monitor/older/main.js')
    expect([older.status, older.headers.get('cache-control')]).toEqual([200, 'no-cache'])
  })

  it.each(['tsconfig.json', 'main.ts', 'index.html', '..%2fpage-files.ts', '../../../package.json', 'constructor'])(
    'has no file %s',
    async name => {
      const { status } = await get(`/monitor/${await versionOf()}/${name}`)
      expect(status).toBe(404)
    },
  )

  it('imports only what it has', async () => {
    const version = await versionOf()
    const seen = new Set<string>()
    const waiting = ['main.js']
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (seen.has(name)) continue
      seen.add(name)
      const response = await get(`/monitor/${version}/${name}`)
      expect([name, response.status]).toEqual([name, 200])
      const text = await response.text()
      for (const [, imported = ''] of text.matchAll(/from '([^']+)'/g)) {
        expect(imported).toMatch(/^\.\/[a-z-]+\.js$/)
        waiting.push(imported.slice(2))
      }
    }
    // Those have nothing but types.
    const types = ['run-parts.ts', 'wire.ts']
    const sources = readdirSync('src/serving/monitor/page').filter(
      name => name.endsWith('.ts') && !types.includes(name),
    )
    expect([...seen].map(name => name.replace(/js$/, 'ts')).sort()).toEqual(sources.sort())
  })

  it('is left out if nobody wants it', async () => {
    const bare = await createHandler({ store: new MemoryJournalStore(), monitor: false })
    const response = await bare.fetch(new Request('http://localhost:8787/monitor/'))
    expect(response.status).toBe(404)
  })

  it.runIf(existsSync('dist/serving/monitor'))('is complete in what is published', () => {
    const published = readdirSync('dist/serving/monitor/page')
    const expected = readdirSync('src/serving/monitor/page').filter(name => name !== 'tsconfig.json')
    expect(published).toEqual(expect.arrayContaining(expected.map(name => name.replace(/\.ts$/, '.js'))))
  })
})
