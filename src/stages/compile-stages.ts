import {
  type AnyRunnable,
  Orchestration,
  type OrchestrationBehaviour,
  type OrchestrationRunnable,
  type RunContext,
  type StateFailure,
  WiringError,
} from '../core/index.js'
import { FunctionAdvancer } from '../core/internal.js'
import { OrchestrationError } from '../errors/index.js'
import type { BaseGraphState } from './base-graph-state.js'
import { END } from './end.js'
import { StageBookkeeping, type StageRole } from './stage-bookkeeping.js'
import { stageFaults } from './stage-faults.js'
import { StageMap } from './stage-map.js'
import type { FunctionStagePlan, GroupPlan, OrchestratorPlan, StagePlan, WorkStagePlan } from './stage-plan.js'
import { groupFanOut, stageRouter } from './stage-router.js'
import {
  FunctionStage,
  GroupJoin,
  type GroupMember,
  type JumpCheck,
  PassingState,
  StageOutput,
} from './stage-states.js'
import type { StateCopies } from './state-copies.js'
import { stateNames } from './state-names.js'
import { UnknownStageError } from './unknown-stage-error.js'

/** What is compiled. */
export interface Compilation<S extends BaseGraphState> {
  readonly plan: OrchestratorPlan<S>
  readonly copies: StateCopies<S>
  readonly maxCycles: number
  readonly hash: boolean
  readonly behaviour: OrchestrationBehaviour
}

/** The states that make up a stage or a group: where it is entered, where it is left, and those between. */
interface CompiledStage<S extends BaseGraphState> {
  readonly head: OrchestrationRunnable<S, unknown>
  readonly tail: OrchestrationRunnable<never, S>
  readonly all: readonly AnyRunnable[]
}

class StagedOrchestration<S extends BaseGraphState> extends Orchestration<S, S> {}

/** Makes one orchestration of what an orchestrator was told. @throws WiringError with all faults */
export function compileStages<S extends BaseGraphState>(compilation: Compilation<S>): Orchestration<S, S> {
  const map = new StageMap(compilation.plan)
  const faults = stageFaults(map)
  if (faults.length > 0) throw new WiringError(compilation.plan.name, faults)
  return new StageCompiler(compilation, map).compile()
}

class StageCompiler<S extends BaseGraphState> {
  readonly #given: Compilation<S>
  readonly #map: StageMap<S>
  readonly #roles = new Map<string, StageRole>()
  readonly #compiled = new Map<string, CompiledStage<S>>()
  readonly #end = new PassingState<S>()

  constructor(given: Compilation<S>, map: StageMap<S>) {
    this.#given = given
    this.#map = map
  }

