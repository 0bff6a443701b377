import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

const question = 'How does write-ahead logging let readers and writers work at the same time?'
const documents = join('samples', 'research', 'documents')

let folder = ''
let server: Server | undefined

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'research-'))
})

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function begin(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const none = { OPENAI_API_KEY: '', OPENAI_BASE_URL: '', OPENAI_MODEL: '' }
  const options = { env: { ...process.env, ...none, ...env } }
  return spawn(process.execPath, ['--import', 'tsx', 'samples/research/main.ts', ...args], options)
}

async function finish(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...output }
}

async function modelServer(handler: RequestListener): Promise<NodeJS.ProcessEnv> {
  server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { OPENAI_API_KEY: 'sk-very-secret', OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` }
}

describe('the research report from one command', () => {
  it('prints progress as plain lines, and a report whose citations are in the documents', async () => {
    const file = join(folder, 'report.md')
    const { code, stdout, stderr } = await finish(begin([question, '--output', file]))
    expect(code).toBe(0)
    expect(stderr).toContain('embedded extractive responder')
    expect(stderr).toMatch(/✓ Planning[\s\S]*· Research {2}read_document [\s\S]*✓ Reporting/)
    const citations = [...stdout.matchAll(/\[([\w.-]+\.md):(\d+)\]/g)]
    expect(citations.length).toBeGreaterThan(3)
    for (const [, name, line] of citations) {
      const lines = readFileSync(join(documents, name as string), 'utf8').split('\n')
      expect(lines[Number(line) - 1]?.trim()).toBeTruthy()
    }
    expect(stdout).toContain(readFileSync(file, 'utf8'))
  })

  it('says plainly what the documents do not cover', async () => {
    const { code, stdout } = await finish(begin(['How do plants store energy?']))
    expect(code).toBe(0)
    expect(stdout).toContain('The documents do not cover this')
    expect(stdout).not.toMatch(/\[[\w.-]+\.md:\d+\]/)
  })

  it.each([
    ['a missing folder', ['q', '--documents', 'does-not-exist'], 'There is no folder does-not-exist'],
    ['an unwritable output', [question, '--output', join('does-not-exist', 'report.md')], 'could not be written'],
    ['no question', [], 'Ask a question.'],
    ['an unknown option', ['q', '--bogus'], "Unknown option '--bogus'"],
  ])('%s is a clear line and a failure, without a stack', async (_, args, message) => {
    const { code, stderr } = await finish(begin(args))
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('a folder without documents is a clear line and a failure', async () => {
    const { code, stderr } = await finish(begin(['q', '--documents', mkdtempSync(join(folder, 'empty-'))]))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^There is no readable \.md or \.txt file below .*\n$/)
  })

  it('a refused key is a clear line, which does not show the key', async () => {
    const env = await modelServer((_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: 'Incorrect API key provided: sk-very-secret' } }))
    })
    const { code, stderr } = await finish(begin(['q'], env))
    expect(code).toBe(1)
    expect(stderr.trim().split('\n').at(-1)).toMatch(/HTTP 401.*check the key/)
    expect(stderr).not.toContain('sk-very-secret')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('an output that cannot be written is a clear line, before the model is asked', async () => {
    for (const output of [folder, join(folder, 'nowhere', 'report.md'), '']) {
      const { code, stdout, stderr } = await finish(begin([question, '--output', output]))
      expect(code).not.toBe(0)
      expect(stdout).toBe('')
      expect(stderr.trim().split('\n')).toHaveLength(1)
    }
  })

  it('a server that asks to come back in an hour is a clear line, at once', async () => {
    const env = await modelServer((_request, response) => {
      response.writeHead(429, { 'retry-after': '3600', 'content-type': 'application/json' })
      response.end('{"error":{"message":"slow down"}}')
    })
    const { code, stderr } = await finish(begin([question], env))
    expect(code).not.toBe(0)
    expect(stderr.trim().split('\n').at(-1)).toMatch(/rate limited.*after 3600000 ms/)
  })

  it('an unreachable server is a clear line', async () => {
    const env = await modelServer(() => undefined)
    server?.close()
    const { code, stderr } = await finish(begin(['q'], env))
    expect(code).toBe(1)
    expect(stderr.trim().split('\n').at(-1)).toContain('found no connection to the server')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('an interrupt cancels the run', async () => {
    const children: ChildProcess[] = []
    const env = await modelServer(() => children[0]?.kill('SIGINT'))
    const child = begin(['q'], env)
    children.push(child)
    const { code, stderr } = await finish(child)
    expect(code).toBe(130)
    expect(stderr).toContain('cancelled')
  })
})
