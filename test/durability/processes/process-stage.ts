import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalStore } from '../../../src/durability/journal-store.js'
import { startPostgres } from '../postgres-server.js'
import { type BuiltProgram, buildProgram } from './built-program.js'
import { openStore, type Place } from './open-store.js'
import { type Effect, effectsOf, type RecordedRun, recordedRun } from './recorded-run.js'
import { WorkerProcess } from './worker-process.js'

/** Whether everything is to be tried, as `npm run test:sweep` does, or as much as there is time for in each test run. */
export const thorough = process.env['PROPERTY_RUNS'] !== undefined

/** One store, and the processes that use it. */
export class ProcessStage {
  readonly store: JournalStore
  readonly #place: Place
  readonly #program: BuiltProgram
  readonly #directory: string
  readonly #stopServer: () => Promise<void>
  readonly #started: WorkerProcess[] = []

  static async open(kind: Place['kind']): Promise<ProcessStage> {
    const directory = mkdtempSync(join(tmpdir(), 'advancer-processes-'))
    const program = await buildProgram('worker.ts')
    if (kind === 'sqlite') {
      return new ProcessStage({ kind, at: join(directory, 'runs.db') }, program, directory, async () => {})
    }
    const server = await startPostgres()
    return new ProcessStage({ kind, at: server.url }, program, directory, () => server.stop())
  }

  private constructor(place: Place, program: BuiltProgram, directory: string, stopServer: () => Promise<void>) {
    this.#place = place
    this.#program = program
    this.#directory = directory
    this.#stopServer = stopServer
    this.store = openStore(place)
  }

  process(): WorkerProcess {
    const started = new WorkerProcess(this.#program, this.#place, this.#directory)
    this.#started.push(started)
    return started
  }

  recorded(runId: string): Promise<RecordedRun> {
    return recordedRun(this.store, runId)
  }

  effects(runId: string): readonly Effect[] {
    return effectsOf(this.#directory, runId)
  }

  /** Ends every process that still is there, and removes everything. */
  async close(): Promise<void> {
    await Promise.all(this.#started.map(each => each.kill()))
    await this.store.close()
    await this.#stopServer()
    this.#program.remove()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
