import { ensureError, OrchestrationError } from '../../errors/index.js'
import { PayloadError, schemaOf } from '../../schema/index.js'
import { type ApprovalOutcome, type ApprovalRunnable, Approved, type Decision, Expired, Rejected } from '../approval.js'
import type { TimerHandle } from '../clock.js'
import type { DelayRunnable } from '../delay.js'
import type { OpenRequest } from '../open-request.js'
import type { GivenAnswer, RequestAnswer } from '../run-ledger.js'
import type { SignalRunnable } from '../signal.js'
import { isPromiseLike, whenReady } from '../when-ready.js'
import type { RunHost } from './run-host.js'
import { type Branch, type BranchWait, type Question, questionId, tokenOf } from './run-state.js'

interface Wait {
  readonly branch: Branch
  /** What the question is called, if a state at work asks it. */
  readonly question: string | undefined
  readonly request: OpenRequest | undefined
  readonly timer: TimerHandle
}

/** What a run waits for: opens waits with their timers, and turns answers into facts. */
export class Requests {
  readonly #host: RunHost
  readonly #waits = new Map<string, Wait>()

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
    this.#open(branch, { kind, message, until })
    this.#host.post({ type: 'waiting', branch: branch.id, step, kind, message, until })
  }

  /** Asks a person on behalf of a state at work. */
  ask(branch: Branch, name: string, { message, subject, until }: Question): void {
    this.#openQuestion(branch, name, { message, subject, until })
    this.#host.post({ type: 'asked', branch: branch.id, step: branch.step, name, message, subject, until })
  }

  /** Lets a branch wait once more as it did before the run was restored. */
  reopen(branch: Branch): void {
    for (const [name, question] of branch.asked ?? []) this.#openQuestion(branch, name, question)
    if (branch.wait !== undefined) this.#open(branch, branch.wait)
  }

  #open(branch: Branch, { kind, message = '', until }: BranchWait): void {
    const { node, input } = branch
    const isRequest = kind === 'approval' || kind === 'signal'
    const id = tokenOf(branch)
    const request = isRequest ? { id, kind, stateName: node.name, input, message, until } : undefined
    this.#waits.set(id, { branch, question: undefined, request, timer: this.#timer(id, branch.step, until) })
  }

  #openQuestion(branch: Branch, name: string, { message, subject: input, until }: Question): void {
    const id = questionId(branch, name)
    const request = { id, kind: 'approval', stateName: branch.node.name, input, message, until } as const
    this.#waits.set(id, { branch, question: name, request, timer: this.#timer(id, branch.step, until) })
  }

  #timer(id: string, step: number, until: number | undefined): TimerHandle {
    const { clock } = this.#host.options.rules
    return until === undefined
      ? undefined
      : clock.setTimeout(() => this.#timeUp(id, step), Math.max(0, until - clock.now()))
  }

  /** The branch no longer waits for anything. */
  end(branch: Branch): void {
    for (const [id, wait] of this.#waits) if (wait.branch === branch) this.#remove(id, wait)
  }

  /** Ends every wait. */
  clear(): void {
    for (const [id, wait] of this.#waits) this.#remove(id, wait)
  }

  #remove(id: string, { timer }: Wait): void {
    this.#host.options.rules.clock.clearTimeout(timer)
    this.#waits.delete(id)
  }

  /** Answers an approval; of a run that has a ledger, the promise says whether this answer is the one that counts. */
  decide(id: string, approved: boolean, decision: Decision): Promise<void> | void {
    this.#waitFor(id)
    return this.#give(id, { kind: 'decision', approved, decision })
  }

  /** Hands a payload to a signal; it is validated before it is accepted. */
  send(id: string, payload: unknown): PromiseLike<void> | void {
    const { branch } = this.#waitFor(id)
    return whenReady(checkSignal(branch, payload), value => this.#give(id, { kind: 'signal', payload: value }))
  }

  /** An answer counts, wherever it was given. False if the request is not open any more. */
  accept(id: string, answer: RequestAnswer): boolean {
    const wait = this.#waits.get(id)
    if (wait?.request === undefined) return false
    const { branch, question } = wait
    this.#remove(id, wait)
    // What a branch waits with can be edited while it waits.
    const input = question === undefined ? branch.input : wait.request.input
    if (answer.kind === 'unreadable') this.#fail(branch, answer.error)
    else if (answer.kind !== 'expired' && (answer.kind === 'signal') !== (wait.request.kind === 'signal')) {
      this.#fail(branch, wrongAnswer(branch, answer.kind, wait.request))
    } else if (answer.kind === 'signal') this.#receive(branch, answer.payload)
    else if (wait.request.kind === 'signal') this.#fail(branch, signalExpired(branch))
    else {
      const { kind } = answer
      if (kind === 'expired') this.#answered(branch, question, new Expired(input))
      else {
        const { approved, decision } = answer
        const outcome = approved ? new Approved(input, decision) : new Rejected(input, decision)
        this.#answered(branch, question, outcome)
      }
    }
    return true
  }

  /** Without a ledger an answer counts at once; with one, several may be given at the same time, in different processes. */
  #give(id: string, answer: GivenAnswer): Promise<void> | void {
    const { ledger } = this.#host.options
    if (ledger === undefined) {
      if (!this.accept(id, answer)) throw unknownRequest(id, this.open)
      return
    }
    return ledger.answer(id, answer).then(counts => {
      if (!counts) throw unknownRequest(id, this.open)
    })
  }

  #waitFor(id: string): { readonly branch: Branch; readonly request: OpenRequest } {
    const wait = this.#waits.get(id)
    if (wait?.request === undefined) throw unknownRequest(id, this.open)
    return { branch: wait.branch, request: wait.request }
  }

  #timeUp(id: string, step: number): void {
    const wait = this.#waits.get(id)
    if (wait === undefined) return
    const { branch, request } = wait
    if (request === undefined) {
      this.#waits.delete(id)
      this.#host.post({ type: 'answered', branch: branch.id, step, output: branch.input, approval: undefined })
      return
    }
    const given = ((): Promise<unknown> | boolean => {
      const { ledger } = this.#host.options
      return ledger === undefined ? this.accept(id, { kind: 'expired' }) : ledger.answer(id, { kind: 'expired' })
    })()
    // Somebody may have answered in the last moment; then that answer arrives.
    if (isPromiseLike(given)) given.then(undefined, thrown => this.#host.halt(ensureError(thrown)))
  }

  /** What was sent from another process has been validated there, by a definition that may have been another one. */
  #receive(branch: Branch, payload: unknown): void {
    const { id, step } = branch
    const accept = (output: unknown): void =>
      this.#host.post({ type: 'answered', branch: id, step, output, approval: undefined })
    if (this.#host.options.ledger === undefined) return accept(payload)
    try {
      const checked = whenReady(checkSignal(branch, payload), accept)
      if (isPromiseLike(checked)) checked.then(undefined, thrown => this.#fail(branch, thrown))
    } catch (thrown) {
      this.#fail(branch, thrown)
    }
  }

  #fail({ id, step }: Branch, thrown: unknown): void {
    this.#host.post({ type: 'failed', branch: id, step, error: ensureError(thrown) })
  }

  #answered({ id, step }: Branch, question: string | undefined, approval: ApprovalOutcome<unknown>): void {
    if (question === undefined) this.#host.post({ type: 'answered', branch: id, step, output: approval, approval })
    else this.#host.post({ type: 'replied', branch: id, step, name: question, approval })
  }
}

