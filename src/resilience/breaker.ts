import { type Clock, systemClock } from '../core/index.js'
import { untilAborted } from '../core/internal.js'
import { ensureError, OptionError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import {
  breakerRuleNames,
  type CircuitBreakerRules,
  type ResolvedBreakerRules,
  resolveBreakerRules,
} from './circuit-breaker-options.js'
import type { CircuitBreakerChange, CircuitBreakerSnapshot, CircuitBreakerState } from './circuit-breaker-state.js'
import type { CircuitBreakerSharing } from './circuit-breaker-storage.js'
import { CircuitOpenError } from './circuit-open-error.js'
import type { FailureCount } from './failure-count.js'
import { fieldsOf, numberBetween, optionalFunction, optionalText } from './option-checks.js'
import { SharedBreakerState } from './shared-breaker-state.js'

/** What a circuit breaker of its own is made of. */
export interface CircuitBreakerOptions extends CircuitBreakerRules, CircuitBreakerSharing {
  /** What errors and events call it, and what its state is kept under. @default 'circuit breaker' */
  readonly name?: string
  /** Where `call()` takes the time from; around states it is the run's clock. @default the system's clock */
  readonly clock?: Clock
  /** Hears of every change; what it throws, the call throws that caused the change. @default nobody */
  readonly onChange?: (change: CircuitBreakerChange) => void
}

const optionNames: OptionNames<CircuitBreakerOptions> = {
  ...breakerRuleNames,
  storage: true,
  logger: true,
  name: true,
  clock: true,
  onChange: true,
}

/** What surrounds a call. */
export interface BreakerCall {
  now(): number
  /** Aborts when nobody needs the call any more. */
  signal(): AbortSignal | undefined
  changed(change: CircuitBreakerChange): void
}

/** What a breaker is in the middle of; a new object for each change, so that late results can be told by it. */
type Phase =
  | { readonly kind: 'closed'; count: FailureCount }
  | { readonly kind: 'open'; readonly since: number; readonly retryAt: number }
  | { readonly kind: 'half-open'; atWork: number; succeeded: number }

/** How a call ended for the breaker. */
type Outcome = 'succeeded' | 'failed' | 'uncounted'

/** After so many changes by others in a row a call is left uncounted, rather than held up. */
const mostConflicts = 20

/** What `new CircuitBreaker()` makes; the name of that is the decorator's as well. */
export class Breaker {
  /** What errors and events call it. */
  readonly name: string
  readonly #rules: ResolvedBreakerRules
  readonly #clock: Clock
  readonly #onChange: ((change: CircuitBreakerChange) => void) | undefined
  readonly #shared: SharedBreakerState | undefined
  #phase: Phase

  /** @param snapshot what `toJSON()` of an earlier one has given, to go on from there */
  constructor(options: CircuitBreakerOptions = {}, snapshot?: CircuitBreakerSnapshot) {
    checkOptionNames('a circuit breaker', options, optionNames)
    this.name = optionalText('name', options.name) ?? 'circuit breaker'
    this.#rules = resolveBreakerRules(options)
    this.#clock = options.clock ?? systemClock
    this.#onChange = optionalFunction('onChange', options.onChange)
    this.#phase = this.#restored(snapshot)
    const { storage } = options
    this.#shared = storage && new SharedBreakerState(this.name, storage, options, this.toJSON())
  }

  /** What it is doing. An open one goes over to half-open only when it is called. */
  get state(): CircuitBreakerState {
    const phase = this.#phase
    return phase.kind === 'closed' ? { kind: 'closed', failures: phase.count.failures } : { ...phase }
  }

  /**
   * Calls `work` if the breaker lets it through (S3-18), and returns or throws what it does. When `signal` aborts, the
   * outcome does not count, and a trial call gives its slot back at once.
   * @throws CircuitOpenError if it does not; `work` is not called then
   */
  call<T>(work: () => Promise<T> | T, signal?: AbortSignal): Promise<T> {
    return this.around(work, { now: () => this.#clock.now(), signal: () => signal, changed: () => undefined })
  }

  /** {@link Breaker.call} with the time and the signal of a state. @internal */
  async around<T>(work: () => Promise<T> | T, call: BreakerCall): Promise<T> {
    const shared = this.#shared
    if (shared !== undefined) this.#adopt(await shared.newer(snapshot => this.#restored(snapshot)), call)
    const phase = this.#admit(call)
    let outcome: Outcome = 'uncounted'
    try {
      // Only trial calls hold something that others wait for.
      const output = phase.kind === 'half-open' ? await untilAborted(begun(work), call.signal()) : await work()
      // Whoever has been told to stop may return anything.
      if (call.signal()?.aborted !== true) outcome = 'succeeded'
      return output
    } catch (thrown) {
      if (this.#counts(thrown, call)) outcome = 'failed'
      throw thrown
    } finally {
      if (shared === undefined) this.#settle(phase, outcome, call)
      else await shared.inTurn(() => this.#settleShared(shared, phase, outcome, call))
    }
  }

  /** The state as plain data, for a new breaker in another process: `new CircuitBreaker(options, snapshot)`. */
  toJSON(): CircuitBreakerSnapshot {
    const phase = this.#phase
    if (phase.kind === 'closed') return phase.count.toJSON()
    return phase.kind === 'open' ? { ...phase } : { kind: 'half-open' }
  }

  #admit(call: BreakerCall): Phase {
    if (this.#phase.kind === 'open') {
      const now = call.now()
      if (now < this.#phase.retryAt) throw new CircuitOpenError(this.name, this.#phase.retryAt, now)
      this.#become({ kind: 'half-open', atWork: 0, succeeded: 0 }, call)
    }
    const phase = this.#phase
    if (phase.kind === 'half-open') {
      if (phase.atWork + phase.succeeded >= this.#rules.halfOpenMaxCalls) {
        throw new CircuitOpenError(this.name, undefined, call.now())
      }
      phase.atWork++
    }
    return phase
  }

  #counts(thrown: unknown, call: BreakerCall): boolean {
    return call.signal()?.aborted !== true && this.#rules.countOn(ensureError(thrown))
  }

  #settle(phase: Phase, outcome: Outcome, call: BreakerCall): void {
    // A call that was let through in an earlier phase says nothing about this one.
    if (phase !== this.#phase || phase.kind === 'open') return
    if (phase.kind === 'closed') {
      if (outcome !== 'uncounted' && phase.count.add(outcome === 'failed', call.now())) this.#open(call)
      return
    }
    phase.atWork--
    if (outcome === 'failed') this.#open(call)
    else if (outcome === 'succeeded' && ++phase.succeeded >= this.#rules.halfOpenMaxCalls) {
      this.#become({ kind: 'closed', count: this.#rules.startCount() }, call)
    }
  }

  /** Counts a call on top of what others have counted. */
  async #settleShared(shared: SharedBreakerState, phase: Phase, outcome: Outcome, call: BreakerCall): Promise<void> {
    this.#settle(phase, outcome, call)
    for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
      // Whether to try is for each process to find out, so a breaker that does so is still an open one for the others.
      if (this.#phase.kind === 'half-open' || (await shared.save(this.toJSON()))) return
      this.#adopt(await shared.present(snapshot => this.#restored(snapshot)), call)
      if (phase.kind === 'closed' && this.#phase.kind === 'closed') this.#settle(this.#phase, outcome, call)
    }
  }

  /** Goes over to what another process has found out. */
  #adopt(phase: Phase | undefined, call: BreakerCall): void {
    if (phase === undefined) return
    if (phase.kind === 'closed' && this.#phase.kind === 'closed') this.#phase.count = phase.count
    else if (phase.kind === this.#phase.kind) this.#phase = phase
    else this.#become(phase, call)
  }

  #open(call: BreakerCall): void {
    const since = call.now()
    this.#become({ kind: 'open', since, retryAt: since + this.#rules.recoveryTimeoutMs }, call)
  }

  #become(phase: Phase, call: BreakerCall): void {
    const change = { breaker: this.name, from: this.#phase.kind, to: phase.kind }
    this.#phase = phase
    this.#onChange?.(change)
    call.changed(change)
  }

  #restored(given: unknown): Phase {
    if (given === undefined) return { kind: 'closed', count: this.#rules.startCount() }
    const snapshot = fieldsOf('snapshot', given as CircuitBreakerSnapshot)
    switch (snapshot.kind) {
      case 'closed':
        return { kind: 'closed', count: this.#rules.startCount(snapshot) }
      case 'open':
        return {
          kind: 'open',
          since: numberBetween('snapshot.since', 0, Infinity, snapshot.since),
          // JSON has no infinity: of a breaker that never recovers by itself it makes null.
          retryAt: numberBetween(
            'snapshot.retryAt',
            0,
            Infinity,
            snapshot.retryAt === null ? Infinity : snapshot.retryAt,
          ),
        }
      case 'half-open':
        return { kind: 'half-open', atWork: 0, succeeded: 0 }
      default:
        throw new OptionError('snapshot', 'what `toJSON()` of a circuit breaker has given', snapshot)
    }
  }
}

async function begun<T>(work: () => Promise<T> | T): Promise<T> {
  return work()
}
