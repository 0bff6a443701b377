import { type Observable, Subject } from 'rxjs'
import type {
  Clock,
  DurabilityOptions,
  Interceptor,
  Logger,
  Orchestration,
  OrchestrationEvent,
  ResumeOptions,
  RunOptions,
} from '../../core/index.js'
import { checkStore } from '../../core/internal.js'
import type { JournalStore } from '../../durability/index.js'
import { ensureError, OptionError, OrchestrationError } from '../../errors/index.js'
import { checkOptionNames, type OptionNames } from '../../errors/internal.js'
import type { CircuitBreaker, CircuitBreakerRules } from '../../resilience/index.js'
import type { Json } from '../../schema/index.js'
import type { AgentTask } from '../agent-task.js'
import { agentBreakers } from '../compile/agent-breakers.js'
import { PlanOrchestration } from '../compile/plan-orchestration.js'
import { ExecutionPlan } from '../execution-plan.js'
import { PlanValidator } from '../planning/plan-validator.js'
import type { RegistryClient } from '../registry-client.js'
import { checkRetryPolicyNames, RetryPolicy } from '../retry-policy.js'
import { ResultManager } from './result-manager.js'
import { startLater } from './start-later.js'
import { StateProjection } from './state-projection.js'
import { readWorkflow, workflowTags } from './stored-workflow.js'
import type { WorkflowResult } from './workflow-result.js'
import { WorkflowRun } from './workflow-run.js'
import { WorkflowStateManager } from './workflow-state-manager.js'

/** How a {@link WorkflowEngine} works. */
export interface WorkflowEngineOptions {
  /** Keeps the workflows, so that they survive the process (S3-30). @default they are not kept */
  readonly store?: JournalStore
  /** Makes the results. @default a new `ResultManager` */
  readonly resultManager?: ResultManager
  /** For steps that have no `retryPolicy`. @default one attempt */
  readonly retryPolicy?: Readonly<Partial<RetryPolicy>>
  /**
   * When the circuit breaker of an agent opens, and how it closes; all workflows of the engine share it. `false` for none.
   * @default after 5 failures in a row, for 60 seconds
   */
  readonly circuitBreaker?: CircuitBreakerRules | false
  /** How many agents of a workflow may be at work at a time, unless its plan allows fewer. @default no limit */
  readonly maxParallelAgents?: number
  /** What wraps each state of every workflow, the steps above all. @default none */
  readonly interceptors?: readonly Interceptor[]
  /**
   * Called with each orchestration before it runs, for tracing and measuring it; what it returns is called when the run has ended.
   * @default nothing
   */
  readonly instrument?: (orchestration: Orchestration<Json, WorkflowResult>, plan: ExecutionPlan) => (() => void) | void
  /** @default the system's clock */
  readonly clock?: Clock
  /** @default the console */
  readonly logger?: Logger
}

/** How one workflow is started. */
export interface ExecuteOptions extends DurabilityOptions, Pick<RunOptions, 'signal'> {
  /** @default a random UUID */
  readonly workflowId?: string
  /** @default that of the engine */
  readonly store?: JournalStore
}

/** How a workflow is taken up that is in a store. */
export interface ResumeWorkflowOptions extends Omit<ResumeOptions, 'store' | 'clock' | 'logger'> {
  /** @default that of the engine */
  readonly store?: JournalStore
}

const engineOptionNames: OptionNames<WorkflowEngineOptions> = {
  store: true,
  resultManager: true,
  retryPolicy: true,
  circuitBreaker: true,
  maxParallelAgents: true,
  interceptors: true,
  instrument: true,
  clock: true,
  logger: true,
}

const keepingNames = { store: true, durability: true, snapshotEvery: true, tags: true, signal: true } as const

const executeOptionNames: OptionNames<ExecuteOptions> = { workflowId: true, ...keepingNames }

const resumeOptionNames: OptionNames<ResumeWorkflowOptions> = { allowModified: true, ...keepingNames }

/** What {@link WorkflowEngine.recover} has found. */
export interface WorkflowRecovery {
  /** The workflows that were taken up. */
  readonly runs: readonly WorkflowRun[]
  /** Workflows that could not be taken up, and why; they are as they were. */
  readonly refused: readonly { readonly workflowId: string; readonly error: Error }[]
}

/**
 * Carries out plans (S3-07): checks them, makes an orchestration of each, and runs it.
 *
 * ```ts
 * const engine = new WorkflowEngine(registry, { store: new SqliteJournalStore('workflows.db') })
 * const { status, data } = await engine.executePlan(plan)
 * ```
 *
 * What the strategies do when a step fails: `sequential`, `conditional` and `loop` stop, and the workflow fails; `parallel` goes on with
 * everything that does not depend on that step, and tells of it in the result.
 */
