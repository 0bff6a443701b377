import { Agent } from '../agents/index.js'
import {
  type AnyRunnable,
  Orchestration,
  OrchestrationRunnable,
  type RunOptions,
  SubOrchestrationRunnable,
} from '../core/index.js'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames } from '../errors/internal.js'
import { BaseGraphState, type GraphStateInput, type StateClassOf } from './base-graph-state.js'
import { BoundStage, type StagePart } from './bound-stage.js'
import { compileStages } from './compile-stages.js'
import type { END } from './end.js'
import { type GraphConfig, graphConfigNames } from './graph-config.js'
import { type OrchestratorOptions, orchestratorOptionNames } from './orchestrator-options.js'
import { groupOptionNames, type ParallelGroupOptions } from './parallel-group.js'
import { type ProgressReport, progressEvent } from './progress.js'
import { runToState } from './run-to-state.js'
import type { StageFunction } from './stage-function.js'
import {
  type AgentPrompt,
  type FunctionStageOptions,
  functionStageOptionNames,
  type HumanStageOptions,
  type StageWork,
  type WorkStageOptions,
} from './stage-options.js'
import type { ConditionalEdgePlan, EdgeCondition, EdgePlan, GroupPlan, StagePlan } from './stage-plan.js'
import { AgentStage } from './stage-states.js'
import { StateCopies } from './state-copies.js'
import { humanStage, workStage } from './work-stage.js'

/** What names of stages can be told of: those that were added in the same chain; any text where calls are not chained. */
export type StageName<Names extends string> = [Names] extends [never] ? string : Names

/** What an orchestrator is to another one that has it as a stage; every {@link Orchestrator} is one. */
export interface ComposedStage<out T extends BaseGraphState> {
  readonly orchestration: Orchestration<never, T>
}

/**
 * Drives one typed state through stages (S0): functions, agents, states and orchestrations, wired by edges and by the names that they
 * return. It compiles to one {@link Orchestrator.orchestration}, which is what runs.
 *
 * ```ts
 * class QuantState extends BaseGraphState {
 *   \@IsString() question!: string
 *   \@IsOptional() @IsNumber() forecast?: number
 * }
 *
 * const orch = new Orchestrator({ state: QuantState })
 *   .addNode('forecaster', forecaster, { input: s => s.question, output: (s, answer) => void (s.forecast = answer.probability) })
 *   .addNode('math_step', state => { … return 'end' })
 *   .addEdge('forecaster', 'math_step')
 * const state = await orch.run({ question: 'Will it rain?' })
 * ```
 *
 * From a stage a run goes where the stage says, else where a conditional edge leads, else along the plain edge, else it ends. Where
 * calls are chained, as above, edges to stages that are not there do not compile; otherwise they are refused before the first run.
 *
 * @typeParam S the class of the state
 * @typeParam Names the stages and groups that were added so far in a chain
 */
export class Orchestrator<S extends BaseGraphState = BaseGraphState, Names extends string = never> {
  /** The stage or group that a run starts with. @default the only one that no edge leads to */
  entryPoint: string | undefined
  readonly name: string
  readonly #options: OrchestratorOptions<S>
  readonly #stages: StagePlan<S>[] = []
  readonly #groups: GroupPlan[] = []
  readonly #edges: EdgePlan[] = []
  readonly #conditionalEdges: ConditionalEdgePlan<S>[] = []
  /** The stage of each state that was added. */
  readonly #stageOf = new Map<unknown, string>()
  #compiled: Orchestration<S, S> | undefined
  #isCompiling = false

  /** @throws OPTION_INVALID */
  constructor(options: OrchestratorOptions<S>) {
    checkOptionNames('an orchestrator', options, orchestratorOptionNames)
    const { name = 'Orchestrator', entryPoint, state, maxCycles = 100 } = options
    const isState = (state as unknown) === BaseGraphState || (state?.prototype as unknown) instanceof BaseGraphState
    if (!isState) throw new OptionError('state', 'BaseGraphState or a class that extends it', state)
    if (!Number.isInteger(maxCycles) || maxCycles < 1) {
      throw new OptionError('maxCycles', 'a whole number of at least 1', maxCycles)
    }
    this.name = name
    this.entryPoint = entryPoint
    this.#options = options
  }

  /** An orchestrator with the usual settings: it starts at the stage `ingestion`. A number is its `maxCycles`. @throws OPTION_INVALID */
  static createStandard<S extends BaseGraphState = BaseGraphState>(
    config: number | GraphConfig = {},
    options: Omit<OrchestratorOptions<S>, 'state' | 'maxCycles' | 'entryPoint' | 'timeoutMs'> & {
      readonly state?: StateClassOf<S>
    } = {},
  ): Orchestrator<S> {
    if (typeof config !== 'number') checkOptionNames('createStandard()', config, graphConfigNames)
    const {
      maxCycles = 100,
      entryNode = 'ingestion',
      timeout,
    } = typeof config === 'number' ? { maxCycles: config } : (config as GraphConfig)
    const { state = BaseGraphState as unknown as StateClassOf<S>, ...behaviour } = options
    const limit = timeout === undefined ? {} : { timeoutMs: timeout * 1000 }
    return new Orchestrator<S>({ ...behaviour, ...limit, state, maxCycles, entryPoint: entryNode })
  }

