import type { OrchestrationEvent } from '../core/index.js'
import { runOf } from './event-run.js'

interface OpenRun<T> {
  readonly value: T
  readonly inside: Set<string>
}

/** What an observer keeps of the runs that are under way. A run takes those inside it along when it ends. */
export class OpenRuns<T> {
  readonly #runs = new Map<string, OpenRun<T>>()

  get size(): number {
    return this.#runs.size
  }

  /** What is kept of the run that an event comes from, `undefined` if it began before anybody observed it. */
  of(event: OrchestrationEvent): T | undefined {
    return this.get(runOf(event))
  }

  get(runId: string): T | undefined {
    return this.#runs.get(runId)?.value
  }

  open(event: OrchestrationEvent, value: T): void {
    const runId = runOf(event)
    this.#runs.set(runId, { value, inside: new Set() })
    if (event.innerRunId !== undefined) this.#runs.get(outerRunOf(runId))?.inside.add(runId)
  }

  /** Drops everything; returns what was kept, in no particular order. */
  closeAll(): readonly T[] {
    const all = [...this.#runs.values()].map(run => run.value)
    this.#runs.clear()
    return all
  }

  /** Drops the run that an event comes from, and those inside it; returns what was kept of them, the innermost first. */
  close(event: OrchestrationEvent): readonly T[] {
    const runId = runOf(event)
    if (event.innerRunId !== undefined) this.#runs.get(outerRunOf(runId))?.inside.delete(runId)
    return this.#take(runId)
  }

  #take(runId: string): T[] {
    const run = this.#runs.get(runId)
    if (run === undefined) return []
    this.#runs.delete(runId)
    return [...[...run.inside].flatMap(inner => this.#take(inner)), run.value]
  }
}

function outerRunOf(innerRunId: string): string {
  return innerRunId.slice(0, innerRunId.lastIndexOf('/'))
}
