import type { AnyRunnable, Interceptor, NextCall, ResumedRun, RunContext, StateCall, Usage } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
import { schemaOf } from '../schema/index.js'
import type { BaseGraphState, StateUsage } from './base-graph-state.js'
import { ownValue } from './own-value.js'
import { progressOf } from './progress.js'
import { noteStart, startOf } from './stage-notes.js'
import type { StateCopies } from './state-copies.js'
import { chainedHash } from './state-hash.js'
import { addUsage, noUsage, UsageMeter } from './usage-meter.js'

/** What a state of the compiled orchestration is for its stage. */
export type StageRole =
  /** The whole stage. */
  | { readonly kind: 'whole'; readonly stage: string; readonly entry: string }
  /** The first and the last of the states that make up a stage. */
  | { readonly kind: 'opening'; readonly stage: string }
  | { readonly kind: 'closing'; readonly stage: string; readonly entry: string; readonly opening: AnyRunnable }
  /** The beginning and the end of a group. */
  | { readonly kind: 'fork'; readonly entry: string; readonly members: number }
  | { readonly kind: 'join'; readonly fork: AnyRunnable }

/** What the bookkeeping goes by. */
export interface BookkeepingOptions<S extends BaseGraphState> {
  readonly orchestrator: string
  readonly maxCycles: number
  readonly hash: boolean
  readonly copies: StateCopies<S>
  /** By the name of the state. */
  readonly roles: ReadonlyMap<string, StageRole>
}

const usedKey = (stage: string): string => `stages.used:${stage}`

/**
 * Keeps what a state says of its own way: the path, latencies, usage, hashes; and sees that a run visits no more stages than it may.
 * It stands outside of all other interceptors, so that a try which failed leaves nothing.
 */
export class StageBookkeeping<S extends BaseGraphState> implements Interceptor {
  /** So that it hears what the agents of inner orchestrations use. */
  readonly nested = true
  readonly #options: BookkeepingOptions<S>
  readonly #meter = new UsageMeter()

  constructor(options: BookkeepingOptions<S>) {
    this.#options = options
  }

  async around(call: StateCall, next: NextCall): Promise<unknown> {
    const role = call.path.length === 0 ? this.#options.roles.get(call.stateName) : undefined
    if (role === undefined) return next()
    const { context } = call
    switch (role.kind) {
      case 'whole': {
        this.#enter(call.input as S, context, 1)
        const startedAt = context.now()
        return this.#visited(call, role, call.input as S, await next(), startedAt)
      }
      case 'opening':
        this.#enter(call.input as S, context, 1)
        noteStart(context, role.stage)
        return next()
      case 'closing': {
        const before = context.outputOf(role.opening) as S
        return this.#visited(call, role, before, await next(), startOf(context, role.stage))
      }
      case 'fork': {
        this.#enter(call.input as S, context, role.members)
        const state = own(await next(), call.input) as S
        state.executionPath = [...(call.input as S).executionPath, role.entry]
        state.maxCycles = this.#limitOf(call.input as S)
        return state
      }
      case 'join':
        return this.#hashed(context.outputOf(role.fork) as S, (await next()) as S)
    }
  }

  onUsage({ runId, path, stateName }: StateCall, usage: Usage): void {
    this.#meter.add(runId, path[0] ?? stateName, usage)
  }

  onRunResume(run: ResumedRun): void {
    const { roles } = this.#options
    const stages = [...roles.values()].flatMap(role => ('stage' in role ? [role.stage] : []))
    // States of inner runs are named after the stage they ran in.
    this.#meter.restore(run, name => stages.find(stage => name === stage || name.startsWith(`${stage}/`)) ?? name)
  }

  onRunEnd(runId: string): void {
    this.#meter.forget(runId)
  }

  /** A run comes to a stage, or to a group with so many. */
  #enter(state: S, context: RunContext, visits: number): void {
    const limit = this.#limitOf(state)
    if (state.cycleCount + visits > limit) throw this.#neverCompletes(state, limit, visits)
    if (state.executionPath.length === 0) {
      progressOf(context)(0, 'Graph', 'START', `Reasoning cycle for ${state.subjectId}`)
    }
  }

  async #visited(
    { context, runId }: StateCall,
    { stage, entry }: { readonly stage: string; readonly entry: string },
    before: S,
    after: unknown,
    startedAt: number,
  ): Promise<S> {
    const { stateClass } = this.#options.copies
    // An interceptor may have answered in the stage's place, with whatever fits.
    const given = after instanceof stateClass ? after : await schemaOf(stateClass).parseAsync(after)
    const state = own(given, before) as S
    const took = context.now() - startedAt
    state.executionPath = [...before.executionPath, entry]
    state.cycleCount = before.cycleCount + 1
    state.maxCycles ??= this.#limitOf(before)
    state.latencies = { ...state.latencies, [stage]: (ownValue(state.latencies, stage) ?? 0) + took }
    state.usage = this.#withUsage(state.usage, stage, runId, context)
    return this.#hashed(before, state)
  }

  /** What a stage has reported since it was last counted; a try that failed has cost something too. */
  #withUsage(sum: StateUsage, stage: string, runId: string, { properties }: RunContext): StateUsage {
    const all = this.#meter.of(runId, stage)
    const counted = properties.get<StateUsage>(usedKey(stage)) ?? noUsage
    if (all.promptTokens === counted.promptTokens && all.completionTokens === counted.completionTokens) return sum
    properties.set(usedKey(stage), all)
    return addUsage(sum, all.promptTokens - counted.promptTokens, all.completionTokens - counted.completionTokens)
  }

  async #hashed(before: S, state: S): Promise<S> {
    const { hash, copies } = this.#options
    if (!hash) return state
    const { stateHash: parentHash } = before
    if (parentHash === undefined) delete state.parentHash
    else state.parentHash = parentHash
    state.stateHash = await chainedHash(copies, state, parentHash)
    return state
  }

  #limitOf({ maxCycles = this.#options.maxCycles }: S): number {
    return maxCycles
  }

  #neverCompletes(state: S, limit: number, next: number): OrchestrationError {
    const { orchestrator, copies } = this.#options
    const counts = new Map<string, number>()
    for (const entry of state.executionPath) counts.set(entry, (counts.get(entry) ?? 0) + 1)
    const visits = [...counts]
      .filter(([, times]) => times > 1)
      .sort(([, one], [, other]) => other - one)
      .map(([name, times]) => ({ name, visits: times }))
    const list = visits.map(({ name, visits: times }) => `${name} (${times} times)`).join(', ')
    return new OrchestrationError(
      `Orchestrator "${orchestrator}" never completes: it has visited ${state.cycleCount} ${state.cycleCount === 1 ? 'stage' : 'stages'}, and its maxCycles is ${limit}. ` +
        (next === 1 ? '' : `The group that comes next would visit ${next} more. `) +
        `${list === '' ? 'No stage was visited twice' : `Visited most: ${list}`}. ` +
        'See that its loops come to an end at some point, or raise maxCycles. `details.state` is how far it came.',
      {
        code: 'NEVER_COMPLETES',
        details: { orchestrator, maxCycles: limit, visits, state: copies.copy(state) },
      },
    )
  }
}

/** An object that may be written to: what came in belongs to the journal. */
function own(after: unknown, before: unknown): object {
  if (after !== before) return after as object
  return Object.assign(Object.create(Object.getPrototypeOf(after) as object) as object, after)
}