  /** Adds a stage that is a state (an agent, say) or an orchestration; of another orchestrator it runs a new state each time. */
  addNode<N extends string, TIn, TOut>(
    name: N,
    work: StageWork<TIn, TOut>,
    options: WorkStageOptions<S, NoInfer<TIn>, NoInfer<TOut>>,
  ): Orchestrator<S, Names | N>
  addNode<N extends string, T extends BaseGraphState>(
    name: N,
    work: ComposedStage<T>,
    options: WorkStageOptions<S, GraphStateInput<NoInfer<T>>, NoInfer<T>>,
  ): Orchestrator<S, Names | N>
  addNode<N extends string, TOut>(
    name: N,
    work: Agent<TOut>,
    options: WorkStageOptions<S, AgentPrompt, NoInfer<TOut>>,
  ): Orchestrator<S, Names | N>
  /** Adds a stage that is a function. */
  addNode<N extends string>(name: N, work: StageFunction<S>, options?: FunctionStageOptions): Orchestrator<S, Names | N>
  addNode<N extends string>(name: N, work: StagePart<S>): Orchestrator<S, Names | N>
  addNode(name: string, work: unknown, options: unknown = {}): Orchestrator<S, string> {
    this.#open('addNode()')
    checkName(name)
    if (work instanceof BoundStage) (work as BoundStage<S>).addTo(this as unknown as Orchestrator<S>, name)
    else this.#stages.push(this.#planned(name, work, options))
    return this as unknown as Orchestrator<S, string>
  }

  /**
   * Adds a stage at which the run waits for a person; `run.approve(name)` and `run.reject(name)` answer, in this process or another.
   */
  addHumanStage<N extends string, TSubject = S>(
    name: N,
    options: HumanStageOptions<S, TSubject>,
  ): Orchestrator<S, Names | N> {
    this.#open('addHumanStage()')
    checkName(name)
    this.#stages.push(humanStage(name, options as HumanStageOptions<S, unknown>))
    return this as unknown as Orchestrator<S, Names | N>
  }

  /** Leads from a stage or group to another, or to `END`, where neither the stage nor a conditional edge says otherwise. */
  addEdge(from: StageName<Names>, to: StageName<Names> | typeof END): this {
    this.#open('addEdge()')
    checkText('from', from)
    checkText('to', to)
    this.#edges.push({ from, to })
    return this
  }

  /**
   * Leads from a stage or group to what `targets` has for the key that `condition` returns. Asked before the plain edge, in the order of
   * adding; the condition gets a copy of the state, and is asked once. If no map has its key, the plain edge is taken, and if there is
   * none, the run fails.
   */
  addConditionalEdge(
    from: StageName<Names>,
    condition: EdgeCondition<S>,
    targets: Readonly<Record<string, StageName<Names> | typeof END>>,
  ): this {
    this.#open('addConditionalEdge()')
    checkText('from', from)
    if (typeof condition !== 'function') throw new OptionError('condition', 'a function of the state', condition)
    checkTargets(targets)
    this.#conditionalEdges.push({ from, condition, targets })
    return this
  }

  /**
   * Makes several stages one that can be led to and from: all of them work side by side, each on its own copy of the state, and when all
   * are done the run goes on with what they have changed. See {@link ParallelGroupOptions.merge} for who changes the same.
   */
  addParallelGroup<N extends string>(
    name: N,
    members: readonly StageName<Names>[],
    options: ParallelGroupOptions<S> = {},
  ): Orchestrator<S, Names | N> {
    this.#open('addParallelGroup()')
    checkName(name)
    checkTexts('members', members)
    checkOptionNames(`group "${name}"`, options, groupOptionNames)
    const { merge = {}, onFailure = 'fail' } = options
    checkReducers(merge)
    if (!['fail', 'proceed'].includes(onFailure)) throw new OptionError('onFailure', "'fail' or 'proceed'", onFailure)
    this.#groups.push({ name, members, merge: merge as GroupPlan['merge'], proceeds: onFailure === 'proceed' })
    return this as unknown as Orchestrator<S, Names | N>
  }

  /** Sets {@link Orchestrator.entryPoint}, for chains. */
  setEntryPoint(name: StageName<Names>): this {
    this.#open('setEntryPoint()')
    checkText('name', name)
    this.entryPoint = name
    return this
  }

  /**
   * The orchestration that this compiles to: `start()`, `stream()`, `resume()`, `events$` and diagrams are its own. Asking for it checks
   * the definition and freezes it, as the first run does.
   * @throws WiringError with everything that is wrong
   */
  get orchestration(): Orchestration<GraphStateInput<S>, S> {
    this.#compiled ??= this.#compile()
    return this.#compiled as unknown as Orchestration<GraphStateInput<S>, S>
  }

