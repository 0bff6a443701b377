import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'terminal-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Types these lines into the sample, and returns what it printed. */
async function talk(lines: readonly string[], args: readonly string[] = [], more: NodeJS.ProcessEnv = {}) {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'samples/16-chat-terminal/main.ts', ...args], {
    cwd: root,
    env: { ...env, ...more },
    timeout: 100_000,
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (printed += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (printed += chunk))
  child.stdin.end(lines.map(line => `${line}\n`).join(''))
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  if (code !== 0) throw new Error(`It ended with ${code}. It had printed:\n${printed}`)
  return printed.trimEnd().split('\n').slice(1)
}

const question = '? May agent "Assistant" call tool "save_note" with {"text":"milk"}? /approve or /reject'

describe('the chat client for the terminal', () => {
  it('talks, asks for permission, and shows and forgets what was said, on pipes without colours and prompts', async () => {
    const printed = await talk([
      'hello',
      'note: milk',
      '/approve',
      '/history',
      '/clear',
      '/history',
      '/approve',
      '/quit',
      'x',
    ])
    expect(printed).toEqual([
      'You said "hello". That was message 1.',
      question,
      'Well: Note 1 is saved.',
      'user: hello',
      'assistant: You said "hello". That was message 1.',
      'user: note: milk',
      'assistant: Well: Note 1 is saved.',
      'Forgotten.',
      'Nothing was said yet.',
      'Nothing is asked for.',
      'Bye.',
    ])
  })

  it('takes no for an answer, refuses a message while it waits for one, and explains itself', async () => {
    const printed = await talk(['note: milk', 'hello?', '/what', '/reject not today'])
    expect(printed[0]).toBe(question)
    expect(printed[1]).toMatch(/CHAT_BUSY/)
    expect(printed[2]).toMatch(/There is no \/what/)
    expect(printed.at(-2)).toBe('Well: Tool permission was not granted: not today')
  })

  it('goes on in the next process with what was left, with a file', async () => {
    const file = join(folder, 'chat.db')
    expect(await talk(['note: milk'], [file])).toEqual([question, 'Bye.'])
    expect(await talk(['/approve', '/history'], [file])).toEqual([
      question,
      'Well: Note 1 is saved.',
      'user: note: milk',
      'assistant: Well: Note 1 is saved.',
      'Bye.',
    ])
  })

  it('talks to a server, and says what is wrong with it', async () => {
    const mock = new LLMock({ port: 0 })
    await mock.start()
    try {
      mock.onMessage('hello', { content: 'Hello from the server.' }, { chunkSize: 3 })
      const env = { OPENAI_API_KEY: 'sk-test-secret', OPENAI_BASE_URL: `${mock.url}/v1` }
      const printed = await talk(['hello', 'unknown'], [], env)
      expect(printed[0]).toBe('Hello from the server.')
      expect(printed[1]).toMatch(/MODEL_FAILED|RUN_FAILED/)
      expect(printed.join()).not.toContain('sk-test-secret')
    } finally {
      await mock.stop()
    }
  })
})
