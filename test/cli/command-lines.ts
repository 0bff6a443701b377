import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.js'
import type { Io, SignalName } from '../../src/cli/io.js'
// What commands load when they are called takes long, and is not to count as the time of the first test.
import '../../src/cli/looking/draw-definition.js'
import '../../src/cli/looking/verify-definition.js'
import '../../src/cli/runs/run-definition.js'
import '../../src/cli/serve/served.js'

/** Where the definitions of these tests are. */
export const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url))

/** A file of {@link fixtures}. */
export const fixture = (name: string): string => join(fixtures, name)

/** A directory that is gone after the test. */
export function emptyDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'advancer-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What is around a command line. */
export interface Around {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What comes on standard input. */
  readonly input?: string
  /** What a person at a terminal answers, in turn; without, there is no terminal. */
  readonly answers?: readonly string[]
  readonly columns?: number
}

/** A command line that has been, or is being, done. */
export interface Done {
  readonly code: number
  readonly out: string
  readonly err: string
  /** The lines of JSON on stdout. */
  readonly json: readonly any[] // any: each test knows what it asked for
  readonly questions: readonly string[]
}

/** A command line that goes on. */
export interface UnderWay {
  readonly done: Promise<Done>
  readonly signal: (signal: SignalName) => void
  /** What the process was ended with at once. */
  readonly exits: readonly number[]
  /** What was written so far. */
  readonly text: () => string
}

/** Begins a command line in this process. */
export function begin(args: readonly string[], around: Around = {}): UnderWay {
  const { cwd = fixtures, env = {}, input = '', answers, columns = 80 } = around
  const listeners = new Set<(signal: SignalName) => void>()
  const texts = { out: '', err: '' }
  const questions: string[] = []
  const exits: number[] = []
  const left = [...(answers ?? [])]
  const isTTY = answers !== undefined
  const stream = (name: 'out' | 'err') => ({ isTTY, columns, write: (text: string) => (texts[name] += text) })
  const io: Io = {
    stdout: stream('out'),
    stderr: stream('err'),
    stdin: Object.assign(
      (async function* () {
        yield input
      })(),
      { isTTY },
    ),
    env: { LANG: 'C.UTF-8', ...env },
    cwd,
    unread: new AbortController().signal,
    onSignal: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ask: (question, abort) => {
      questions.push(question.trim())
      const answer = left.shift()
      if (answer !== undefined) return Promise.resolve(answer)
      return new Promise(resolve => {
        if (abort.aborted) resolve(undefined)
        abort.addEventListener('abort', () => resolve(undefined))
      })
    },
    streams: { input: new PassThrough(), output: new PassThrough() },
    exitNow: code => exits.push(code),
  }
  const done = runCommandLine(args, io).then(code => {
    const { out, err } = texts
    const result = { code, out: stripVTControlCharacters(out), err: stripVTControlCharacters(err), questions }
    // Not among what is shown of it when a test fails: not all of what is written is JSON.
    return Object.defineProperty(result, 'json', {
      get: () =>
        out
          .trim()
          .split('\n')
          .map(line => JSON.parse(line) as unknown),
    }) as typeof result & Pick<Done, 'json'>
  })
  return {
    done,
    signal: name => {
      for (const listener of listeners) listener(name)
    },
    exits,
    text: () => stripVTControlCharacters(texts.out + texts.err),
  }
}

/** Does a command line in this process. */
export function cli(args: readonly string[], around: Around = {}): Promise<Done> {
  return begin(args, around).done
}

/** The options of a store of its own, and the directory that it is in. */
export function ownStore(): readonly string[] {
  return ['--store', `sqlite:${emptyDirectory()}`]
}
