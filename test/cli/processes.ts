import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { fixtures } from './command-lines.js'

/** The directory of this package. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What makes a Node that is started with `--import` take the sources. */
export const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/esm/index.mjs')).href

/** A command that runs in a process of its own, from the sources. */
export interface Spawned {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** What it ends with; the name of a signal if that has ended it. */
  readonly ended: Promise<number | string>
}

/** Starts the command in a process of its own, which is ended with the test. */
export function spawned(
  args: readonly string[],
  { cwd = fixtures, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Spawned {
  const child = spawn(process.execPath, ['--import', tsx, join(root, 'src/cli/main.ts'), ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()))
  const ended = new Promise<number | string>(resolve => {
    child.once('close', (code, signal) => resolve(code ?? (signal as string)))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, out: () => texts.out, err: () => texts.err, ended }
}
