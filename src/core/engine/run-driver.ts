import { ensureError, OrchestrationError } from '../../errors/index.js'
import { PayloadError, type Schema } from '../../schema/index.js'
import type { Decision } from '../approval.js'
import type { TimerHandle } from '../clock.js'
import type { OrchestrationEvent } from '../events.js'
import type { GraphNode, OrchestrationGraph } from '../graph.js'
import type { OpenRequest } from '../open-request.js'
import type { ResolvedRunOptions } from '../orchestration-options.js'
import { OrchestrationCancelledError, OrchestrationFailedError, type RunFailure } from '../run-errors.js'
import { StateFailure } from '../state-failure.js'
import { directoryOf, type TargetDirectory } from '../target-directory.js'
import { isPromiseLike, whenReady } from '../when-ready.js'
import type { EventHub } from './event-hub.js'
import type { Fact, HookFailure } from './fact.js'
import { Hooks } from './hooks.js'
import { checkInput, checkOutput, invoke } from './invocation.js'
import { InvocationContext } from './invocation-context.js'
import { joinScopesOf } from './join-scopes.js'
import { Requests } from './requests.js'
import { allMatches, firstMatch, type Decision as RoutingDecision } from './routing.js'
import { type Branch, createRunState, type RunState, tokenOf } from './run-state.js'
import { step } from './step.js'
import { type Command, StepOutput } from './step-output.js'

/** Stands in the token of a cleanup hook, which belongs to no step. */
const cleanupBranch = 'cleanup'

/** A runnable that is an orchestration itself: it starts the run that is its work. */
export interface ChildStarter {
  startChild(input: unknown, parent: RunDriver, stateName: string, token: string): RunDriver
}

/**
 * Drives one run: applies facts one after the other, performs the commands that follow, and posts their outcomes as facts.
 *
 * All facts go through one mailbox. Facts that are there together are applied together, recorded together, and only then do
 * their events go out and their states start.
 */
export class RunDriver {
  readonly state: RunState
  readonly directory: TargetDirectory
  readonly options: ResolvedRunOptions
  readonly hub: EventHub
  readonly result: Promise<unknown>

  readonly #out = new StepOutput()
  #mailbox: Fact[] = []
  #busy = false
  #halted = false
  #applying = false
  #pauseAsked = false
  #output: unknown
  #failure: RunFailure | undefined
  #resolve!: (output: unknown) => void
  #reject!: (error: Error) => void
  #requests: Requests | undefined
  #hooks: Hooks | undefined
  #children: Map<Branch, RunDriver> | undefined
  #controllers: Map<string, { readonly step: number; readonly controller: AbortController }> | undefined
  #joinTimers: Map<string, TimerHandle> | undefined
  #deadline: TimerHandle
  #onAbort: (() => void) | undefined
  #whenPaused: (() => void)[] = []

  constructor(graph: OrchestrationGraph, options: ResolvedRunOptions, hub: EventHub) {
    this.options = options
    this.hub = hub
    this.directory = directoryOf(graph)
    const { scheduling, failure, maxSteps, maxConcurrency, runId, properties } = options
    const rules = { lockstep: scheduling === 'lockstep', failFast: failure === 'failFast', maxSteps, maxConcurrency }
    this.state = createRunState(graph, runId, rules, joinScopesOf(graph), properties)
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // A failure is an event too; whoever listens to that only must not bring the process down.
    this.result.catch(() => undefined)
  }

  /** Whether the run, although all its states went well, has failed in the end: its result was not what was declared. */
  get failed(): boolean {
    return this.#failure !== undefined
  }

  /** Whether the run has stopped without an end, because its recorder failed. */
  get halted(): boolean {
    return this.#halted
  }

