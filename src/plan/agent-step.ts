import { IsNumber, IsObject, IsOptional, IsPositive, IsString } from 'class-validator'
import { setType } from '../schema/index.js'
import { RetryPolicy } from './retry-policy.js'

/** What an {@link AgentStep} is made of; only what has no default must be given. */
export interface AgentStepInit {
  readonly stepId: string
  readonly agentId: string
  readonly taskType: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly dependencies?: readonly string[]
  readonly condition?: string | undefined
  readonly retryPolicy?: Readonly<Partial<RetryPolicy>> | undefined
  readonly timeout?: number | undefined
  readonly fallback?: string | undefined
}

/** One task of a plan: who does what, with what, after which others (S3-05). */
export class AgentStep {
  /** Unique in the plan. */
  stepId!: string
  /** The agent's id in the registry. */
  agentId!: string
  /** What the agent is asked for: the name of one of its capabilities, if it declares some. */
  taskType!: string
  /** Plain JSON, handed to the agent as it is. @default {} */
  parameters: Record<string, unknown> = {}
  /** The ids of the steps whose results this one gets. @default [] */
  dependencies: string[] = []
  /** Leaves the step out, with `null` for a result, if it does not hold, for example `results.search.data.count > 0`. @default none */
  condition?: string
  /** @default one attempt */
  retryPolicy?: RetryPolicy
  /** How long one attempt may take, in seconds. @default no limit */
  timeout?: number
  /**
   * The id of a step, or else of an agent, that does the task when all attempts have failed. A step that is somebody's fallback does not
   * run by itself, and has no result of its own. @default the step fails
   */
  fallback?: string

  constructor(init?: AgentStepInit) {
    if (init === undefined) return
    const { parameters = {}, dependencies = [], retryPolicy, ...rest } = init
    Object.assign(this, definedOf(rest))
    this.parameters = { ...parameters }
    this.dependencies = [...dependencies]
    if (retryPolicy !== undefined) this.retryPolicy = new RetryPolicy(definedOf(retryPolicy))
  }
}
// Not as decorators: those of properties work in one of TypeScript's two modes only, and sources may be run in either.
for (const property of ['condition', 'retryPolicy', 'timeout', 'fallback']) IsOptional()(AgentStep.prototype, property)
for (const property of ['stepId', 'agentId', 'taskType', 'condition', 'fallback']) {
  IsString()(AgentStep.prototype, property)
}
IsObject()(AgentStep.prototype, 'parameters')
setType(AgentStep, 'dependencies', [String])
setType(AgentStep, 'retryPolicy', RetryPolicy)
IsNumber()(AgentStep.prototype, 'timeout')
IsPositive()(AgentStep.prototype, 'timeout')

/** The object without what is `undefined`. */
function definedOf<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}
