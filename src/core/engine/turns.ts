import { ensureError, OrchestrationError } from '../../errors/index.js'
import { afterOthers } from '../clock.js'
import type { OrchestrationEvent } from '../events.js'
import type { ResolvedRunOptions } from '../orchestration-options.js'
import { isPromiseLike } from '../when-ready.js'
import type { EventHub } from './event-hub.js'
import type { Fact, StepEvent } from './fact.js'
import type { RunState } from './run-state.js'
import { step } from './step.js'
import { type Command, type Question, StepOutput } from './step-output.js'
import { storable } from './storable.js'

/** After so many turns without a break the rest of the process gets one, also if no state ever waits for anything. */
const turnsInARow = 512

/** The run that takes the turns. */
export interface TurnTaker {
  readonly state: RunState
  readonly options: ResolvedRunOptions
  readonly hub: EventHub
  /** Asks advancers; what they say is posted at once, into the turn that asks. */
  askAdvancers(question: Question): void
  /** Does what follows from a turn that has been recorded and told. */
  perform(command: Command): void
  /** Hears that a turn has been recorded, and told, and that what follows from it is under way. */
  turned(): void
  /** Stops where it is: a turn could not be recorded, or the engine broke. */
  halt(error: Error): void
}

/**
 * The mailbox of a run. The facts that are there together are a turn: they are applied together, recorded together, and only
 * then do their events go out and their states start.
 */
export class Turns {
  readonly #run: TurnTaker
  readonly #out = new StepOutput()
  #mailbox: Fact[] = []
  #count = 0
  #busy = false
  #applying = false
  #unrecorded = false
  #stopped = false

  constructor(run: TurnTaker) {
    this.#run = run
  }

  /** Whether no turn follows any more, although the run has no end. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Whether the run stands as a turn has left it that is not recorded yet. */
  get unrecorded(): boolean {
    return this.#unrecorded
  }

  /** Takes no further turn. */
  stop(): void {
    this.#stopped = true
  }

  /** Puts a fact into the mailbox, and takes a turn if none is being taken. */
  post(fact: Fact): void {
    this.enqueue(fact)
    if (!this.#busy && this.#mailbox.length > 0) this.#take()
  }

  /** Puts a fact into the mailbox for the next turn, without taking it. */
  enqueue(fact: Fact): void {
    const { state, options } = this.#run
    // What comes after the end changes nothing, and has no place in the record of the run.
    if (this.#stopped || state.phase === 'ended') return
    this.#mailbox.push(options.ledger === undefined ? fact : storable(fact, options.ledger))
  }

  /** Says something of a step that no turn depends on: at once, but never before what happened earlier. */
  tell(said: StepEvent): void {
    const { state, options, hub } = this.#run
    const event = { ...said, runId: state.runId, seq: 0, at: options.rules.clock.now() } as OrchestrationEvent
    if (this.#applying || this.#out.events.length > 0) this.#out.events.push(event)
    else hub.deliver(event)
  }

  #take(): void {
    this.#busy = true
    try {
      while (this.#mailbox.length > 0 && !this.#stopped) {
        if (++this.#count > turnsInARow) {
          this.#count = 0
          afterOthers(() => this.#take())
          return
        }
        const facts = this.#mailbox
        const commands = this.#apply(facts)
        const written = this.#record(facts)
        if (written !== undefined) {
          written.then(
            () => this.#goOn(commands),
            thrown => this.#run.halt(this.#recorderFailed(thrown)),
          )
          return
        }
        this.#carryOut(commands)
      }
      this.#busy = false
    } catch (thrown) {
      this.#run.halt(ensureError(thrown))
    }
  }

  /** A turn is recorded. */
  #goOn(commands: readonly Command[]): void {
    try {
      this.#carryOut(commands)
    } catch (thrown) {
      this.#run.halt(ensureError(thrown))
      return
    }
    this.#take()
  }

  /** Applies every fact of a turn. Routing is decided at once, so that an output and what follows from it are one turn. */
  #apply(facts: readonly Fact[]): readonly Command[] {
    const { state, options, hub } = this.#run
    const out = this.#out
    const commands: Command[] = []
    out.observed = hub.observed
    if (out.observed || options.recorder !== undefined) out.at = options.rules.clock.now()
    this.#applying = true
    this.#unrecorded = true
    for (let i = 0; i < facts.length; i++) {
      step(state, facts[i] as Fact, out)
      if (out.commands.length === 0) continue
      const following = out.commands
      out.commands = []
      for (const command of following) {
        // What routing decides arrives in this same mailbox.
        if (command.type === 'route' || command.type === 'recover') this.#run.askAdvancers(command)
        else commands.push(command)
      }
    }
    this.#applying = false
    this.#mailbox = []
    return commands
  }

  #record(facts: readonly Fact[]): PromiseLike<void> | undefined {
    const { recorder } = this.#run.options
    if (recorder === undefined) return undefined
    try {
      const { at, events, unseen } = this.#out
      const written = recorder.record(facts, at, events.length + unseen)
      return isPromiseLike(written) ? (written as PromiseLike<void>) : undefined
    } catch (thrown) {
      throw this.#recorderFailed(thrown)
    }
  }

  #carryOut(commands: readonly Command[]): void {
    const { hub } = this.#run
    const out = this.#out
    this.#unrecorded = false
    if (out.unseen > 0) {
      hub.skip(out.unseen)
      out.unseen = 0
    }
    if (out.events.length > 0) {
      const { events } = out
      out.events = []
      for (const event of events) hub.deliver(event)
    }
    for (const command of commands) this.#run.perform(command)
    this.#run.turned()
  }

  #recorderFailed(thrown: unknown): OrchestrationError {
    const cause = ensureError(thrown)
    // What a store says about the run itself, such as that somebody else has it, is the whole story.
    if (OrchestrationError.isInstance(cause) && (!cause.retryable || cause.code === 'RUN_BUSY')) return cause
    const { runId, graph } = this.#run.state
    const message = `Run ${runId} of "${graph.name}" has stopped: its recorder failed: ${cause.message}`
    const details = { orchestration: graph.name, runId }
    return new OrchestrationError(message, { code: 'RECORDER_FAILED', retryable: true, details, cause })
  }
}