  /** What the run and the runs inside it wait for from outside. */
  get openRequests(): readonly OpenRequest[] {
    const inside = [...(this.#children ?? [])].flatMap(([branch, child]) =>
      child.openRequests.map(request => ({ ...request, id: `${tokenOf(branch)}/${request.id}` })),
    )
    return [...(this.#requests?.open ?? []), ...inside]
  }

  /** Answers an approval of this run or of one inside it. @throws REQUEST_UNKNOWN */
  decide(id: string, approved: boolean, decision: Decision): void {
    const { requests, localId } = this.#holderOf(id)
    requests.decide(localId, approved, decision)
  }

  /** Sends a payload to a signal of this run or of one inside it. @throws REQUEST_UNKNOWN, PAYLOAD_INVALID */
  async send(id: string, payload: unknown): Promise<void> {
    const { requests, localId } = this.#holderOf(id)
    await requests.send(localId, payload)
  }

  #holderOf(id: string): { readonly requests: Requests; readonly localId: string } {
    for (const [branch, child] of this.#children ?? []) {
      const prefix = `${tokenOf(branch)}/`
      if (id.startsWith(prefix)) return child.#holderOf(id.slice(prefix.length))
    }
    return { requests: this.#ownRequests(), localId: id }
  }

  #ownRequests(): Requests {
    return (this.#requests ??= new Requests(this))
  }

  /** The name of a state of this run or of one inside it. @throws UNKNOWN_TARGET */
  stateNameOf(ref: unknown, namedBy: string): string {
    try {
      return this.directory.resolve(ref, namedBy).node.name
    } catch (unknown) {
      for (const child of this.#children?.values() ?? []) {
        try {
          return child.stateNameOf(ref, namedBy)
        } catch {
          // Another one may have it; if none has, what counts is that this run has not.
        }
      }
      throw unknown
    }
  }

  /** Begins the run, on the next turn, so that whoever has just got the run can subscribe first. */
  begin(input: unknown): void {
    const { clock, timeoutMs, signal } = this.options
    if (timeoutMs !== undefined) {
      this.#deadline = clock.setTimeout(() => this.#abandon({ error: this.#timedOut(timeoutMs) }), timeoutMs)
    }
    if (signal !== undefined) {
      const onAbort = (): void => this.cancel(ensureError(signal.reason).message)
      this.#onAbort = onAbort
      if (signal.aborted) queueMicrotask(onAbort)
      else signal.addEventListener('abort', onAbort, { once: true })
    }
    queueMicrotask(() => this.#admit(input))
  }

  cancel(reason: string): void {
    this.post({ type: 'cancel', at: 0, reason })
  }

  /** Stops starting states. Resolves when those at work, nested runs included, are done, or the run has ended. */
  async pause(): Promise<void> {
    if (this.#halted || this.state.phase === 'ending' || this.state.phase === 'ended') return
    this.#pauseAsked = true
    const children = [...(this.#children?.values() ?? [])].map(async child => child.pause())
    const paused = new Promise<void>(resolve => this.#whenPaused.push(resolve))
    this.post({ type: 'pause', at: 0 })
    await Promise.all([paused, ...children])
  }

  resume(): void {
    this.#pauseAsked = false
    // A pause that was still waiting for states to finish is off.
    for (const resolve of this.#whenPaused.splice(0)) resolve()
    this.post({ type: 'resume', at: 0 })
    for (const child of this.#children?.values() ?? []) child.resume()
  }

  /** The signal of a step; already aborted if the step is over. */
  signalOf(branch: string, stepNumber: number): AbortSignal {
    // A run that is winding up still lets its cleanup hooks do their work.
    if (branch === cleanupBranch) return new AbortController().signal
    const known = this.#controllers?.get(branch)
    if (known?.step === stepNumber) return known.controller.signal
    const at = this.state.branches.get(branch)
    if (this.#halted || at === undefined || at.step !== stepNumber)
      return AbortSignal.abort(new Error('This step is over.'))
    const controller = new AbortController()
    this.#controllers ??= new Map()
    this.#controllers.set(branch, { step: stepNumber, controller })
    return controller.signal
  }

  /** Puts an event into the stream, behind those of facts that are being applied or recorded. */
  emit(event: OrchestrationEvent): void {
    if (this.#applying || this.#out.events.length > 0) this.#out.events.push(event)
    else this.hub.deliver(event)
  }

  /** Puts a fact into the mailbox. Its time is set here, if anybody will read it. */
  post(fact: Fact): void {
    // What comes after the end changes nothing, and has no place in the record of the run.
    if (this.#halted || this.state.phase === 'ended') return
    this.#mailbox.push(fact)
    if (!this.#busy) this.#drain()
  }

  #drain(): void {
    this.#busy = true
    try {
      while (this.#mailbox.length > 0) {
        const { facts, commands } = this.#applyAll()
        const written = this.#record(facts)
        if (written !== undefined) {
          written.then(
            () => this.#goOn(commands),
            thrown => this.#halt(this.#recorderFailed(thrown)),
          )
          return
        }
        this.#carryOut(commands)
      }
      this.#busy = false
    } catch (thrown) {
      this.#halt(ensureError(thrown))
    }
  }

  /** What was applied is written. */
  #goOn(commands: readonly Command[]): void {
    try {
      this.#carryOut(commands)
    } catch (thrown) {
      this.#halt(ensureError(thrown))
      return
    }
    this.#drain()
  }

  #record(facts: readonly Fact[]): PromiseLike<void> | undefined {
    const { recorder } = this.options
    if (recorder === undefined) return undefined
    try {
      const written = recorder.record(facts)
      return isPromiseLike(written) ? (written as PromiseLike<void>) : undefined
    } catch (thrown) {
      throw this.#recorderFailed(thrown)
    }
  }

  /** Applies every fact that is there. Routing is decided at once, so that a state's output and what follows are one commit. */
  #applyAll(): { readonly facts: readonly Fact[]; readonly commands: readonly Command[] } {
    const out = this.#out
    const commands: Command[] = []
    const facts = this.#mailbox
    out.observed = this.hub.observed
    const timed = out.observed || this.options.recorder !== undefined
    this.#applying = true
    for (let i = 0; i < facts.length; i++) {
      const fact = facts[i] as Fact
      if (timed && fact.at === 0) (fact as { at: number }).at = this.options.clock.now()
      step(this.state, fact, out)
      if (fact.type === 'ended') {
        this.#output = fact.output
        this.#failure = fact.failure
      }
      if (out.commands.length === 0) continue
      const following = out.commands
      out.commands = []
      for (const command of following) {
        // What routing decides arrives in this same mailbox.
        if (command.type === 'route') this.#route(command.branch, command.output)
        else if (command.type === 'recover') this.#recover(command.branch, command.error)
        else commands.push(command)
      }
    }
    this.#applying = false
    this.#mailbox = []
    return { facts, commands }
  }

  #carryOut(commands: readonly Command[]): void {
    const out = this.#out
    if (out.unseen > 0) {
      this.hub.skip(out.unseen)
      out.unseen = 0
    }
    if (out.events.length > 0) {
      const { events } = out
      out.events = []
      for (const event of events) this.hub.deliver(event)
    }
    for (const command of commands) this.#perform(command)
    if (this.#whenPaused.length > 0 && ['paused', 'ending', 'ended'].includes(this.state.phase)) {
      for (const resolve of this.#whenPaused.splice(0)) resolve()
    }
  }

  #perform(command: Command): void {
    switch (command.type) {
      case 'start':
        return this.#start(command.branch)
      case 'abort':
        return this.#abort(command.branch, command.reason)
      case 'start-join-timer': {
        const { barrier, ms } = command
        const fire = (): void => this.post({ type: 'join.timed-out', at: 0, barrier })
        this.#joinTimers ??= new Map()
        this.#joinTimers.set(barrier, this.options.clock.setTimeout(fire, ms))
        return
      }
      case 'stop-join-timer':
        this.options.clock.clearTimeout(this.#joinTimers?.get(command.barrier))
        this.#joinTimers?.delete(command.barrier)
        return
      case 'finish':
        return this.#finish()
      case 'settle':
        return this.#settle()
      case 'route':
      case 'recover':
        throw new Error('Routing is decided while facts are applied.')
    }
  }

  /** Validates the input; the run begins with it, or fails before anything has run. */
  #admit(input: unknown): void {
    const schema = this.state.graph.input
    const start = (value: unknown): void => this.#begun(value, schema)
    const refuse = (thrown: unknown): void => {
      this.#begun(input, undefined, thrown instanceof PayloadError ? thrown.at(this.#boundary('input')) : thrown)
    }
    try {
      const value = schema === undefined ? input : schema.check(input)
      if (isPromiseLike(value)) value.then(start, refuse)
      else start(value)
    } catch (thrown) {
      refuse(thrown)
    }
  }

  #begun(input: unknown, schema: Schema | undefined, refusal?: unknown): void {
    const wanted = this.state.graph.entry.input
    const checked = schema !== undefined && wanted?.accepts(schema) === true ? wanted : undefined
    if (refusal === undefined) this.post({ type: 'started', at: 0, input, checked })
    else this.#abandon({ error: ensureError(refusal) })
  }

  #boundary(direction: 'input' | 'output'): { readonly orchestration: string; readonly direction: 'input' | 'output' } {
    return { orchestration: this.state.graph.name, direction }
  }

  #start(branch: Branch): void {
    // Something else in the same batch may have ended the branch.
    if (branch.phase !== 'working') return
    const { node, step: at } = branch
    const fail = (thrown: unknown): void => this.#failed(branch, at, thrown)
    const go = (input: unknown): void => {
      // Validation may have taken a while.
      if (branch.phase !== 'working' || branch.step !== at) return
      // A rerun need not validate it again.
      branch.input = input
      branch.checked = node.input
      try {
        this.#begin(branch, at, node, input)
      } catch (thrown) {
        fail(thrown)
      }
    }
    try {
      const skip = node.input === undefined || branch.checked === node.input
      const input = skip ? branch.input : checkInput(node, branch.input)
      if (isPromiseLike(input)) input.then(go, fail)
      else go(input)
    } catch (thrown) {
      fail(thrown)
    }
  }

  #begin(branch: Branch, at: number, node: GraphNode, input: unknown): void {
    const { kind } = node
    if (kind === 'approval' || kind === 'signal' || kind === 'delay') return this.#ownRequests().begin(branch, input)
    if (kind === 'orchestration') return this.#startChild(branch, at, input)
    const runnable = branch.runnable ?? node.runnable
    const context = new InvocationContext(this, node, branch.id, at)
    let output: unknown
    if (Hooks.has(runnable)) {
      this.#hooks ??= new Hooks()
      const ready = this.#hooks.prepare(runnable, node.name, context)
      output = whenReady(ready, () => invoke(node, runnable, input, context))
    } else output = invoke(node, runnable, input, context)
    if (isPromiseLike(output)) {
      output.then(
        value => this.#completed(branch, at, value, context),
        thrown => this.#failed(branch, at, thrown),
      )
    } else this.#completed(branch, at, output, context)
  }

  #completed(branch: Branch, at: number, output: unknown, context: InvocationContext): void {
    this.#controllers?.delete(branch.id)
    this.post({ type: 'completed', at: 0, branch: branch.id, step: at, output, writes: context.writes })
  }

  #failed(branch: Branch, at: number, thrown: unknown): void {
    this.#controllers?.delete(branch.id)
    this.post({ type: 'failed', at: 0, branch: branch.id, step: at, error: ensureError(thrown) })
  }

  #route(branch: Branch, output: unknown): void {
    const { node, step: at } = branch
    const context = new InvocationContext(this, node, branch.id, at)
    const routing = {
      node,
      advancers: node.advancers,
      output,
      checked: node.output,
      context,
      directory: this.directory,
    }
    this.#decide(branch, at, context, () => (node.parallelAdvances ? allMatches(routing) : firstMatch(routing)))
  }

  #recover(branch: Branch, error: Error): void {
    const { node, step: at } = branch
    const context = new InvocationContext(this, node, branch.id, at)
    const output = new StateFailure(error, branch.input, node.name, context.token)
    const { directory } = this
    const routing = { node, advancers: node.errorAdvancers, output, checked: undefined, context, directory }
    this.#decide(branch, at, context, () => firstMatch(routing))
  }

  #decide(
    branch: Branch,
    at: number,
    context: InvocationContext,
    ask: () => RoutingDecision | PromiseLike<RoutingDecision>,
  ): void {
    const decided = (decision: RoutingDecision): void => {
      const { id } = branch
      this.#controllers?.delete(id)
      if (decision === undefined) this.post({ type: 'stuck', at: 0, branch: id, step: at })
      else {
        const { moves, forked } = decision
        this.post({ type: 'advanced', at: 0, branch: id, step: at, moves, forked, writes: context.writes })
      }
    }
    try {
      const decision = ask()
      if (isPromiseLike(decision)) decision.then(decided, thrown => this.#failed(branch, at, thrown))
      else decided(decision)
    } catch (thrown) {
      this.#failed(branch, at, thrown)
    }
  }

  #startChild(branch: Branch, at: number, input: unknown): void {
    const { node, id } = branch
    const starter = (branch.runnable ?? node.runnable) as unknown as ChildStarter
    const child = starter.startChild(input, this, node.name, `${id}:${at}`)
    this.#children ??= new Map()
    this.#children.set(branch, child)
    if (this.#pauseAsked) void child.pause()
    const fact = { at: 0, branch: id, step: at }
    this.post({ type: 'waiting', ...fact, kind: 'orchestration', message: undefined, until: undefined })
    child.result
      .then(output => checkOutput(node, output))
      .then(
        output => {
          this.#children?.delete(branch)
          this.post({ type: 'answered', ...fact, output, approval: undefined })
        },
        thrown => {
          this.#children?.delete(branch)
          this.#failed(branch, at, thrown)
        },
      )
  }

  #abort(branch: Branch, reason: string): void {
    this.#requests?.end(branch)
    this.#children?.get(branch)?.cancel(reason)
    const known = this.#controllers?.get(branch.id)
    if (known?.step === branch.step) {
      known.controller.abort(
        new OrchestrationError(`State "${branch.node.name}" was stopped: ${reason}`, { code: 'RUN_CANCELLED' }),
      )
    }
  }

