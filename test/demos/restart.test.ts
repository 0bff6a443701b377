import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { DemoServer, textOf } from './demo-server.js'

const server = new DemoServer()
const program = fileURLToPath(new URL('restart-process.ts', import.meta.url))
const children: BankProcess[] = []
const folders: string[] = []

afterEach(async () => {
  await Promise.all(children.splice(0).map(each => each.kill()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

type Report = Readonly<Record<string, unknown>>

/** A process, and all that it has said. */
class BankProcess {
  readonly said: Report[] = []
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #exit: Promise<unknown>
  #wake = (): void => {}

  constructor(path: string) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', program, path, server.baseURL], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    children.push(this)
    this.#exit = once(this.#child, 'exit')
    this.#child.stdin.on('error', () => undefined)
    createInterface(this.#child.stdout).on('line', line => {
      this.said.push(JSON.parse(line) as Report)
      this.#wake()
    })
  }

  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** What it says under this key, now or later. */
  async says(key: string): Promise<unknown> {
    for (;;) {
      const found = this.said.find(each => key in each)
      if (found !== undefined) return found[key]
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  all(key: string): readonly unknown[] {
    return this.said.flatMap(each => (key in each ? [each[key]] : []))
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }
}

it.each([
  ['resumed, then answered', true],
  ['answered, then resumed', false],
])(
  'S4-28 a chat that is killed while it asks for permission goes on in another process, %s: nothing is done twice',
  async (_, asksAgain) => {
    const folder = mkdtempSync(join(tmpdir(), 'advancer-restart-'))
    folders.push(folder)
    const path = join(folder, 'bank.sqlite')
    server.answers(
      'You are Teller.',
      'Good day.',
      { calls: [['balance']] },
      { calls: [['transfer', { to: 'Ann', amount: 20 }]] },
      ({ messages }) => `Done: ${messages.slice(-5).map(textOf).filter(Boolean).join(', ')}`,
    )
    const first = new BankProcess(path)
    first.tell('invoke: Hello')
    expect(await first.says('reply')).toBe('Good day.')
    first.tell('invoke: Send 20 to Ann')
    expect(await first.says('asked')).toEqual({
      agent: 'Teller',
      tool: 'transfer',
      arguments: { to: 'Ann', amount: 20 },
    })
    expect(first.all('did')).toEqual(['balance'])
    expect(server.requests).toHaveLength(3)
    await first.kill()

    const second = new BankProcess(path)
    if (asksAgain) {
      second.tell('resume')
      expect(await second.says('asked')).toMatchObject({ tool: 'transfer', arguments: { to: 'Ann', amount: 20 } })
      expect(server.requests).toHaveLength(3)
      second.tell('approve')
    } else {
      // In one piece, so that it is resumed while it is still at work.
      second.tell('approve\nresume')
    }
    expect(await second.says('reply')).toBe('Done: Send 20 to Ann, 100, 20 sent to Ann')
    expect(second.all('did')).toEqual(['transfer'])
    expect(second.all('asked').length).toBe(asksAgain ? 1 : 0)
    expect(server.requests).toHaveLength(4)

    // The usage of an answer is told once, by the process that has got it.
    expect([first.all('used').length, second.all('used').length]).toEqual([3, 1])

    await second.kill()
    const third = new BankProcess(path)
    third.tell('resume')
    expect(await third.says('reply')).toBe(null)
    third.tell('history')
    expect(await third.says('history')).toEqual([
      'user: Hello',
      'assistant: Good day.',
      'user: Send 20 to Ann',
      'assistant: Done: Send 20 to Ann, 100, 20 sent to Ann',
    ])
    expect(third.all('did')).toEqual([])
    expect(server.requests).toHaveLength(4)
  },
)