  /**
   * Runs to the end and returns the state. Rejects like `Orchestration.run()`: with WiringError if the definition is wrong, with
   * OrchestrationFailedError if the run fails, whose `cause` is what a stage threw, or which limit was reached, with how far the run
   * came as `details.state`.
   */
  run(state: GraphStateInput<S>, options: RunOptions = {}): Promise<S> {
    try {
      const { orchestration } = this
      const isBounded = (options.timeoutMs ?? this.#options.timeoutMs) !== undefined
      if (!isBounded) return orchestration.run(state, options)
      return runToState(orchestration, this.#options.state, state, options)
    } catch (thrown) {
      return Promise.reject(ensureError(thrown))
    }
  }

  #compile(): Orchestration<S, S> {
    if (this.#isCompiling) {
      throw new OrchestrationError(`Orchestrator "${this.name}" is a stage of itself, so it would never end.`, {
        code: 'WIRING_INVALID',
        details: { orchestrator: this.name },
      })
    }
    this.#isCompiling = true
    try {
      const { state, entryPoint: _entry, maxCycles = 100, hash = false, onProgress, ...behaviour } = this.#options
      const orchestration = compileStages<S>({
        plan: {
          name: this.name,
          stages: this.#stages,
          groups: this.#groups,
          edges: this.#edges,
          conditionalEdges: this.#conditionalEdges,
          entryPoint: this.entryPoint,
        },
        copies: new StateCopies(state, behaviour.classes ?? []),
        maxCycles,
        hash,
        behaviour,
      })
      if (onProgress !== undefined) {
        orchestration.on('custom', event => {
          if (event.name !== progressEvent) return
          const { phaseId, phase, status, details, activeSpecialists } = event.data as ProgressReport
          onProgress(phaseId, phase, status, details, activeSpecialists)
        })
      }
      return orchestration
    } finally {
      this.#isCompiling = false
    }
  }

  #planned(name: string, work: unknown, options: unknown): StagePlan<S> {
    const make = workOf(work)
    if (make !== undefined) {
      const stage = workStage(name, make, options as WorkStageOptions<S, unknown, unknown>)
      if (work instanceof OrchestrationRunnable) this.#own(name, work)
      return stage
    }
    const isClass = typeof work === 'function' && (work.prototype as unknown) instanceof OrchestrationRunnable
    if (typeof work !== 'function' || isClass) {
      const expected = 'a function, or an instance of a state, an agent, an orchestration or an orchestrator'
      throw new OptionError(`work of "${name}"`, expected, work)
    }
    checkOptionNames(`stage "${name}"`, options as object, functionStageOptionNames)
    const { jumps } = options as FunctionStageOptions
    if (jumps !== undefined) checkTexts(`jumps of "${name}"`, jumps)
    return { kind: 'function', name, work: work as StageFunction<S>, options: options as FunctionStageOptions }
  }

  /** A state leads on from where it is, so it can only be in one place. */
  #own(name: string, state: unknown): void {
    const other = this.#stageOf.get(state)
    if (other !== undefined) {
      throw new OptionError(`work of "${name}"`, `a state of its own, and not that of stage "${other}"`, state)
    }
    this.#stageOf.set(state, name)
  }

  #open(change: string): void {
    if (this.#compiled === undefined) return
    throw new OrchestrationError(`${change} on orchestrator "${this.name}" came too late: it has already run.`, {
      code: 'DEFINITION_FROZEN',
      details: { orchestrator: this.name },
    })
  }
}

/** What makes the state of a stage that is no function. */
function workOf(work: unknown): (() => AnyRunnable) | undefined {
  if (work instanceof OrchestrationRunnable) return () => work as AnyRunnable
  if (work instanceof Orchestration) return () => new SubOrchestrationRunnable(work as Orchestration<never, unknown>)
  if (work instanceof Orchestrator) {
    return () => new SubOrchestrationRunnable(work.orchestration as unknown as Orchestration<never, unknown>)
  }
  if (work instanceof Agent) return () => new AgentStage(work) as AnyRunnable
  return undefined
}

function checkName(name: unknown): void {
  if (typeof name !== 'string' || name.trim() === '') throw new OptionError('name', 'a non-empty string', name)
  // No object can have something under this name, and states keep reports and latencies by the names of stages.
  if (name === '__proto__') throw new OptionError('name', 'another string', name)
}

function checkText(option: string, value: unknown): void {
  if (typeof value !== 'string') throw new OptionError(option, 'the name of a stage or a group', value)
}

function checkTexts(option: string, values: unknown): void {
  const are = Array.isArray(values) && values.every(value => typeof value === 'string')
  if (!are) throw new OptionError(option, 'a list of names', values)
}

function checkObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new OptionError(option, 'an object', value)
}

function checkTargets(targets: unknown): void {
  checkObject('targets', targets)
  for (const [key, to] of Object.entries(targets as object)) checkText(`targets.${key}`, to)
}

function checkReducers(merge: unknown): void {
  checkObject('merge', merge)
  for (const [property, reducer] of Object.entries(merge as object) as (readonly [string, unknown])[]) {
    if (reducer === undefined || typeof reducer === 'function') continue
    throw new OptionError(`merge.${property}`, 'a function (before, values) => value', reducer)
  }
}
