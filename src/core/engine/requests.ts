import { OrchestrationError } from '../../errors/index.js'
import { PayloadError, schemaOf } from '../../schema/index.js'
import { type ApprovalOutcome, type ApprovalRunnable, Approved, type Decision, Expired, Rejected } from '../approval.js'
import type { TimerHandle } from '../clock.js'
import type { DelayRunnable } from '../delay.js'
import type { OpenRequest } from '../open-request.js'
import type { SignalRunnable } from '../signal.js'
import { whenReady } from '../when-ready.js'
import type { RunHost } from './run-host.js'
import { type Branch, tokenOf } from './run-state.js'

interface Wait {
  readonly request: OpenRequest | undefined
  readonly timer: TimerHandle
}

/** What a run waits for: opens waits with their timers, and turns answers into facts. */
export class Requests {
  readonly #host: RunHost
  readonly #waits = new Map<Branch, Wait>()

  constructor(host: RunHost) {
    this.#host = host
  }

  /** The open approvals and signals, oldest first. */
  get open(): readonly OpenRequest[] {
    return [...this.#waits.values()].flatMap(wait => wait.request ?? [])
  }

  /** Lets a branch wait at its approval, signal or delay. */
  begin(branch: Branch, input: unknown): void {
    const { clock } = this.#host.options.rules
    const { node, step } = branch
    const runnable = branch.runnable ?? node.runnable
    const kind = node.kind as 'approval' | 'signal' | 'delay'
    const now = clock.now()
    let until: number | undefined
    let message = ''
    if (kind === 'delay') until = (runnable as unknown as DelayRunnable<unknown>).dueAt(input, now)
    else {
      const { timeoutMs } = runnable as unknown as ApprovalRunnable<unknown> | SignalRunnable<never, unknown>
      if (timeoutMs !== undefined) until = now + timeoutMs
    }
    if (kind === 'approval') {
      message = (runnable as unknown as ApprovalRunnable<unknown>).messageFor(input, node.name)
    }
    const timer =
      until === undefined
        ? undefined
        : clock.setTimeout(() => this.#timeUp(branch, step, input), Math.max(0, until - now))
    const request: OpenRequest | undefined =
      kind === 'delay' ? undefined : { id: tokenOf(branch), kind, stateName: node.name, input, message, until }
    this.#waits.set(branch, { request, timer })
    this.#host.post({ type: 'waiting', branch: branch.id, step, kind, message, until })
  }

  /** The branch no longer waits. */
  end(branch: Branch): void {
    const wait = this.#waits.get(branch)
    if (wait === undefined) return
    this.#host.options.rules.clock.clearTimeout(wait.timer)
    this.#waits.delete(branch)
  }

  /** Ends every wait. */
  clear(): void {
    for (const branch of [...this.#waits.keys()]) this.end(branch)
  }

  /** Answers an approval. */
  decide(id: string, approved: boolean, decision: Decision): void {
    const { branch, request } = this.#waitFor(id)
    const outcome = approved ? new Approved(request.input, decision) : new Rejected(request.input, decision)
    this.#answer(branch, outcome)
  }

  /** Hands a payload to a signal; it is validated before it is accepted. */
  send(id: string, payload: unknown): Promise<void> | void {
    const { branch } = this.#waitFor(id)
    const { node, step } = branch
    const { signalType } = (branch.runnable ?? node.runnable) as unknown as SignalRunnable<never, unknown>
    const schema = signalType === undefined ? node.output : schemaOf(signalType)
    const accept = (output: unknown): void => {
      const wait = this.#waits.get(branch)
      if (wait?.request?.id !== id) throw unknownRequest(id, this.open)
      this.end(branch)
      this.#host.post({ type: 'answered', branch: branch.id, step, output, approval: undefined })
    }
    const locate = (thrown: unknown): never => {
      throw thrown instanceof PayloadError ? thrown.at({ state: node.name, direction: 'signal' }) : thrown
    }
    if (schema === undefined) return accept(payload)
    let value: unknown
    try {
      value = schema.check(payload)
    } catch (thrown) {
      return locate(thrown)
    }
    const accepted = whenReady(value, accept)
    if (accepted !== undefined) return Promise.resolve(accepted).then(undefined, locate)
  }

  #waitFor(id: string): { readonly branch: Branch; readonly request: OpenRequest } {
    for (const [branch, { request }] of this.#waits) if (request?.id === id) return { branch, request }
    throw unknownRequest(id, this.open)
  }

  #timeUp(branch: Branch, step: number, input: unknown): void {
    const { node } = branch
    this.#waits.delete(branch)
    if (node.kind === 'approval') this.#answer(branch, new Expired(input))
    else if (node.kind === 'delay') {
      this.#host.post({ type: 'answered', branch: branch.id, step, output: input, approval: undefined })
    } else {
      const error = new OrchestrationError(
        `Nobody sent the signal that state "${node.name}" was waiting for in time.`,
        {
          code: 'SIGNAL_EXPIRED',
          details: { stateName: node.name, token: tokenOf(branch) },
        },
      )
      this.#host.post({ type: 'failed', branch: branch.id, step, error })
    }
  }

  #answer(branch: Branch, approval: ApprovalOutcome<unknown>): void {
    this.end(branch)
    this.#host.post({ type: 'answered', branch: branch.id, step: branch.step, output: approval, approval })
  }
}

/** No open request is called so. */
export function unknownRequest(name: string, open: readonly OpenRequest[]): OrchestrationError {
  const list = open.map(request => `${request.id} (${request.kind} of "${request.stateName}")`).join(', ')
  return new OrchestrationError(
    `No request "${name}" is open: it was never made, has been answered, or its time was up. ` +
      `Open now: ${list === '' ? 'none' : list}.`,
    { code: 'REQUEST_UNKNOWN', details: { request: name, open: open.map(request => request.id) } },
  )
}
