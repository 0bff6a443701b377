import type { JournalStore } from './journal-store.js'

const collection = 'session-pauses'

interface PauseRequest {
  readonly runId: string
  /** Set by the process that drives the run. */
  readonly accepted?: true
}

/** How a session is paused whose run is driven by another process: by a note in the store that it looks for. */
export class PauseRequests {
  readonly #store: JournalStore
  readonly #pollMs: number

  constructor(store: JournalStore, pollMs: number) {
    this.#store = store
    this.#pollMs = pollMs
  }

  /** Calls `pause` when somebody asks for it, until the function that is returned is called. Does not keep the process alive. */
  watch(sessionId: string, runId: string, pause: () => Promise<void>): () => void {
    let looking = false
    const look = async (): Promise<void> => {
      if (looking) return
      looking = true
      try {
        const request = await this.#read(sessionId)
        if (request?.runId === runId && request.accepted !== true) {
          await this.#write(sessionId, { runId, accepted: true })
          await pause()
        }
      } catch {
        // Whoever asks is told if nobody reacts; a later look may succeed.
      } finally {
        looking = false
      }
    }
    const timer = setInterval(() => void look(), this.#pollMs).unref()
    return () => clearInterval(timer)
  }

  /**
   * Asks the process that drives a run to pause it. False if the run ended first, if nobody drives it, or if whoever does has not
   * reacted within `timeoutMs`.
   */
  async ask(sessionId: string, runId: string, timeoutMs: number): Promise<boolean> {
    await this.#write(sessionId, { runId })
    const deadline = Date.now() + timeoutMs
    try {
      for (;;) {
        const hasDriver = await isDriven(this.#store, runId)
        const status = (await this.#store.get(runId))?.status
        if (status !== 'running' || !hasDriver) return status === 'paused'
        if (Date.now() >= deadline && (await this.#read(sessionId))?.accepted !== true) return false
        await new Promise(resolve => setTimeout(resolve, this.#pollMs))
      }
    } finally {
      await this.clear(sessionId)
    }
  }

  /** Nobody asks any more. */
  async clear(sessionId: string): Promise<void> {
    await this.#store.write([{ collection, id: sessionId, data: undefined }])
  }

  async #read(sessionId: string): Promise<PauseRequest | undefined> {
    const found = await this.#store.document(collection, sessionId)
    return found && (JSON.parse(found.data) as PauseRequest)
  }

  async #write(sessionId: string, request: PauseRequest): Promise<void> {
    await this.#store.write([{ collection, id: sessionId, data: JSON.stringify(request) }])
  }
}

/** Whether somebody drives a run at the moment. */
export async function isDriven(store: JournalStore, runId: string): Promise<boolean> {
  const status = (await store.get(runId))?.status
  if (status !== 'running') return false
  if (!(await store.claim(runId))) return true
  await store.release(runId)
  return false
}