  compile(): Orchestration<S, S> {
    const { plan, copies, maxCycles, hash, behaviour } = this.#given
    this.#named(this.#end, this.#map.has(END) ? stateNames.end : END)
    for (const stage of plan.stages) this.#compiled.set(stage.name, this.#stage(stage))
    for (const group of plan.groups) this.#compiled.set(group.name, this.#group(group))
    for (const name of this.#map.heads) this.#leadOn(name)
    const { interceptors = [], classes = [] } = behaviour
    const bookkeeping = new StageBookkeeping({ orchestrator: plan.name, maxCycles, hash, copies, roles: this.#roles })
    const orchestration = new StagedOrchestration<S>()
    orchestration.configure({
      // Every loop leads through stages, and those are counted.
      maxSteps: Infinity,
      ...behaviour,
      name: plan.name,
      interceptors: [bookkeeping, ...interceptors],
      classes: [...classes, copies.stateClass],
      ...({ input: copies.stateClass, output: copies.stateClass } as object),
    })
    orchestration.initialRunnable = this.#of(this.#map.entry as string).head
    orchestration.resultRunnable = this.#end
    orchestration.register(...[...this.#compiled.values()].flatMap(({ all }) => all))
    copies.learn(orchestration.graph)
    return orchestration
  }

  #of(name: string): CompiledStage<S> {
    return this.#compiled.get(name) as CompiledStage<S>
  }

  #stage(stage: StagePlan<S>): CompiledStage<S> {
    const { name } = stage
    const group = this.#map.groupOf.get(name)
    const entry = group === undefined ? name : memberOf(group, name).entry
    return stage.kind === 'function' ? this.#function(stage, entry) : this.#work(stage, entry)
  }

  #function({ name, work, options }: FunctionStagePlan<S>, entry: string): CompiledStage<S> {
    const stage = new FunctionStage<S>(work, this.#given.copies, this.#jumpCheck(name))
    const { interceptors = [] } = options
    this.#named(stage, name, { kind: 'whole', stage: name, entry }).configure({ interceptors })
    return { head: stage, tail: stage, all: [stage] }
  }

  #work({ name, make, input, write, options }: WorkStagePlan<S>, entry: string): CompiledStage<S> {
    const { copies } = this.#given
    const opening = this.#named(new PassingState<S>(), stateNames.input(name), { kind: 'opening', stage: name })
    const work = make() as OrchestrationRunnable<unknown, unknown>
    const closing = new StageOutput<S>(opening, write, copies)
    this.#named(closing, stateNames.output(name), { kind: 'closing', stage: name, entry, opening })
    const { interceptors } = options
    work.configure({ name, ...(interceptors === undefined ? {} : { interceptors }) })
    const convert = (state: S, context: RunContext): unknown => input(copies.copy(state), context)
    opening.addAdvancer(new FunctionAdvancer<S, unknown>(work, undefined, convert))
    work.setAdvancer(new FunctionAdvancer<unknown, unknown>(closing))
    return { head: opening, tail: closing as OrchestrationRunnable<never, S>, all: [opening, work, closing] }
  }

  #group(group: GroupPlan): CompiledStage<S> {
    const { copies } = this.#given
    const members = group.members.map(name => memberOf(group, name))
    const role = { kind: 'fork', entry: `parallel:${group.name}`, members: members.length } as const
    const fork = this.#named(new PassingState<S>(), group.name, role)
    const join = new GroupJoin<S>(group.name, fork, members, group.merge, copies)
    this.#named(join, stateNames.join(group.name), { kind: 'join', fork })
    const compiled = members.map(({ name }) => this.#of(name))
    fork.addAdvancer(groupFanOut<S>(compiled.map(({ head }) => head as AnyRunnable)))
    compiled.forEach(({ tail, all }, at) => {
      tail.addAdvancer(join)
      if (group.proceeds) for (const state of all) this.#goOnWithout(members[at] as GroupMember, state, fork, join)
    })
    return { head: fork, tail: join, all: [fork, join] }
  }

  /** What comes to the join for a member that has failed: the state before the group, with what is to be known of the failure. */
  #goOnWithout(member: GroupMember, state: AnyRunnable, fork: PassingState<S>, join: GroupJoin<S>): void {
    const failedState = ({ error }: StateFailure, context: RunContext): S => {
      const base = this.#given.copies.copy(context.outputOf(fork) as S)
      base.executionPath.push(member.failedEntry)
      base.cycleCount++
      base.nodeReports[member.name] = { error: error.message }
      return base
    }
    const failing = state as OrchestrationRunnable<unknown, unknown>
    failing.onError(() => true, join, failedState)
  }

  /** Wires the way on from a stage or group. */
  #leadOn(name: string): void {
    const { edges, conditionalEdges } = this.#given.plan
    const { tail } = this.#of(name)
    const plain = edges.find(({ from }) => from === name)?.to
    const conditional = conditionalEdges.filter(({ from }) => from === name)
    const jumps = this.#map.jumpsOf(name)
    if (conditional.length === 0 && jumps?.length === 0) {
      tail.addAdvancer(plain === undefined ? this.#end : this.#target(plain))
      return
    }
    const named = [
      ...(jumps ?? [...this.#map.heads, END]),
      ...conditional.flatMap(({ targets }) => Object.values(targets)),
    ]
    // Without a plain edge a stage that returns nothing may be the last.
    const last = plain === undefined && conditional.length === 0 ? [this.#end] : []
    const to = new Set<OrchestrationRunnable<S, unknown>>([
      ...named.map(each => this.#target(each)),
      ...(plain === undefined ? last : [this.#target(plain)]),
    ])
    const router = stageRouter<S>({
      stage: name,
      conditionalEdges: conditional,
      plain,
      end: this.#end as AnyRunnable,
      find: each => this.#target(each) as AnyRunnable,
      to: [...to] as AnyRunnable[],
      copies: this.#given.copies,
    })
    tail.addAdvancer(router)
  }

  #target(name: string): OrchestrationRunnable<S, unknown> {
    return this.#map.isEnd(name) ? this.#end : this.#of(name).head
  }

  #jumpCheck(stage: string): JumpCheck {
    const map = this.#map
    const group = map.groupOf.get(stage)
    const known = [...new Set([...map.heads, END])]
    const jumps = map.jumpsOf(stage)
    return returned => {
      if (returned === undefined || returned === null) return undefined
      if (group !== undefined) throw memberJump(stage, group.name, returned)
      if (typeof returned !== 'string' || !known.includes(returned)) {
        const memberGroup = typeof returned === 'string' ? map.groupOf.get(returned)?.name : undefined
        throw new UnknownStageError(stage, returned, known, memberGroup)
      }
      if (jumps?.includes(returned) === false) throw undeclaredJump(stage, returned, jumps)
      return returned
    }
  }

  #named<R extends OrchestrationRunnable<never, unknown>>(runnable: R, name: string, role?: StageRole): R {
    const { stateClass } = this.#given.copies
    const takesState = role?.kind !== 'closing'
    const payloads = { ...(takesState ? { input: stateClass } : {}), output: stateClass } as object
    ;(runnable as OrchestrationRunnable<never, unknown>).configure({ name, ...payloads })
    if (role !== undefined) this.#roles.set(name, role)
    return runnable
  }
}

function memberOf({ name: group }: GroupPlan, name: string): GroupMember {
  const entry = `${group}:${name}`
  return { name, entry, failedEntry: `${entry} failed` }
}

function memberJump(stage: string, group: string, returned: unknown): OrchestrationError {
  return new OrchestrationError(
    `Stage "${stage}" returned ${returnedAs(returned)}, but it is a member of group "${group}", and what follows a group ` +
      `is for the edges of the group to say: return nothing, and use addEdge('${group}', …) or addConditionalEdge('${group}', …).`,
    { code: 'STAGE_UNKNOWN', details: { stageName: stage, group } },
  )
}

function returnedAs(returned: unknown): string {
  return typeof returned === 'string' ? `"${returned}"` : `a value of type ${typeof returned}`
}

function undeclaredJump(stage: string, returned: string, jumps: readonly string[]): OrchestrationError {
  const list = jumps.length === 0 ? 'says that it returns none' : `has only ${jumps.join(', ')} as its jumps`
  return new OrchestrationError(`Stage "${stage}" returned "${returned}", but it ${list}. Add it to \`jumps\`.`, {
    code: 'STAGE_UNKNOWN',
    details: { stageName: stage, returned, jumps },
  })
}
