import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { begin, cli, emptyDirectory, fixture, type UnderWay } from './command-lines.js'
import { type Spawned, spawned } from './processes.js'

const base = '/api/v3/orchestration'
const token = 'a-token-of-enough-length'

type Body = any // any: what comes is told by each test

/** A directory with two workflows. */
function flows(): string {
  const cwd = emptyDirectory()
  mkdirSync(join(cwd, 'flows'))
  for (const name of ['research.json', 'search.json']) copyFileSync(fixture(name), join(cwd, 'flows', name))
  return cwd
}

const args = [
  'serve',
  fixture('article.ts'),
  '--workflows',
  'flows',
  '--agents',
  fixture('agents.ts'),
  '--port',
  '0',
  '--json',
]

/** A server in this process; it is ended with the test. */
async function serving(more: readonly string[] = [], cwd = flows()): Promise<{ url: string; server: UnderWay }> {
  const server = begin([...args, ...more], { cwd })
  onTestFinished(async () => {
    server.signal('SIGTERM')
    await server.done
  })
  return { url: await urlIn(server.text), server }
}

async function urlIn(text: () => string): Promise<string> {
  await expect.poll(text).toContain('"type":"listening"')
  const line = text()
    .split('\n')
    .find(each => each.includes('"listening"')) as string
  return JSON.parse(line).url
}

async function called(url: string, method = 'GET', body?: unknown): Promise<Body> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await response.text()
  return text === '' ? undefined : JSON.parse(text)
}

async function settled(url: string, status: string): Promise<Body> {
  await expect.poll(async () => (await called(url)).status).toBe(status)
  return called(url)
}

describe('advancer serve', () => {
  it('serves modules and a directory of workflows, and drains when it is told to end', async () => {
    const { url, server } = await serving()
    const { workflows } = await called(`${url}${base}/workflows`)
    expect(workflows.map((each: { readonly id: string }) => each.id).sort()).toEqual(['research', 'search'])
    expect(await called(`${url}${base}/orchestrations`)).toMatchObject({ orchestrations: [{ name: 'Article' }] })
    const started = await called(`${url}${base}/workflows/search/execute`, 'POST', { input: { topic: 'tides' } })
    const done = await settled(`${url}${base}/executions/${started.execution_id}`, 'completed')
    expect(done.output.search).toEqual({ found: 'about tides' })
    // Its scripts are there only in a build, so what it answers here is not certain.
    expect((await fetch(`${url}/monitor/`)).status).not.toBe(404)
    server.signal('SIGTERM')
    expect(await server.done).toMatchObject({ code: 0 })
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it('leaves the monitor out, and tells people where everything is', async () => {
    const server = begin(args.filter(each => each !== '--json').concat('--no-monitor'), { cwd: flows() })
    await expect.poll(server.text).toContain('Ctrl-C ends it.')
    expect(server.text()).toContain('serves 1 orchestration, 2 workflow files and 3 agents, kept in sqlite:.advancer')
    expect(server.text()).toContain('There are no tokens, so only this machine is answered.')
    expect(server.text()).not.toContain('/monitor/')
    const [, url] = /REST +(http:\S+)\/api/.exec(server.text()) as unknown as [string, string]
    expect((await fetch(`${url}/monitor/`)).status).toBe(404)
    server.signal('SIGINT')
    expect(await server.done).toMatchObject({ code: 0 })
  })

  it('refuses to be reached by others without tokens', async () => {
    const { code, err } = await cli([...args, '--host', '0.0.0.0'], { cwd: flows() })
    expect(code).toBe(2)
    expect(err).toContain('give --token-file or --token-env')
  })

  it('asks for tokens where there are some', async () => {
    const cwd = flows()
    const file = join(cwd, 'tokens.json')
    writeFileSync(file, JSON.stringify([token, { token: `${token}-2`, tenant: 'other', scopes: ['read'] }]))
    chmodSync(file, 0o600)
    const { url } = await serving(['--token-file', 'tokens.json'], cwd)
    const status = async (with_: string) =>
      (await fetch(`${url}${base}/workflows/search`, { headers: { authorization: `Bearer ${with_}` } })).status
    expect((await fetch(`${url}${base}/workflows`)).status).toBe(401)
    expect(await status('wrong-token-of-some-length')).toBe(401)
    expect(await status(token)).toBe(200)
    // The workflows of the directory are those of every tenant.
    expect(await status(`${token}-2`)).toBe(200)
  })

  it('tells what is wrong with tokens, and never a token', async () => {
    const cwd = flows()
    const refused = async (text: string) => {
      writeFileSync(join(cwd, 'tokens'), text)
      const { code, err } = await cli([...args, '--token-file', 'tokens'], { cwd })
      expect(code).toBe(2)
      expect(err).not.toContain('secret')
      return err
    }
    expect(await refused('# none\n')).toContain('tokens has no token')
    expect(await refused('["secret-secret-secret"')).toContain('begins like JSON')
    expect(await refused('secret\n')).toContain('at least 16 characters')
    expect(await refused('[{"token":"secret-secret-secret","tenat":"x"}]')).toContain('has a field "tenat"')
    const unset = await cli([...args, '--token-env', 'NOT_THERE'], { cwd })
    expect(unset.err).toContain('The variable NOT_THERE of --token-env is not set.')
  })

  it('says which port is taken, and what a module lacks', async () => {
    const cwd = flows()
    const { url } = await serving([], cwd)
    const taken = [...args.filter((_, at) => args[at] !== '0' && args[at] !== '--port'), '--port', new URL(url).port]
    const { code, err } = await cli([...taken, '--store', 'memory'], { cwd })
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('is taken') })
    const nothing = await cli(['serve', 'search.json', '--store', 'memory'])
    expect(nothing.code).not.toBe(0)
  })

  it('as a process: goes on with what was under way when the one before was killed', async () => {
    const cwd = flows()
    const start = async (): Promise<Spawned & { readonly url: string }> => {
      const server = spawned(args, { cwd })
      return { ...server, url: await urlIn(() => server.out() + server.err()) }
    }
    const first = await start()
    const started = await called(`${first.url}${base}/workflows/research/execute`, 'POST', {
      input: { topic: 'tides' },
    })
    const at = `${base}/executions/${started.execution_id}`
    const [approval] = (await settled(first.url + at, 'paused')).pending_approvals
    first.child.kill('SIGKILL')
    await first.ended
    const second = await start()
    expect(JSON.parse(second.out().split('\n')[0] as string)).toMatchObject({ recovered: 1 })
    await called(`${second.url}${at}/requests/${encodeURIComponent(approval.request_id)}`, 'POST', { approved: true })
    expect((await settled(second.url + at, 'completed')).output.output).toBe('An article about tides.')
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  })
})
