import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { BuiltProgram } from './built-program.js'
import type { Place } from './open-store.js'
import type { Command, Report } from './worker-commands.js'

/** After so many milliseconds a process is not waited for any more. */
const longTime = 60_000

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

  constructor(program: BuiltProgram, { kind, at }: Place, effects: string) {
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
