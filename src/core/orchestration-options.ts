import { OptionError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import type { TypeRef } from '../schema/index.js'
import { type Clock, systemClock } from './clock.js'
import type { InheritedInterceptor } from './engine/inherited-interceptors.js'
import type { Interceptor } from './interceptor.js'
import { consoleLogger, type Logger } from './logger.js'
import type { Migration } from './migration.js'
import type { RunRecorder } from './recorder.js'
import type { RunLedger } from './run-ledger.js'
import type { DurabilityOptions, RunStore, TakeUpOptions } from './run-store.js'

/** The rules that a run follows; an orchestration sets defaults, each run may set its own. */
export interface RunRules {
  /** `continuous`: a branch goes on as soon as its own state is done. `lockstep`: all running states finish first. @default 'continuous' */
  readonly scheduling?: 'continuous' | 'lockstep'
  /** `failFast`: the first failure ends the run. `collect`: other branches go on, then the run fails with all of them. @default 'failFast' */
  readonly failure?: 'failFast' | 'collect'
  /** How many states may be invoked in a run. @default 1000 */
  readonly maxSteps?: number
  /** How many states may be at work at once. @default no limit */
  readonly maxConcurrency?: number
  /** How many branches an output may fan out to at once; more fail the state with `FAN_OUT_TOO_WIDE`. @default no limit */
  readonly maxFanOut?: number
  /** How long a run may take, in milliseconds. @default no limit */
  readonly timeoutMs?: number
  /**
   * How many of the latest events a run keeps for late subscribers, `true` for all of them. @default 0
   */
  readonly retainEvents?: number | boolean
  /** Where time comes from. @default the system's clock */
  readonly clock?: Clock
  /** Where listeners, hooks and callbacks that throw are reported. @default the console */
  readonly logger?: Logger
}

/** What a single run can be started with, besides its input. */
export interface RunOptions extends RunRules, DurabilityOptions {
  /** @default a random UUID */
  readonly runId?: string
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** The values `context.properties` starts with. @default none */
  readonly properties?: Readonly<Record<string, unknown>>
  /** Gets every fact of the run before it takes effect; not together with `store`. @default none */
  readonly recorder?: RunRecorder
  /** Keeps the run, so that it survives the process. @default that of the orchestration; if it has none, the run is not kept */
  readonly store?: RunStore
}

/** How a run is taken up that is in a store. */
export interface ResumeOptions extends TakeUpOptions {
  /** @default that of the orchestration */
  readonly store?: RunStore
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Where time comes from. @default that of the orchestration */
  readonly clock?: Clock
  /** Where listeners, hooks and callbacks that throw are reported. @default that of the orchestration */
  readonly logger?: Logger
}

/** What `@OrchestrationOptions` takes, apart from the classes of the payloads. */
export interface OrchestrationBehaviour extends RunRules {
  /** What events, errors and diagrams call it. @default the class's name */
  readonly name?: string
  /** What wraps each invocation of every state, the first outermost. @default none */
  readonly interceptors?: readonly Interceptor[]
  /** Keeps its runs, so that they survive the process. @default none */
  readonly store?: RunStore
  /** The version of the definition, a whole number; a run that was started under a lower one needs a migration. @default 1 */
  readonly version?: number
  /** What makes a stored run of version `n` one of version `n + 1`, by `n`. @default none */
  readonly migrations?: Readonly<Record<number, Migration>>
  /** Classes of values in durable runs that no state declares as input or output, such as those of properties. @default none */
  readonly classes?: readonly TypeRef[]
}

/** What `@OrchestrationOptions` takes; the classes are checked against the generics of the orchestration. */
export interface OrchestrationConfiguration<I extends TypeRef | undefined, O extends TypeRef | undefined>
  extends OrchestrationBehaviour {
  /** The class of the run's input. @default not validated */
  readonly input?: I
  /** The class of the run's result. @default not validated */
  readonly output?: O
}

/** The options of an orchestration as they are kept. */
export interface OrchestrationDeclaration extends OrchestrationBehaviour {
  readonly input?: TypeRef
  readonly output?: TypeRef
}

/** {@link RunRules} with nothing left open, in the form in which the engine asks for them. */
export interface ResolvedRules {
  readonly lockstep: boolean
  readonly failFast: boolean
  readonly maxSteps: number
  readonly maxConcurrency: number
  readonly maxFanOut: number
  readonly timeoutMs: number | undefined
  /** How many events are kept. */
  readonly retainEvents: number
  readonly clock: Clock
  readonly logger: Logger
}

/** What a run goes by. */
export interface ResolvedRunOptions {
  readonly rules: ResolvedRules
  readonly runId: string
  readonly signal: AbortSignal | undefined
  readonly properties: Readonly<Record<string, unknown>> | undefined
  readonly recorder: RunRecorder | undefined
  /** The recorder, if the run can be had back from it. */
  readonly ledger: RunLedger | undefined
  /** What wraps each attempt of every state of this run and of the runs inside it, inside of all other interceptors. */
  readonly attemptInterceptors: readonly Interceptor[]
  /** What wraps its states from outside, if the run is part of another one. */
  readonly inherited: readonly InheritedInterceptor[]
  /** Whether its interceptors are not told of its beginning and its end. */
  readonly unheard: boolean
}

/** Fills in the defaults. @throws OPTION_INVALID */
export function resolveRules(rules: RunRules): ResolvedRules {
  const { scheduling = 'continuous', failure = 'failFast', maxSteps = 1000, maxConcurrency = Infinity } = rules
  const { maxFanOut = Infinity, timeoutMs, retainEvents = 0, clock = systemClock, logger = consoleLogger } = rules
  return {
    lockstep: oneOf('scheduling', ['continuous', 'lockstep'], scheduling) === 'lockstep',
    failFast: oneOf('failure', ['failFast', 'collect'], failure) === 'failFast',
    maxSteps: wholeNumber('maxSteps', maxSteps),
    maxConcurrency: wholeNumber('maxConcurrency', maxConcurrency),
    maxFanOut: wholeNumber('maxFanOut', maxFanOut),
    timeoutMs: duration('timeoutMs', timeoutMs),
    retainEvents:
      typeof retainEvents === 'boolean' ? (retainEvents ? Infinity : 0) : wholeNumber('retainEvents', retainEvents, 0),
    clock,
    logger,
  }
}

/** Every key of {@link RunRules}, for telling whether a run has rules of its own. */
const knownRules = {
  scheduling: true,
  failure: true,
  maxSteps: true,
  maxConcurrency: true,
  maxFanOut: true,
  timeoutMs: true,
  retainEvents: true,
  clock: true,
  logger: true,
} satisfies OptionNames<RunRules>
const ruleNames = Object.keys(knownRules) as readonly (keyof RunRules)[]

/** Every key of {@link OrchestrationBehaviour}. */
export const behaviourNames: OptionNames<OrchestrationBehaviour> = {
  ...knownRules,
  name: true,
  interceptors: true,
  store: true,
  version: true,
  migrations: true,
  classes: true,
}

const declarationNames: OptionNames<OrchestrationDeclaration> = { ...behaviourNames, input: true, output: true }

const runOptionNames: OptionNames<RunOptions> = {
  ...knownRules,
  durability: true,
  snapshotEvery: true,
  tags: true,
  runId: true,
  signal: true,
  properties: true,
  recorder: true,
  store: true,
}

const resumeOptionNames: OptionNames<ResumeOptions> = {
  durability: true,
  snapshotEvery: true,
  tags: true,
  allowModified: true,
  store: true,
  signal: true,
  clock: true,
  logger: true,
}

/** Refuses what an orchestration cannot be declared with. @throws OPTION_INVALID */
export function checkOrchestrationDeclaration(declaration: OrchestrationDeclaration): void {
  checkOptionNames('an orchestration', declaration, declarationNames)
  resolveRules(declaration)
}

/** Refuses options that a run does not have. @throws OPTION_INVALID */
export function checkRunOptionNames(options: RunOptions): void {
  checkOptionNames('a run', options, runOptionNames)
}

/** Refuses options that taking up a run does not have. @throws OPTION_INVALID */
export function checkResumeOptionNames(options: ResumeOptions): void {
  checkOptionNames('resume()', options, resumeOptionNames)
}

/**
 * Lays a run's options over the rules of its orchestration; `defaults` are these rules resolved, which most runs share.
 * @throws OPTION_INVALID
 */
export function resolveRunOptions(
  declared: RunRules,
  defaults: ResolvedRules,
  options: RunOptions,
  attemptInterceptors: readonly Interceptor[],
  { inherited, unheard = false }: { readonly inherited: readonly InheritedInterceptor[]; readonly unheard?: boolean },
  ledger: RunLedger | undefined,
): ResolvedRunOptions {
  const { runId = randomId(), signal, properties, recorder = ledger } = options
  if (typeof runId !== 'string' || runId === '') throw new OptionError('runId', 'a non-empty string', runId)
  const own = ruleNames.filter(name => options[name] !== undefined)
  const rules =
    own.length === 0
      ? defaults
      : resolveRules({ ...declared, ...Object.fromEntries(own.map(name => [name, options[name]])) })
  const restored = ledger?.restored
  // What decides how a run goes on must not change under it.
  const kept = restored === undefined ? rules : { ...rules, ...restored.state.rules, timeoutMs: restored.timeoutMs }
  return { rules: kept, runId, signal, properties, recorder, ledger, attemptInterceptors, inherited, unheard }
}

/** A UUID in one piece: as the platform builds it, it is a rope of fourteen strings that takes half a kilobyte a run. */
export function randomId(): string {
  const id = globalThis.crypto.randomUUID()
  id.charCodeAt(id.length - 1)
  return id
}

function oneOf<T extends string>(option: string, allowed: readonly T[], value: T): T {
  if (!allowed.includes(value)) throw new OptionError(option, allowed.map(name => `'${name}'`).join(' or '), value)
  return value
}

function wholeNumber(option: string, value: number, least = 1): number {
  if ((Number.isInteger(value) || value === Infinity) && value >= least) return value
  throw new OptionError(option, `a whole number of at least ${least}`, value)
}

function duration(option: string, value: number | undefined): number | undefined {
  if (value !== undefined && !(value > 0)) throw new OptionError(option, 'a number of milliseconds above 0', value)
  return value
}
