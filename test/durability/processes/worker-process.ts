import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { Place } from './open-store.js'
import type { Command, Report } from './worker-commands.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The worker's program in one file, so that a process of it starts in a tenth of the time; made by {@link buildWorker}. */
export interface WorkerProgram {
  readonly path: string
  remove(): void
}

/** Makes one file of `worker.ts` and of what it imports, but for packages that load native code or must not be there twice. */
export async function buildWorker(): Promise<WorkerProgram> {
  // Only from in here does it find the packages that are left out.
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const directory = mkdtempSync(join(cache, 'advancer-worker-'))
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['class-transformer', 'libsql', 'pg'] },
    build: {
      ssr: join(root, 'test/durability/processes/worker.ts'),
      outDir: directory,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: 'worker.mjs', chunkFileNames: '[name].mjs' } },
    },
  })
  cpSync(join(root, 'src/durability/postgres/migrations'), join(directory, 'migrations'), { recursive: true })
  return {
    path: join(directory, 'worker.mjs'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** After so many milliseconds a process is not waited for any more. */
const longTime = 20_000

type ReportIs<K extends Report['is']> = Extract<Report, { is: K }>

/** A worker process, and what it has said that nobody has asked for yet. */
export class WorkerProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** Its exit code and the signal that ended it. */
  readonly exit: Promise<readonly [code: number | null, signal: string | null]>
  #unheard: Report[] = []
  #gone = false
  #wake = (): void => {}
  #changed = this.#nextChange()

  constructor(program: WorkerProgram, { kind, at }: Place, effects: string) {
    this.child = spawn(process.execPath, [program.path, kind, at, effects], { stdio: ['pipe', 'pipe', 'inherit'] })
    // It may be gone before it has heard everything.
    this.child.stdin.on('error', () => undefined)
    this.exit = once(this.child, 'exit') as Promise<[number | null, string | null]>
    const lines = createInterface(this.child.stdout)
    lines.on('line', line => {
      this.#unheard.push(JSON.parse(line) as Report)
      this.#tell()
    })
    lines.on('close', () => {
      this.#gone = true
      this.#tell()
    })
  }

  tell(...commands: readonly Command[]): void {
    for (const command of commands) this.child.stdin.write(`${JSON.stringify(command)}\n`)
  }

  /**
   * The first thing of one of these kinds that it says of a run, now or later; `undefined` if it is gone without having said any.
   * Throws if it says nothing for a long time.
   */
  async says<K extends Report['is']>(runId: string, ...kinds: readonly K[]): Promise<ReportIs<K> | undefined> {
    const silence = AbortSignal.timeout(longTime)
    const silent = once(silence, 'abort')
    while (true) {
      const changed = this.#changed
      const index = this.#unheard.findIndex(each => each.runId === runId && kinds.includes(each.is as K))
      if (index >= 0) return this.#unheard.splice(index, 1)[0] as ReportIs<K>
      if (this.#gone) return undefined
      if (silence.aborted) {
        throw new Error(`Nobody said that ${runId} is ${kinds.join(' or ')}, but: ${JSON.stringify(this.#unheard)}`)
      }
      await Promise.race([changed, silent])
    }
  }

  /** Lets it end by itself. */
  async end(): Promise<void> {
    this.child.stdin.end()
    const [code, signal] = await this.exit
    if (code !== 0) throw new Error(`The worker ended with ${code ?? signal}.`)
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.exit
  }

  #nextChange(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  #tell(): void {
    const wake = this.#wake
    this.#changed = this.#nextChange()
    wake()
  }
}
