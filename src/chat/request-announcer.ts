import type { OpenRequest, OrchestrationEvent } from '../core/index.js'

/** Reads from the events of a run what it begins to wait for from outside. */
export class RequestAnnouncer {
  /** The last state that said it waits: its approval comes with the next event. */
  #waiting: { readonly id: string; readonly until: number | undefined } | undefined

  read(event: OrchestrationEvent): OpenRequest | undefined {
    if (event.type === 'state.waiting') {
      const id = requestIdOf(event)
      const { kind, stateName, until } = event
      this.#waiting = { id, until }
      return kind === 'signal' ? { id, kind, stateName, input: undefined, message: '', until } : undefined
    }
    if (event.type !== 'approval.requested') return undefined
    const { requestId: id, stateName, message, subject: input } = event
    const until = this.#waiting?.id === id ? this.#waiting.until : undefined
    return { id, kind: 'approval', stateName, input, message, until }
  }
}

/** The token of a state, after those of the states around it. */
function requestIdOf({ runId, innerRunId, token }: OrchestrationEvent & { readonly token: string }): string {
  return innerRunId === undefined ? token : `${innerRunId.slice(runId.length + 1)}/${token}`
}