export class WorkflowEngine {
  /** How the workflows stand. */
  readonly stateManager: WorkflowStateManager
  /** What makes the results. */
  readonly resultManager: ResultManager
  /** By agent id, the circuit breakers of the agents that were asked. */
  readonly circuitBreakers: ReadonlyMap<string, CircuitBreaker>
  readonly #registry: RegistryClient
  readonly #options: WorkflowEngineOptions
  readonly #validator: PlanValidator
  readonly #breakerOf: (agentId: string) => CircuitBreaker | undefined
  readonly #events = new Subject<OrchestrationEvent>()

  /** @throws OPTION_INVALID */
  constructor(registryClient: RegistryClient, options: WorkflowEngineOptions = {}) {
    checkOptionNames('a workflow engine', options, engineOptionNames)
    const { store, resultManager = new ResultManager(), circuitBreaker: rules, maxParallelAgents } = options
    if (typeof (registryClient as RegistryClient | undefined)?.getAgent !== 'function') {
      throw new OptionError('registryClient', 'a RegistryClient, such as `new MemoryRegistryClient()`', registryClient)
    }
    if (store !== undefined) checkStore(store)
    checkMaxParallelAgents(maxParallelAgents)
    if (options.retryPolicy !== undefined) checkRetryPolicyNames(options.retryPolicy)
    this.#registry = registryClient
    this.#options = options
    this.#validator = new PlanValidator(registryClient)
    this.resultManager = resultManager
    this.stateManager = new WorkflowStateManager(store)
    const breakers = new Map<string, CircuitBreaker>()
    this.circuitBreakers = breakers
    this.#breakerOf = rules === false ? () => undefined : agentBreakers(rules, breakers)
  }

  /** The events of all workflows of this engine. Never completes, never errors. */
  get events$(): Observable<OrchestrationEvent> {
    return this.#events.asObservable()
  }

