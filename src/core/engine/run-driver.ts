import type { ApprovalQuestion, Decision } from '../approval.js'
import type { OrchestrationGraph } from '../graph.js'
import type { OpenRequest } from '../open-request.js'
import type { ResolvedRunOptions } from '../orchestration-options.js'
import type { RecordedUsage } from '../recorded-usage.js'
import { OrchestrationCancelledError, OrchestrationFailedError, type RunFailure } from '../run-errors.js'
import type { RequestAnswer } from '../run-ledger.js'
import { checkWaitTimeout } from '../signal.js'
import { directoryOf, type TargetDirectory } from '../target-directory.js'
import { whenReady } from '../when-ready.js'
import type { ChildRun } from './child-runs.js'
import type { EventHub } from './event-hub.js'
import type { Fact, HookFailure, StartedFact, StepEvent } from './fact.js'
import { joinScopesOf } from './join-scopes.js'
import { JoinTimers } from './join-timers.js'
import { admit, release } from './run-boundary.js'
import type { RunHost } from './run-host.js'
import { RunLimits } from './run-limits.js'
import { createRunState, type RunState } from './run-state.js'
import { StateWork } from './state-work.js'
import type { Command, Question } from './step-output.js'
import { tellOfEnd, tellOfResumption } from './told-interceptors.js'
import { Turns, type TurnTaker } from './turns.js'

/**
 * Drives one run: takes {@link Turns}, performs the commands that follow from them, and posts their outcomes as facts. What is
 * asked of the run from outside (pause, cancel, answers) becomes facts as well.
 */
export class RunDriver implements RunHost, ChildRun, TurnTaker {
  readonly state: RunState
  readonly directory: TargetDirectory
  readonly options: ResolvedRunOptions
  readonly hub: EventHub
  readonly result: Promise<unknown>

  readonly #work: StateWork
  // Most runs need neither, and thousands may wait at once.
  #limits: RunLimits | undefined
  #joinTimers: JoinTimers | undefined
  readonly #turns = new Turns(this)
  #settled = false
  #pauseAsked = false
  #resolve!: (output: unknown) => void
  #reject!: (error: Error) => void
  #whenPaused: (() => void)[] | undefined
  #whenTakenUp: (() => void) | undefined
  /** Resolves when a restored run has begun to go on; `undefined` from then on, and for a run that is new. */
  takenUp: Promise<void> | undefined

