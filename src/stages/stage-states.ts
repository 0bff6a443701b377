import { AgentRunnable, type ModelMessage } from '../agents/index.js'
import { type AnyRunnable, JoinRunnable, OrchestrationRunnable, type RunContext } from '../core/index.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import type { BaseGraphState } from './base-graph-state.js'
import { mergeStates } from './merge-states.js'
import { ownValue } from './own-value.js'
import type { StateReducer } from './parallel-group.js'
import { progressOf } from './progress.js'
import type { StageFunction } from './stage-function.js'
import { noteJump } from './stage-notes.js'
import type { AgentPrompt, AnyAgent } from './stage-options.js'
import type { StateCopies } from './state-copies.js'

/** A state that hands the state of the run on as it is. */
export class PassingState<S extends BaseGraphState> extends OrchestrationRunnable<S, S> {
  invoke(state: S): S {
    return state
  }
}

/** Checks what a stage has returned, and says which state it leads to; `undefined` if its edges decide. */
export type JumpCheck = (returned: unknown) => string | undefined

/** A stage that is a function. */
export class FunctionStage<S extends BaseGraphState> extends OrchestrationRunnable<S, S> {
  readonly #work: StageFunction<S>
  readonly #copies: StateCopies<S>
  readonly #check: JumpCheck

  constructor(work: StageFunction<S>, copies: StateCopies<S>, check: JumpCheck) {
    super()
    this.#work = work
    this.#copies = copies
    this.#check = check
  }

  async invoke(input: S, context: RunContext): Promise<S> {
    const state = this.#copies.copy(input)
    const to = this.#check(await this.#work(state, progressOf(context), context))
    if (to !== undefined) noteJump(context, to)
    return state
  }
}

/** What puts an output into the state; returns what leads on, if it decides that. */
export type OutputWriter<S> = (
  state: S,
  output: unknown,
  context: RunContext,
) => string | undefined | Promise<string | undefined>

/** The last state of a stage that is no function: puts what has come out into the state that went in. */
export class StageOutput<S extends BaseGraphState> extends OrchestrationRunnable<unknown, S> {
  readonly #opening: AnyRunnable
  readonly #write: OutputWriter<S>
  readonly #copies: StateCopies<S>

  constructor(opening: AnyRunnable, write: OutputWriter<S>, copies: StateCopies<S>) {
    super()
    this.#opening = opening
    this.#write = write
    this.#copies = copies
  }

  async invoke(output: unknown, context: RunContext): Promise<S> {
    const state = this.#copies.copy(context.outputOf(this.#opening) as S)
    const to = await this.#write(state, output, context)
    if (to !== undefined) noteJump(context, to)
    return state
  }
}

/** A stage that is an agent. */
export class AgentStage extends AgentRunnable<AgentPrompt, unknown> {
  readonly agent: AnyAgent

  constructor(agent: AnyAgent) {
    super()
    this.agent = agent
  }

  override prompt(input: AgentPrompt): string | readonly ModelMessage[] {
    if (typeof input === 'string' || Array.isArray(input)) return input
    throw new OptionError('input', 'a function that returns a text or a list of messages', input)
  }
}

/** A member of a group as it stands in the path of a state. */
export interface GroupMember {
  readonly name: string
  /** What the path has for it. */
  readonly entry: string
  /** What the path has for it if it failed. */
  readonly failedEntry: string
}

/** Where the members of a group come together. */
export class GroupJoin<S extends BaseGraphState> extends JoinRunnable<S, S> {
  readonly #group: string
  readonly #fork: AnyRunnable
  readonly #members: readonly GroupMember[]
  readonly #rules: Readonly<Record<string, StateReducer<never> | undefined>>
  readonly #copies: StateCopies<S>

  constructor(
    group: string,
    fork: AnyRunnable,
    members: readonly GroupMember[],
    rules: Readonly<Record<string, StateReducer<never> | undefined>>,
    copies: StateCopies<S>,
  ) {
    super()
    this.#group = group
    this.#fork = fork
    this.#members = members
    this.#rules = rules
    this.#copies = copies
  }

  join(states: readonly S[], context: RunContext): S {
    const base = context.outputOf(this.#fork) as S
    const entries = states.map(state => state.executionPath[base.executionPath.length])
    const failed = this.#members.filter(({ failedEntry }) => entries.includes(failedEntry))
    if (failed.length === this.#members.length) throw this.#allFailed(states, failed)
    const members = states.map((state, at) => ({ member: this.#nameOf(entries[at]), state }))
    return mergeStates({ group: this.#group, base, members, rules: this.#rules, copies: this.#copies })
  }

  #nameOf(entry: string | undefined): string {
    const found = this.#members.find(member => member.entry === entry || member.failedEntry === entry)
    return found?.name ?? String(entry)
  }

  #allFailed(states: readonly S[], failed: readonly GroupMember[]): OrchestrationError {
    const reasons = failed.map(({ name }) => {
      const report = states.map(({ nodeReports }) => ownValue(nodeReports, name)).find(each => each !== undefined)
      return `${name}: ${(report as { readonly error?: string } | undefined)?.error ?? 'failed'}`
    })
    return new OrchestrationError(`Group "${this.#group}": all of its members have failed. ${reasons.join('; ')}`, {
      code: 'STATE_FAILED',
      details: { group: this.#group, members: failed.map(({ name }) => name) },
    })
  }
}