/** The payload of a signal, validated. */
function checkSignal({ node, runnable }: Branch, payload: unknown): unknown {
  const { signalType } = (runnable ?? node.runnable) as unknown as SignalRunnable<never, unknown>
  const schema = signalType === undefined ? node.output : schemaOf(signalType)
  if (schema === undefined) return payload
  const locate = (thrown: unknown): never => {
    throw thrown instanceof PayloadError ? thrown.at({ state: node.name, direction: 'signal' }) : thrown
  }
  try {
    const value = schema.check(payload)
    return isPromiseLike(value) ? value.then(undefined, locate) : value
  } catch (thrown) {
    return locate(thrown)
  }
}

function signalExpired(branch: Branch): OrchestrationError {
  const { name: stateName } = branch.node
  return new OrchestrationError(`Nobody sent the signal that state "${stateName}" was waiting for in time.`, {
    code: 'SIGNAL_EXPIRED',
    details: { stateName, token: tokenOf(branch) },
  })
}

/** What a run's own handle sends is of the right kind; what stands in a store may have come from anybody. */
function wrongAnswer({ node }: Branch, given: string, { id, kind }: OpenRequest): OrchestrationError {
  return new OrchestrationError(
    `Request "${id}" of state "${node.name}" is for ${kind === 'signal' ? 'a signal' : 'a decision'}, and was answered with a ${given}.`,
    { code: 'PAYLOAD_INVALID', details: { stateName: node.name, request: id } },
  )
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