  #abandon(failure: RunFailure): void {
    this.post({ type: 'abandon', at: 0, failure })
  }

  #timedOut(timeoutMs: number): OrchestrationError {
    const { name } = this.state.graph
    const at = [...this.state.branches.values()].map(branch => branch.node.name).join(', ')
    return new OrchestrationError(
      `Orchestration "${name}" did not complete within ${timeoutMs} ms; it was at: ${at}.`,
      {
        code: 'RUN_TIMED_OUT',
        details: { orchestration: name, timeoutMs },
      },
    )
  }

  /** Winds the run up: hooks, then the last check of the result. */
  #finish(): void {
    const { clock, signal } = this.options
    clock.clearTimeout(this.#deadline)
    if (this.#onAbort !== undefined) signal?.removeEventListener('abort', this.#onAbort)
    this.#requests?.clear()
    this.#controllers = undefined
    const hooks = this.#hooks
    const end = (hookFailures: readonly HookFailure[]): void => {
      this.#warnOf(hookFailures)
      this.#conclude(hookFailures)
    }
    if (hooks === undefined) end([])
    else void hooks.cleanUp(stateName => this.#cleanupContext(stateName)).then(end)
  }

  #cleanupContext(stateName: string): InvocationContext {
    return new InvocationContext(this, this.state.graph.byName.get(stateName) as GraphNode, cleanupBranch, 0)
  }

  #conclude(hookFailures: readonly HookFailure[]): void {
    const { ending, results, graph } = this.state
    const last = results.at(-1)
    const end = (output: unknown, failure: RunFailure | undefined): void =>
      this.post({ type: 'ended', at: 0, output, failure, hookFailures })
    if (ending?.status !== 'completed' || last === undefined) return end(undefined, undefined)
    const refuse = (thrown: unknown): void => {
      const error = thrown instanceof PayloadError ? thrown.at(this.#boundary('output')) : ensureError(thrown)
      end(undefined, { error, stateName: last.node.name })
    }
    const known = last.node.output
    if (graph.output === undefined || (known !== undefined && graph.output.accepts(known)))
      return end(last.value, undefined)
    try {
      const output = graph.output.check(last.value)
      if (isPromiseLike(output)) output.then(value => end(value, undefined), refuse)
      else end(output, undefined)
    } catch (thrown) {
      refuse(thrown)
    }
  }

  #settle(): void {
    this.hub.close()
    const { ending, runId, graph } = this.state
    if (ending?.status === 'cancelled') this.#reject(new OrchestrationCancelledError(graph.name, runId, ending.reason))
    else if (ending?.status === 'failed') this.#reject(new OrchestrationFailedError(graph.name, runId, ending.failures))
    else if (this.#failure !== undefined) this.#reject(new OrchestrationFailedError(graph.name, runId, [this.#failure]))
    else this.#resolve(this.#output)
  }

  #recorderFailed(thrown: unknown): OrchestrationError {
    const cause = ensureError(thrown)
    const { runId, graph } = this.state
    return new OrchestrationError(
      `Run ${runId} of "${graph.name}" has stopped: its recorder failed: ${cause.message}`,
      {
        code: 'RECORDER_FAILED',
        retryable: true,
        details: { orchestration: graph.name, runId },
        cause,
      },
    )
  }

  /** Nothing may follow from what could not be recorded, or from an engine that broke: the run stops where it is. */
  #halt(error: Error): void {
    this.#busy = true
    this.#halted = true
    const { clock, signal } = this.options
    clock.clearTimeout(this.#deadline)
    for (const timer of this.#joinTimers?.values() ?? []) clock.clearTimeout(timer)
    if (this.#onAbort !== undefined) signal?.removeEventListener('abort', this.#onAbort)
    this.#requests?.clear()
    for (const { controller } of this.#controllers?.values() ?? []) controller.abort(error)
    this.#controllers = undefined
    for (const child of this.#children?.values() ?? []) child.cancel(error.message)
    this.hub.close()
    const end = (failures: readonly HookFailure[]): void => {
      this.#warnOf(failures)
      this.#reject(error)
      for (const resolve of this.#whenPaused.splice(0)) resolve()
    }
    if (this.#hooks === undefined) end([])
    else void this.#hooks.cleanUp(stateName => this.#cleanupContext(stateName)).then(end)
  }

  #warnOf(failures: readonly HookFailure[]): void {
    for (const { stateName, error } of failures) {
      this.options.logger.warn(`cleanup() of state "${stateName}" threw; the outcome of the run stands`, error)
    }
  }
}
