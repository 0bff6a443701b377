import { IsArray, IsInt, IsObject, IsOptional, IsString, Min, ValidateBy } from 'class-validator'

/** What the agents of a run have used up, in tokens. */
export interface StateUsage {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly totalTokens: number
}

/** The moment at which a run is to see the world. Plain data; stages and their tools go by it as far as they ask for it. */
export interface TemporalContext {
  /** The moment, as an ISO 8601 text. */
  readonly asOf: string
  /** Whether the past is played again. Run it on a `BacktestClock`, and nothing in it waits. */
  readonly backtest: boolean
}

/**
 * The state that goes through the stages of an `Orchestrator`. Subclass it with what your stages share, each property with its
 * class-validator decorators: the state is validated after every stage.
 *
 * ```ts
 * class QuantState extends BaseGraphState {
 *   \@IsString() question!: string
 *   \@IsOptional() @IsNumber() prior?: number
 * }
 * ```
 *
 * Everything in it has to be plain data or an instance of a payload class: each stage works on a copy.
 */
export class BaseGraphState {
  /** What the run is about; appears in its first report of progress. */
  subjectId = ''
  /** What stages have to say, by their names. */
  nodeReports: Record<string, unknown> = {}
  /** What the last critic had to say; stages write and read it. */
  pastCritique?: string
  /** Values around the run: settings, ids, data from elsewhere. */
  context: Record<string, unknown> = {}
  /** How many stages have been visited; members of groups count. Kept by the orchestrator. */
  cycleCount = 0
  /** How many stages may be visited. @default the `maxCycles` of the orchestrator */
  maxCycles?: number
  /** How long each stage took, in milliseconds, over all visits. Kept by the orchestrator. */
  latencies: Record<string, number> = {}
  /** The tokens that stages have reported, agents by themselves; those of groups and inner orchestrations included. */
  usage: StateUsage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 }
  /**
   * The stages in the order of their visits; a group is `parallel:<group>`, a member `<group>:<member>`, and one that failed where the
   * group goes on without it `<group>:<member> failed`. Kept by the orchestrator.
   */
  executionPath: string[] = []
  temporalContext?: TemporalContext
  /** The SHA-256 of this state and of `parentHash`, if the orchestrator keeps hashes; see `hashOfState`. */
  stateHash?: string
  /** The hash of the state before. */
  parentHash?: string

  /** The other name of {@link BaseGraphState.executionPath}. */
  get executionTrace(): readonly string[] {
    return this.executionPath
  }
}

// Not as decorators: those of properties work in one of TypeScript's two modes only, and sources may be run in either.
const { prototype } = BaseGraphState
IsString()(prototype, 'subjectId')
for (const record of ['nodeReports', 'context', 'latencies', 'usage']) IsObject()(prototype, record)
ValidateBy({
  name: 'isUsage',
  validator: {
    validate: isUsage,
    defaultMessage: () => '$property must have promptTokens, completionTokens and totalTokens, numbers of at least 0',
  },
})(prototype, 'usage')
for (const text of ['pastCritique', 'stateHash', 'parentHash']) {
  IsOptional()(prototype, text)
  IsString()(prototype, text)
}
IsInt()(prototype, 'cycleCount')
Min(0)(prototype, 'cycleCount')
IsOptional()(prototype, 'maxCycles')
IsInt()(prototype, 'maxCycles')
Min(1)(prototype, 'maxCycles')
IsArray()(prototype, 'executionPath')
IsOptional()(prototype, 'temporalContext')
IsObject()(prototype, 'temporalContext')

/** What is added to has to be there. */
function isUsage(value: unknown): boolean {
  const { promptTokens, completionTokens, totalTokens } = (value ?? {}) as Partial<StateUsage>
  return [promptTokens, completionTokens, totalTokens].every(tokens => Number.isFinite(tokens) && Number(tokens) >= 0)
}

/** What the orchestrator keeps in a state by itself. */
export type KeptProperty = 'latencies' | 'usage' | 'executionPath' | 'cycleCount' | 'stateHash' | 'parentHash'

/** A class of states; its constructor needs no arguments. */
export type StateClassOf<S extends BaseGraphState> = new () => S

/**
 * What a run starts with: a state, or a plain object with the properties that are to differ from what the constructor of the class gives
 * them. What is missing then is told by validation, before the first stage.
 */
export type GraphStateInput<S extends BaseGraphState> = S | Partial<StateData<S>>

type StateData<S> = {
  [K in keyof S as K extends 'executionTrace' ? never : S[K] extends (...args: never[]) => unknown ? never : K]: S[K]
}
