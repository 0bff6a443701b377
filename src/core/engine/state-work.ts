import { ensureError, OrchestrationError } from '../../errors/index.js'
import type { RunContext } from '../context.js'
import type { GraphNode } from '../graph.js'
import type { RecordedUsage } from '../recorded-usage.js'
import { StateFailure } from '../state-failure.js'
import { isPromiseLike, whenReady } from '../when-ready.js'
import { type ChildRun, ChildRuns } from './child-runs.js'
import type { HookFailure } from './fact.js'
import { Hooks } from './hooks.js'
import { checkInput, checkOutput, invoke } from './invocation.js'
import { InvocationContext } from './invocation-context.js'
import { KeptResults } from './kept-results.js'
import { Requests } from './requests.js'
import { allMatches, type Decision, firstMatch, type Routing } from './routing.js'
import type { RunHost } from './run-host.js'
import { type Branch, tokenOf } from './run-state.js'
import { cleanupBranch, StepSignals } from './step-signals.js'

/** A runnable that is an orchestration itself: it starts the run that is its work. */
export interface ChildStarter {
  startChild(input: unknown, host: RunHost, stateName: string, token: string): ChildRun
}

/** Calls user code for a run: states, advancers and hooks. What comes of it goes back to the host as facts. */
export class StateWork {
  readonly #host: RunHost
  readonly signals: StepSignals
  #requests: Requests | undefined
  #children: ChildRuns | undefined
  #kept: KeptResults | undefined
  #hooks: Hooks | undefined

  constructor(host: RunHost) {
    this.#host = host
    this.signals = new StepSignals(host.state)
  }

