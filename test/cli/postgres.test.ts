import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../durability/postgres-server.js'
import { type Around, cli, type Done, emptyDirectory, fixture } from './command-lines.js'
import { type Spawned, spawned } from './processes.js'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

/** No command shows the password, whatever comes of it. */
async function done(args: readonly string[], around: Around = {}): Promise<Done> {
  const result = await cli(args, around)
  expect(result.out + result.err).not.toContain('not-to-be-printed')
  return result
}

const base = '/api/v3/orchestration'

type Body = any // any: what comes is told by each test

async function called(url: string, body?: unknown): Promise<Body> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return (await fetch(url, body === undefined ? {} : post)).json()
}

describe('S3-30 the command with a PostgreSQL store', () => {
  it('serves by DATABASE_URL: an execution is finished by the server after the one that was killed', async () => {
    const cwd = emptyDirectory()
    mkdirSync(join(cwd, 'flows'))
    for (const name of ['research.json', 'search.json']) copyFileSync(fixture(name), join(cwd, 'flows', name))
    const env = { DATABASE_URL: server.url }
    const args = ['serve', '--workflows', 'flows', '--agents', fixture('agents.ts'), '--port', '0', '--json']
    const start = async (): Promise<Spawned & { readonly listening: Body }> => {
      const process = spawned(args, { cwd, env })
      const said = () => process.out() + process.err()
      await expect.poll(said).toContain('"listening"')
      return { ...process, listening: JSON.parse(process.out().split('\n')[0] as string) }
    }
    const first = await start()
    expect(first.listening).toMatchObject({
      recovered: 0,
      store: expect.stringMatching(/^postgres:\/\/127.0.0.1:\d+\//),
    })
    const started = await called(`${first.listening.url}${base}/workflows/research/execute`, {
      input: { topic: 'tides' },
    })
    const runId: string = started.execution_id
    const execution = (url: string) => called(`${url}${base}/executions/${runId}`)
    await expect.poll(async () => (await execution(first.listening.url)).pending_approvals?.length).toBe(1)
    first.child.kill('SIGKILL')
    await first.ended

    const { out } = await done(['runs', 'list', '--waiting', '--json'], { cwd, env })
    expect(JSON.parse(out).runs).toMatchObject([{ run_id: runId, waiting: true }])

    const second = await start()
    expect(second.listening.recovered).toBe(1)
    const approved = await done(['runs', 'approve', runId], { cwd, env })
    expect(approved.err).not.toContain('Go on with it')
    await expect.poll(async () => (await execution(second.listening.url)).status).toBe('completed')
    expect((await execution(second.listening.url)).output.output).toBe('An article about tides.')
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    for (const { out, err } of [first, second]) expect(out() + err()).not.toContain('not-to-be-printed')
  })

  it('answers, resumes, forks, compares and cancels runs with --store', async () => {
    const store = ['--store', server.url]
    const run = ['run', 'article.ts', '--input-text', 'tides']
    const waiting = await done([...run, '--run-id', 'p1', ...store])
    expect(waiting).toMatchObject({ code: 4, out: '' })
    const { host } = new URL(server.url)
    expect(waiting.err).toContain(`advancer runs approve p1 --store 'postgres://postgres:<password>@${host}/postgres'`)
    expect((await done(['runs', 'list', ...store])).out).toMatch(/p1 +Article +waiting/)
    expect((await done(['runs', 'show', 'p1', ...store])).out).toContain('Publish "All about tides"?')
    expect(await done(['runs', 'approve', 'p1', ...store])).toMatchObject({ code: 0 })
    expect(await done(['runs', 'resume', 'p1', ...store])).toMatchObject({
      code: 0,
      out: 'Published: All about tides\n',
    })
    expect(await done(['runs', 'fork', 'p1', '--at', '1', '--run-id', 'p2', ...store])).toMatchObject({ code: 0 })
    expect(await done(['runs', 'diff', 'p1', 'p2', ...store])).toMatchObject({ code: 0 })
    expect(await done(['runs', 'resume', 'p2', ...store])).toMatchObject({ code: 4 })
    expect(await done(['runs', 'reject', 'p2', '--resume', ...store])).toMatchObject({
      out: 'Shelved: All about tides\n',
    })
    expect(await done(['runs', 'diff', 'p1', 'p2', ...store])).toMatchObject({ code: 1 })
    expect(await done([...run, '--run-id', 'p3', ...store])).toMatchObject({ code: 4 })
    expect(await done(['runs', 'cancel', 'p3', ...store])).toMatchObject({ code: 0 })
    expect((await done(['runs', 'events', 'p3', ...store])).out).toContain('orchestration.cancelled')
    const ownFirst = { env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', ADVANCER_STORE: server.url } }
    expect(await done(['runs', 'show', 'p3'], ownFirst)).toMatchObject({ code: 0 })
  })

  it.each([
    [
      'a wrong password',
      (url: string) => url.replace('not-to-be-printed', 'not-to-be-printed-at-all'),
      'user and password',
    ],
    ['a host that does not answer', (url: string) => url.replace(/:\d+\//, ':1/'), 'that the server is up'],
    ['a database that is not there', (url: string) => url.replace(/postgres$/, 'nowhere'), 'Create the database'],
    ['a URL that is none', (url: string) => url.replace('to-be', 'to/be'), 'In a password, write the characters'],
  ])('says what is wrong with %s, without a stack and without the password', async (_, change, advice) => {
    const store = change(server.url)
    for (const args of [
      ['serve', fixture('article.ts'), '--port', '0'],
      ['run', 'article.ts', '--input-text', 'tides'],
      ['runs', 'list'],
      ['runs', 'resume', 'p1', '--debug'],
      ['mcp', fixture('article.ts')],
    ]) {
      const { code, out, err } = await done([...args, '--store', store])
      expect({ args, code, out }).toMatchObject({ args, out: '', code: advice.startsWith('In') ? 2 : 1 })
      expect(err).toContain('error: ')
      expect(err).toContain(advice)
      expect(err).not.toContain('to/be')
      if (!args.includes('--debug')) expect(err).not.toContain('    at ')
    }
    expect((await done(['runs', 'list'], { env: { DATABASE_URL: store } })).err).toContain(advice)
  })
})
