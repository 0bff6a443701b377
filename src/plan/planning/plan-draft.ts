import { Allow, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString } from 'class-validator'
import { describeProperty, setJsonSchemaFragment, setType } from '../../schema/index.js'
import { executionStrategies } from '../execution-strategy.js'

/** When a step of a {@link PlanDraft} is tried again. */
class RetryDraft {
  max_retries!: number
  backoff_type?: string
  initial_delay?: number
}
// Not as decorators: those of properties work in one of TypeScript's two modes only, and sources may be run in either.
IsInt()(RetryDraft.prototype, 'max_retries')
IsOptional()(RetryDraft.prototype, 'backoff_type')
IsIn(['exponential', 'fixed', 'linear'])(RetryDraft.prototype, 'backoff_type')
IsOptional()(RetryDraft.prototype, 'initial_delay')
IsNumber()(RetryDraft.prototype, 'initial_delay')
describeProperty(RetryDraft, 'max_retries', 'How many attempts there may be, the first included')
describeProperty(RetryDraft, 'initial_delay', 'Seconds to wait after the first attempt')

/** A step of a {@link PlanDraft}. */
class StepDraft {
  step_id!: string
  agent_id!: string
  task_type!: string
  parameters?: Record<string, unknown>
  dependencies?: string[]
  condition?: string
  retry_policy?: RetryDraft
  timeout?: number
  fallback?: string
}
for (const property of ['parameters', 'dependencies', 'condition', 'retry_policy', 'timeout', 'fallback']) {
  IsOptional()(StepDraft.prototype, property)
}
for (const property of ['step_id', 'agent_id', 'task_type', 'condition', 'fallback']) {
  IsString()(StepDraft.prototype, property)
}
IsObject()(StepDraft.prototype, 'parameters')
setType(StepDraft, 'dependencies', [String])
setType(StepDraft, 'retry_policy', RetryDraft)
IsNumber()(StepDraft.prototype, 'timeout')
describeProperty(StepDraft, 'step_id', 'A short name, unique in the plan')
describeProperty(StepDraft, 'agent_id', 'One of the agents that are offered')
describeProperty(StepDraft, 'task_type', 'A capability of that agent, or what it is to do if it declares none')
describeProperty(StepDraft, 'parameters', 'What the agent needs to know')
describeProperty(StepDraft, 'dependencies', 'The step_ids of the steps whose results this one needs')
describeProperty(
  StepDraft,
  'condition',
  'Only if the step may be left out: an expression over results of its dependencies, such as results.search.data.count > 0',
)
describeProperty(StepDraft, 'timeout', 'The most seconds an attempt may take')
describeProperty(StepDraft, 'fallback', 'The id of another agent that takes over if this one fails')

/** The loop of a {@link PlanDraft}. */
class LoopDraft {
  type!: string
  items?: unknown
  condition?: string
  max_iterations?: number
}
IsIn(['for_each', 'while'])(LoopDraft.prototype, 'type')
for (const property of ['items', 'condition', 'max_iterations']) IsOptional()(LoopDraft.prototype, property)
Allow()(LoopDraft.prototype, 'items')
setJsonSchemaFragment(LoopDraft, 'items', { anyOf: [{ type: 'array', items: {} }, { type: 'string' }] })
IsString()(LoopDraft.prototype, 'condition')
IsInt()(LoopDraft.prototype, 'max_iterations')
describeProperty(LoopDraft, 'items', 'Of for_each: the items; the steps get one at a time')
describeProperty(LoopDraft, 'condition', 'Of while: the loop goes on as long as this holds')

/** What a model is asked for: the JSON of a plan, without what the planner knows itself. */
export class PlanDraft {
  strategy?: string
  steps!: StepDraft[]
  loop?: LoopDraft
}
IsOptional()(PlanDraft.prototype, 'strategy')
IsIn([...executionStrategies])(PlanDraft.prototype, 'strategy')
IsOptional()(PlanDraft.prototype, 'loop')
setType(PlanDraft, 'steps', [StepDraft])
setType(PlanDraft, 'loop', LoopDraft)
describeProperty(
  PlanDraft,
  'strategy',
  'sequential: in the order of the list; parallel: by dependencies, side by side where possible; conditional: if steps have ' +
    'conditions; loop: all steps again and again',
)
describeProperty(PlanDraft, 'loop', 'Only for the strategy loop')