  constructor(graph: OrchestrationGraph, options: ResolvedRunOptions, hub: EventHub) {
    this.options = options
    this.hub = hub
    this.directory = directoryOf(graph)
    const { rules, runId, properties, ledger } = options
    this.state = ledger?.restored?.state ?? createRunState(graph, runId, rules, joinScopesOf(graph), properties)
    ledger?.attach({
      state: this.state,
      timeoutMs: rules.timeoutMs,
      accept: (requestId, answer) => this.#accept(requestId, answer),
    })
    if (ledger?.restored !== undefined && this.state.phase !== 'ended') {
      this.takenUp = new Promise(resolve => (this.#whenTakenUp = resolve))
    }
    this.#work = new StateWork(this)
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Whether the run, although all its states went well, has failed in the end: its result was not what was declared. */
  get failed(): boolean {
    return this.state.outcome?.failure !== undefined
  }

  /** Whether the run has stopped without an end, because its recorder failed. */
  get halted(): boolean {
    return this.#turns.stopped
  }

  /** Whether the run has ended and that has been recorded. */
  get hasEnded(): boolean {
    return this.state.phase === 'ended' && !this.#turns.unrecorded
  }

  /** What its states have used up; kept only of a run that is recorded. */
  get usage(): readonly RecordedUsage[] | undefined {
    return this.state.usage
  }

  /** What the run and the runs inside it wait for from outside. */
  get openRequests(): readonly OpenRequest[] {
    const { restored } = this.options.ledger ?? {}
    if (this.takenUp !== undefined && restored !== undefined) return restored.openRequests
    return [...this.#work.requests.open, ...this.#work.children.openRequests]
  }

  /** Answers an approval of this run or of one inside it. @throws REQUEST_UNKNOWN */
  decide(id: string, approved: boolean, decision: Decision): Promise<void> | void {
    if (this.takenUp !== undefined) return this.takenUp.then(() => this.decide(id, approved, decision))
    const holder = this.#work.children.holderOf(id)
    return holder === undefined
      ? this.#work.requests.decide(id, approved, decision)
      : holder.run.decide(holder.localId, approved, decision)
  }

  /** Sends a payload to a signal of this run or of one inside it. @throws REQUEST_UNKNOWN, PAYLOAD_INVALID */
  async send(id: string, payload: unknown): Promise<void> {
    if (this.takenUp !== undefined) await this.takenUp
    const holder = this.#work.children.holderOf(id)
    if (holder === undefined) await this.#work.requests.send(id, payload)
    else await holder.run.send(holder.localId, payload)
  }

  stateNameOf(ref: unknown, namedBy: string): string {
    try {
      return this.directory.resolve(ref, namedBy).node.name
    } catch (unknown) {
      const name = this.#work.children.stateNameOf(ref, namedBy)
      if (name === undefined) throw unknown
      return name
    }
  }

  signalOf(branch: string, stepNumber: number): AbortSignal {
    return this.#work.signals.signalOf(branch, stepNumber)
  }

  /** Begins the run, on the next turn, so that whoever has just got the run can subscribe first. */
  begin(input: unknown): void {
    this.#tellTakenUp()
    this.#watch(this.options.rules.timeoutMs)
    const start = (): void =>
      admit(
        this.state.graph,
        input,
        admission => this.#start({ type: 'started', ...admission }),
        failure => this.#abandon(failure),
      )
    queueMicrotask(start)
  }

  /** Goes on with a run that was restored, on the next turn; of one that has ended it hands out the outcome. */
  takeUp(): void {
    if (this.state.phase === 'ended') {
      queueMicrotask(() => this.#settle())
      return
    }
    tellOfResumption(this.state, this.options)
    const { timeoutMs, clock } = this.options.rules
    this.#watch(timeoutMs === undefined ? undefined : Math.max(0, this.state.startedAt + timeoutMs - clock.now()))
    queueMicrotask(() => {
      this.post({ type: 'resume', takenUp: true })
      // Asked for before the run went on: it stops as soon as what was at work has been done.
      if (this.#pauseAsked) this.post({ type: 'pause' })
    })
  }

  /** A run that is to be paused before it has begun is paused with its beginning: its journal has to have its input. */
  #start(fact: StartedFact): void {
    if (this.#pauseAsked) this.#turns.enqueue({ type: 'pause' })
    this.post(fact)
  }

  #watch(msLeft: number | undefined): void {
    if (msLeft === undefined && this.options.signal === undefined) return
    this.#limits = new RunLimits(this.options)
    const abandon = (error: Error): void => this.#abandon({ error })
    const reason = this.#limits.watch(this.state, msLeft, abandon, given => this.cancel(given))
    if (reason !== undefined) queueMicrotask(() => this.cancel(reason))
  }

  cancel(reason: string): void {
    this.post({ type: 'cancel', reason })
  }

  /** Stops starting states. Resolves when those at work, nested runs included, are done, or the run has ended. */
  async pause(): Promise<void> {
    const { phase } = this.state
    if (this.halted || phase === 'ending' || phase === 'ended') return
    this.#pauseAsked = true
    const children = this.#work.children.pauseAll()
    const paused = new Promise<void>(resolve => (this.#whenPaused ??= []).push(resolve))
    // One that is just being taken up is paused when it has been.
    if (phase !== 'created' && this.takenUp === undefined) this.post({ type: 'pause' })
    await Promise.all([paused, children])
    // A state that was about to start when this was asked for may have been a run itself.
    await this.#work.children.pauseAll()
  }

  resume(): void {
    this.#pauseAsked = false
    // A pause that was still waiting for states to finish is off.
    this.#tellPaused()
    const { phase } = this.state
    if (phase === 'created') return
    this.post({ type: 'resume' })
    this.#work.children.resumeAll()
  }

  emit(step: StepEvent): void {
    if (this.options.recorder !== undefined) {
      const fact = { type: 'emitted', event: step } as const
      // What cannot be stored is the caller's fault, and not the state's.
      this.options.ledger?.prepare(fact)
      this.post(fact)
      return
    }
    this.#turns.tell(step)
  }

  once(branch: string, stepNumber: number, name: string, work: () => unknown): Promise<unknown> {
    return this.#work.kept.once(branch, stepNumber, name, work)
  }

  ask(branch: string, stepNumber: number, name: string, question: ApprovalQuestion<unknown>): Promise<unknown> {
    const { message, subject, timeoutMs } = question
    checkWaitTimeout(timeoutMs)
    return this.#work.kept.ask(branch, stepNumber, name, at => {
      // A run that was restored has asked already.
      if (at.asked?.has(name) === true) return
      const until = timeoutMs === undefined ? undefined : this.options.rules.clock.now() + timeoutMs
      this.#work.requests.ask(at, name, { message, subject, until })
    })
  }

  #accept(requestId: string, answer: RequestAnswer): boolean {
    return !this.halted && this.#work.requests.accept(requestId, answer)
  }

  post(fact: Fact): void {
    this.#turns.post(fact)
  }

  askAdvancers(question: Question): void {
    const { branch } = question
    if (question.type === 'route') this.#work.route(branch, question.output)
    else this.#work.recover(branch, question.error)
  }

  turned(): void {
    if (this.#whenTakenUp !== undefined) this.#tellTakenUp()
    const { phase } = this.state
    if (this.#whenPaused !== undefined && (phase === 'paused' || phase === 'ending' || phase === 'ended')) {
      this.#tellPaused()
    }
  }

  perform(command: Command): void {
    switch (command.type) {
      case 'start':
        return this.#work.start(command.branch, this.#pauseAsked)
      case 'reopen':
        return this.#work.reopen(command.branch, this.#pauseAsked)
      case 'kept':
        return this.#work.kept.recorded(command)
      case 'abort':
        return this.#work.abort(command.branch, command.reason)
      case 'start-join-timer':
        this.#joinTimers ??= new JoinTimers(this.options.rules.clock, barrier =>
          this.post({ type: 'join.timed-out', barrier }),
        )
        return this.#joinTimers.start(command.barrier, command.ms)
      case 'stop-join-timer':
        return this.#joinTimers?.stop(command.barrier)
      case 'finish':
        return this.#finish()
      case 'settle':
        return this.#settle()
    }
  }

  #tellTakenUp(): void {
    this.takenUp = undefined
    this.#whenTakenUp?.()
    this.#whenTakenUp = undefined
  }

  #tellPaused(): void {
    const waiting = this.#whenPaused ?? []
    this.#whenPaused = undefined
    for (const resolve of waiting) resolve()
  }

  #abandon(failure: RunFailure): void {
    this.post({ type: 'abandon', failure })
  }

  /** Winds the run up: hooks, then the last check of the result. */
  #finish(): void {
    this.#limits?.stop()
    void whenReady(this.#work.close(), hookFailures => {
      this.#warnOf(hookFailures)
      release(this.state, (output, failure) => this.post({ type: 'ended', output, failure, hookFailures }))
    })
  }

  /** Hands out the outcome. */
  #settle(): void {
    this.#settled = true
    this.hub.close()
    this.options.ledger?.close()
    tellOfEnd(this.state, this.options)
    const { ending, outcome, runId, graph } = this.state
    if (ending?.status === 'cancelled') this.#reject(new OrchestrationCancelledError(graph.name, runId, ending.reason))
    else if (ending?.status === 'failed') this.#reject(new OrchestrationFailedError(graph.name, runId, ending.failures))
    else if (outcome?.failure !== undefined) {
      this.#reject(new OrchestrationFailedError(graph.name, runId, [outcome.failure]))
    } else this.#resolve(outcome?.output)
  }

  /** Nothing may follow from what could not be recorded, or from an engine that broke: the run stops where it is. */
  halt(error: Error): void {
    if (this.halted || this.#settled) return
    this.#turns.stop()
    this.#limits?.stop()
    this.#joinTimers?.stopAll()
    const closed = this.#work.close(error)
    this.hub.close()
    this.options.ledger?.close()
    tellOfEnd(this.state, this.options)
    void whenReady(closed, hookFailures => {
      this.#warnOf(hookFailures)
      this.#reject(error)
      this.#tellTakenUp()
      this.#tellPaused()
    })
  }

  #warnOf(failures: readonly HookFailure[]): void {
    for (const { stateName, error } of failures) {
      this.options.rules.logger.warn(`cleanup() of state "${stateName}" threw; the outcome of the run stands`, error)
    }
  }
}
