import type { Agent, ModelMessage } from '../agents/index.js'
import type { ApprovalOutcome, Interceptor, Orchestration, OrchestrationRunnable, RunContext } from '../core/index.js'
import type { OptionNames } from '../errors/internal.js'
import type { BaseGraphState } from './base-graph-state.js'

/** How a stage behaves, besides its work. */
export interface StageOptions {
  /**
   * What wraps each try of the stage: retries, timeouts, budgets. A stage that is an orchestration or that waits is not tried but run, so
   * of these it takes only what is {@link Interceptor.nested}, such as a budget. @default none
   */
  readonly interceptors?: readonly Interceptor[]
}

/** {@link StageOptions} of a stage that is a function. */
export interface FunctionStageOptions extends StageOptions {
  /**
   * Which stages and groups it may return; anything else is then refused. Name them where the definition is to be checked and drawn
   * exactly: without them every stage can be reached from here. @default all
   */
  readonly jumps?: readonly string[]
}

/** What a stage can consist of besides functions: a state, an agent, or an orchestration, which then runs inside. */
export type StageWork<TIn, TOut> = OrchestrationRunnable<TIn, TOut> | Orchestration<TIn, TOut>

/** What an agent as a stage is asked. */
export type AgentPrompt = string | readonly ModelMessage[]

/** Any agent, whatever it answers. */
export type AnyAgent = Agent<unknown>

/** How a stage that is no function takes its input out of the state, and puts its output into it. */
export interface WorkStageOptions<S extends BaseGraphState, TIn, TOut> extends StageOptions {
  /** What it gets. The state is a copy: for an orchestration a new inner state can be made of it. */
  readonly input: (state: S, context: RunContext) => TIn | Promise<TIn>
  /** Changes the state by what has come out. @default it becomes the stage's entry in `nodeReports` */
  readonly output?: (state: S, output: TOut, context: RunContext) => void | Promise<void>
}

/** A stage at which the run waits for a person. */
export interface HumanStageOptions<S extends BaseGraphState, TSubject = S> {
  /** What the person is asked. @default `Approve <stage>?` */
  readonly message?: string | ((subject: TSubject) => string)
  /** What it is about; the person sees it. @default the state */
  readonly subject?: (state: S) => TSubject
  /** How long to wait, in milliseconds. @default for ever */
  readonly timeoutMs?: number
  /** Where an approval leads. @default where the edges of the stage lead */
  readonly approve?: string
  /** Where a rejection leads: a stage, a group, or `END`. */
  readonly reject: string
  /** Where it leads if nobody has decided in time. @default as a rejection */
  readonly expire?: string
  /**
   * Changes the state by what was decided. @default the stage's entry in `nodeReports` becomes `{ outcome, by, comment }`
   */
  readonly output?: (state: S, outcome: ApprovalOutcome<TSubject>) => void
}

/** Every key of {@link FunctionStageOptions}. */
export const functionStageOptionNames: OptionNames<FunctionStageOptions> = { interceptors: true, jumps: true }

/** Every key of {@link WorkStageOptions}. */
export const workStageOptionNames: OptionNames<WorkStageOptions<BaseGraphState, unknown, unknown>> = {
  input: true,
  output: true,
  interceptors: true,
}

/** Every key of {@link HumanStageOptions}. */
export const humanStageOptionNames: OptionNames<HumanStageOptions<BaseGraphState>> = {
  message: true,
  subject: true,
  timeoutMs: true,
  approve: true,
  reject: true,
  expire: true,
  output: true,
}
