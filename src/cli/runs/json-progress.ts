import type { OrchestrationEvent } from '../../core/index.js'
import type { Terminal } from '../terminal/terminal.js'
import type { RunProgress } from './run-progress.js'
import { wireEvent } from './wire-event.js'

/** Writes every event as a line of JSON, for programs. */
export class JsonProgress implements RunProgress {
  readonly #terminal: Terminal

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  event(event: OrchestrationEvent): void {
    this.#terminal.jsonLine(wireEvent(event))
  }

  during<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }

  end(): void {}
}