  /** The approvals and signals of this run. */
  get requests(): Requests {
    return (this.#requests ??= new Requests(this.#host))
  }

  /** The runs inside this one. */
  get children(): ChildRuns {
    return (this.#children ??= new ChildRuns())
  }

  /** What steps of this run do only once. */
  get kept(): KeptResults {
    return (this.#kept ??= new KeptResults(this.#host))
  }

  /** Lets a branch of a restored run wait for what it waited for. */
  reopen(branch: Branch, paused: boolean): void {
    if (branch.phase === 'gone') return
    if (branch.wait?.kind === 'orchestration') this.#startChild(branch, branch.input, paused)
    else this.requests.reopen(branch)
  }

  /** Validates the input of a branch's state and lets the state do its work, or wait. */
  start(branch: Branch, paused: boolean): void {
    // Something else in the same turn may have ended the branch.
    if (branch.phase !== 'working') return
    const { node, step } = branch
    const go = (input: unknown): void => {
      // Validation may have taken a while.
      if (branch.phase !== 'working' || branch.step !== step) return
      // A rerun need not validate it again.
      branch.input = input
      branch.checked = node.input
      try {
        this.#begin(branch, input, paused)
      } catch (thrown) {
        this.#failed(branch, step, thrown)
      }
    }
    try {
      const skip = node.input === undefined || branch.checked === node.input
      const input = skip ? branch.input : checkInput(node, branch.input)
      if (isPromiseLike(input)) input.then(go, thrown => this.#failed(branch, step, thrown))
      else go(input)
    } catch (thrown) {
      this.#failed(branch, step, thrown)
    }
  }

  /** Asks the advancers of a branch's state where its output goes. */
  route(branch: Branch, output: unknown): void {
    const { node } = branch
    const ask = node.parallelAdvances ? allMatches : firstMatch
    this.#decide(branch, { advancers: node.advancers, output, checked: node.output }, ask)
  }

  /** Asks the `onError` advancers of a branch's state. */
  recover(branch: Branch, error: Error): void {
    const { node, input } = branch
    const failure = new StateFailure(error, input, node.name, tokenOf(branch))
    this.#decide(branch, { advancers: node.errorAdvancers, output: failure, checked: undefined }, firstMatch)
  }

  /** Tells whatever a branch is doing to stop. */
  abort(branch: Branch, reason: string): void {
    this.#requests?.end(branch)
    this.#children?.cancel(branch, reason)
    const message = `State "${branch.node.name}" was stopped: ${reason}`
    this.signals.abort(branch, new OrchestrationError(message, { code: 'RUN_CANCELLED' }))
  }

  /** Ends every wait and calls the cleanup hooks; resolves, at once if there are none, to what they threw. */
  close(reason?: Error): readonly HookFailure[] | Promise<readonly HookFailure[]> {
    this.#requests?.clear()
    if (reason !== undefined) this.#children?.cancelAll(reason.message)
    this.signals.close(reason)
    return this.#hooks === undefined
      ? []
      : this.#hooks.cleanUp(stateName => this.#cleanupContext(stateName), this.#host.options.rules.clock)
  }

  #begin(branch: Branch, input: unknown, paused: boolean): void {
    const { node, id, step } = branch
    const { kind } = node
    if (kind === 'approval' || kind === 'signal' || kind === 'delay') return this.requests.begin(branch, input)
    if (kind === 'orchestration') return this.#startChild(branch, input, paused)
    const runnable = branch.runnable ?? node.runnable
    const context = new InvocationContext(this.#host, node, id, step)
    const { attemptInterceptors: attempts, inherited } = this.#host.options
    let output: unknown
    if (Hooks.has(runnable)) {
      this.#hooks ??= new Hooks()
      const ready = this.#hooks.prepare(runnable, node.name, context)
      output = whenReady(ready, () => invoke(node, runnable, input, context, attempts, inherited))
    } else output = invoke(node, runnable, input, context, attempts, inherited)
    if (isPromiseLike(output)) {
      output.then(
        value => this.#completed(branch, step, value, context),
        thrown => this.#failed(branch, step, thrown),
      )
    } else this.#completed(branch, step, output, context)
  }

  #startChild(branch: Branch, input: unknown, paused: boolean): void {
    const { node, id, step } = branch
    const starter = (branch.runnable ?? node.runnable) as unknown as ChildStarter
    const child = starter.startChild(input, this.#host, node.name, tokenOf(branch))
    const { children } = this
    children.add(branch, child)
    if (paused) void child.pause()
    const token = { branch: id, step }
    // One that is taken up with the rest of a restored run was waited for already.
    if (branch.phase === 'working') {
      this.#host.post({ type: 'waiting', ...token, kind: 'orchestration', message: undefined, until: undefined })
    }
    child.result
      .then(output => checkOutput(node, output))
      .then(
        output => {
          children.remove(branch)
          this.#host.post({ type: 'answered', ...token, output, approval: undefined, ...usageOf(child) })
        },
        thrown => {
          children.remove(branch)
          this.signals.release(branch)
          this.#host.post({ type: 'failed', ...token, error: ensureError(thrown), ...usageOf(child) })
        },
      )
  }

  #completed(branch: Branch, step: number, output: unknown, context: InvocationContext): void {
    this.#requests?.end(branch)
    this.signals.release(branch)
    this.#host.post({ type: 'completed', branch: branch.id, step, output, writes: context.writes })
  }

  #failed(branch: Branch, step: number, thrown: unknown): void {
    if (branch.step === step) this.#requests?.end(branch)
    this.signals.release(branch)
    this.#host.post({ type: 'failed', branch: branch.id, step, error: ensureError(thrown) })
  }

  #decide(
    branch: Branch,
    what: Pick<Routing, 'advancers' | 'output' | 'checked'>,
    ask: (routing: Routing) => Decision | PromiseLike<Decision>,
  ): void {
    const { node, id, step } = branch
    const host = this.#host
    const context = new InvocationContext(host, node, id, step)
    const decided = (decision: Decision): void => {
      this.signals.release(branch)
      if (decision === undefined) host.post({ type: 'stuck', branch: id, step })
      else {
        const { moves, forked } = decision
        host.post({ type: 'advanced', branch: id, step, moves, forked, writes: context.writes })
      }
    }
    try {
      const decision = ask({ node, ...what, context, directory: host.directory })
      if (isPromiseLike(decision)) decision.then(decided, thrown => this.#failed(branch, step, thrown))
      else decided(decision)
    } catch (thrown) {
      this.#failed(branch, step, thrown)
    }
  }

  #cleanupContext(stateName: string): RunContext {
    const node = this.#host.state.graph.byName.get(stateName) as GraphNode
    return new InvocationContext(this.#host, node, cleanupBranch, 0)
  }
}

function usageOf({ usage }: ChildRun): { readonly usage?: readonly RecordedUsage[] } {
  return usage === undefined ? {} : { usage }
}
