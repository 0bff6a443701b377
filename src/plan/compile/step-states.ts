import { type AnyRunnable, OrchestrationRunnable, type RunContext, SendTo, sendTo } from '../../core/index.js'
import { plannedAdvancer } from '../../graph/internal.js'
import type { AgentStep } from '../agent-step.js'
import type { TaskResult } from '../task-result.js'
import { OrchestratedStep } from './orchestrated-step.js'
import { RunRecord } from './run-record.js'
import type { Schedule } from './schedule.js'
import { standInsOf } from './stand-ins.js'
import { interceptorsOf, type PolicySurroundings } from './step-policies.js'
import { doStep } from './step-work.js'

/** A state that other states lead to with the name of where they come from. */
export type StepState = OrchestrationRunnable<string, unknown>

/** A step of a plan as a state. Its output is `null` if its condition has left it out. */
class StepRunnable extends OrchestrationRunnable<string, TaskResult | null> {
  readonly #step: AgentStep
  readonly #surroundings: PolicySurroundings

  constructor(step: AgentStep, surroundings: PolicySurroundings) {
    super()
    this.#step = step
    this.#surroundings = surroundings
    this.configure({ name: step.stepId, interceptors: interceptorsOf(step, surroundings) })
  }

  invoke(_from: string, context: RunContext): Promise<TaskResult> {
    return doStep(this.#step, context, this.#surroundings)
  }
}

function stepState(step: AgentStep, surroundings: PolicySurroundings): StepState {
  const workers = [step, ...standInsOf(step, surroundings.plan)]
  const isRun = workers.some(({ agentId }) => surroundings.orchestrationOf(agentId) !== undefined)
  return isRun ? new OrchestratedStep(step, surroundings) : new StepRunnable(step, surroundings)
}

/** What the states of the steps are wired with. */
export interface StepWiring {
  readonly steps: readonly AgentStep[]
  readonly schedule: Schedule
  readonly surroundings: PolicySurroundings
  /** Where a step leads that starts no other. */
  readonly finish: AnyRunnable
  /** Whether what follows a step follows its failure as well. */
  readonly goesOn: boolean
}

/**
 * Makes a state of each step and has them follow each other as the schedule says. Returns those that come first, and all.
 */
export function wireSteps({ steps, schedule, surroundings, finish, goesOn }: StepWiring): {
  readonly first: readonly StepState[]
  readonly all: readonly StepState[]
} {
  const states = new Map<AgentStep, StepState>(steps.map(step => [step, stepState(step, surroundings)]))
  const stateOf = (step: AgentStep): StepState => states.get(step) as StepState
  for (const [step, state] of states) {
    const { stepId } = step
    const { declared, starts } = schedule.after(step)
    const started = starts.map(stateOf)
    const sends = started.length === 0 ? [...declared.map(stateOf), finish] : declared.map(stateOf)
    const next = (): SendTo | SendTo[] => leadTo(started.length === 0 ? [finish] : started, stepId)
    state.addAdvancer(plannedAdvancer<unknown>('dependants', { sends }, next))
    if (!goesOn) continue
    state.onError(
      plannedAdvancer('after failure', { sends }, (failure: { readonly error: Error }, context) => {
        new RunRecord(surroundings.plan, context).fail(stepId, failure.error)
        return next()
      }),
    )
  }
  return { first: schedule.first.map(stateOf), all: [...states.values()] }
}

/** Leads to one state on the same branch, to several on branches of their own. */
export function leadTo(targets: readonly AnyRunnable[], value: unknown): SendTo | SendTo[] {
  const sent = targets.map(target => sendTo(target as OrchestrationRunnable<unknown, unknown>, value))
  return sent.length === 1 ? (sent[0] as SendTo) : sent
}