  /**
   * Carries out a plan and returns the result (S3-08). Rejects with a {@link PlanInvalidError} if the plan is wrong, an unknown strategy
   * or agent included, and with a {@link WorkflowFailedError} if the workflow fails: its `cause` is the original error, its `state` has
   * what was done until then.
   */
  async executePlan(plan: ExecutionPlan | Json, options: ExecuteOptions = {}): Promise<WorkflowResult> {
    return (await this.#begin(plan, options, (orchestration, input, run) => orchestration.start(input, run))).result
  }

  /**
   * Starts to carry out a plan. Nothing has happened yet when the promise resolves, so a subscriber misses no event. Rejects with a
   * {@link PlanInvalidError} if the plan is wrong.
   */
  start(plan: ExecutionPlan | Json, options: ExecuteOptions = {}): Promise<WorkflowRun> {
    return this.#begin(plan, options, startLater)
  }

  async #begin(plan: ExecutionPlan | Json, options: ExecuteOptions, start: typeof startLater): Promise<WorkflowRun> {
    checkOptionNames('a workflow', options, executeOptionNames)
    const { workflowId = globalThis.crypto.randomUUID(), store = this.#options.store, tags, ...rest } = options
    await this.#validator.assertValid(plan)
    const checked = plan instanceof ExecutionPlan ? plan : ExecutionPlan.fromJSON(plan)
    const orchestration = await this.#compile(checked)
    const kept = store === undefined ? {} : { store, tags: { ...tags, ...tagsOf(checked) } }
    const run = start(orchestration, checked.toJSON(), { ...rest, ...kept, runId: workflowId })
    const projection = new StateProjection(workflowId, checked, orchestration.durable.clock.now())
    return this.#followed(new WorkflowRun(checked, run, projection), orchestration)
  }

  /**
   * Takes up a workflow that is in a store and goes on where its journal ends: steps that had completed are not run again (S3-31).
   * @param plan the plan; if it is left out, that which the workflow was started with
   * @throws RUN_UNKNOWN, RUN_BUSY; DEFINITION_CHANGED if the plan is not that which it was started with, unless `allowModified` is set
   * and every step that it is at still exists
   */
  async resume(
    workflowId: string,
    plan?: ExecutionPlan | Json,
    resumeOptions: ResumeWorkflowOptions = {},
  ): Promise<WorkflowRun> {
    checkOptionNames('resume()', resumeOptions, resumeOptionNames)
    const { store = this.#options.store, ...options } = resumeOptions
    if (store === undefined) throw storeMissing('resume()')
    const given = plan === undefined || plan instanceof ExecutionPlan ? plan : ExecutionPlan.fromJSON(plan)
    const stored = await readWorkflow(store, workflowId, given)
    const present = given ?? stored.plan
    await this.#validator.assertValid(present)
    if (options.allowModified !== true && !isSamePlan(present, stored.plan)) throw changedPlan(workflowId, present)
    const orchestration = await this.#compile(present)
    const run = await orchestration.resume(workflowId, { ...options, store })
    const { projection } = stored
    return this.#followed(new WorkflowRun(present, run, projection), orchestration)
  }

  /**
   * Takes up every workflow in a store that is under way and that nobody drives, for example after a crash (S3-31). Paused ones stay
   * paused. One that cannot be taken up does not keep the others from it.
   */
  async recover(options: ResumeWorkflowOptions = {}): Promise<WorkflowRecovery> {
    const { store = this.#options.store } = options
    if (store === undefined) throw storeMissing('recover()')
    const runs: WorkflowRun[] = []
    const refused: { workflowId: string; error: Error }[] = []
    for (const { workflowId } of await this.stateManager.list({ status: ['running'], store })) {
      try {
        runs.push(await this.resume(workflowId, undefined, options))
      } catch (thrown) {
        if (OrchestrationError.isInstance(thrown) && thrown.code === 'RUN_BUSY') continue
        refused.push({ workflowId, error: ensureError(thrown) })
      }
    }
    return { runs, refused }
  }

  async #compile(plan: ExecutionPlan): Promise<Orchestration<Json, WorkflowResult>> {
    const { retryPolicy, maxParallelAgents, interceptors, store, clock, logger } = this.#options
    return new PlanOrchestration(plan, {
      registry: this.#registry,
      orchestrations: await this.#orchestrationsIn(plan),
      resultManager: this.resultManager,
      breakers: this.#breakerOf,
      ...(retryPolicy === undefined ? {} : { retryPolicy: new RetryPolicy(retryPolicy) }),
      ...(maxParallelAgents === undefined ? {} : { maxParallelAgents }),
      ...(interceptors && { interceptors }),
      ...(store && { store }),
      ...(clock && { clock }),
      ...(logger && { logger }),
    })
  }

  async #orchestrationsIn({ steps }: ExecutionPlan): Promise<ReadonlyMap<string, Orchestration<AgentTask, unknown>>> {
    const found = new Map<string, Orchestration<AgentTask, unknown>>()
    const look = async (agentId: string): Promise<void> => {
      // An agent that has gone since the plan was checked is missed when its step comes.
      const agent = await this.#registry.getAgent(agentId).catch(() => undefined)
      if (agent?.orchestration !== undefined) found.set(agentId, agent.orchestration)
    }
    const stepIds = new Set(steps.map(step => step.stepId))
    const standIns = steps.flatMap(({ fallback }) =>
      fallback === undefined || stepIds.has(fallback) ? [] : [fallback],
    )
    await Promise.all([...new Set([...steps.map(step => step.agentId), ...standIns])].map(look))
    return found
  }

  #followed(workflow: WorkflowRun, orchestration: Orchestration<Json, WorkflowResult>): WorkflowRun {
    const end = this.#options.instrument?.(orchestration, workflow.plan)
    workflow.run.events$.subscribe(event => this.#events.next(event))
    this.stateManager.follow(workflow)
    if (typeof end === 'function') workflow.result.then(end, end)
    return workflow
  }
}

function storeMissing(what: string): OrchestrationError {
  return new OrchestrationError(`${what} needs a store: pass \`{ store }\`, or give the engine one.`, {
    code: 'STORE_MISSING',
  })
}

function tagsOf({ planId }: ExecutionPlan): Readonly<Record<string, string>> {
  return { ...workflowTags, plan: planId }
}

function isSamePlan(a: ExecutionPlan, b: ExecutionPlan): boolean {
  return JSON.stringify(a.toJSON()) === JSON.stringify(b.toJSON())
}

function changedPlan(workflowId: string, { planId }: ExecutionPlan): OrchestrationError {
  return new OrchestrationError(
    `Workflow "${workflowId}" was started with another plan than the "${planId}" that it is to go on with. Leave the plan out to go on ` +
      'with the one in the store, or set `allowModified` if the change is meant.',
    { code: 'DEFINITION_CHANGED', details: { workflowId, planId } },
  )
}

/** @throws OPTION_INVALID */
function checkMaxParallelAgents(value: number | undefined): void {
  if (value === undefined || value === Infinity || (Number.isInteger(value) && value >= 1)) return
  throw new OptionError('maxParallelAgents', 'a whole number of at least 1', value)
}
