import { type AnyRunnable, Orchestration, type OrchestrationRunnable, type RunContext } from '../../core/index.js'
import { joinState, state } from '../../graph/index.js'
import { type LoopOutcome, plannedAdvancer } from '../../graph/internal.js'
import type { Json } from '../../schema/index.js'
import { AgentStep } from '../agent-step.js'
import { ExecutionPlan } from '../execution-plan.js'
import { ResultManager } from '../workflow/result-manager.js'
import type { WorkflowResult } from '../workflow/workflow-result.js'
import { agentBreakers } from './agent-breakers.js'
import type { CompileOptions } from './compile-options.js'
import { addTurns, loopState } from './loop-state.js'
import type { TurnOutcome } from './loop-turn.js'
import { RunRecord } from './run-record.js'
import { scheduleOf } from './schedule.js'
import { stepsThatRun } from './stand-ins.js'
import { type StateNames, stateNamesOf } from './state-names.js'
import type { PolicySurroundings } from './step-policies.js'
import { leadTo, type StepState, wireSteps } from './step-states.js'

/** Carries out a plan that has been checked. */
export class PlanOrchestration extends Orchestration<Json, WorkflowResult> {
  constructor(given: ExecutionPlan, options: CompileOptions) {
    super()
    // A copy: what is changed about the plan from here on must not change the runs.
    const plan = new ExecutionPlan(given)
    plan.steps = given.steps.map(step => new AgentStep(step))
    const { interceptors = [], store, clock, logger, maxParallelAgents = Infinity, breakers, retryPolicy } = options
    const { planId, strategy, timeout, steps } = plan
    const atOnce = Math.min(maxParallelAgents, plan.maxParallelAgents ?? Infinity)
    this.configure({
      name: planId,
      scheduling: strategy === 'parallel' ? 'lockstep' : 'continuous',
      // Its states follow from the plan; it has no loop of its own that would have to be bounded.
      maxSteps: Math.max(1000, steps.length + 3),
      interceptors,
      ...(atOnce === Infinity ? {} : { maxConcurrency: atOnce }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
      ...(store && { store }),
      ...(clock && { clock }),
      ...(logger && { logger }),
    })
    const { registry, orchestrations } = options
    const surroundings: PolicySurroundings = {
      plan,
      registry,
      retryPolicy,
      interceptors,
      breakerOf: breakers ?? agentBreakers(),
      orchestrationOf: agentId => orchestrations?.get(agentId),
    }
    const names = stateNamesOf(plan)
    const finish = finishState(plan, names, options.resultManager ?? new ResultManager())
    const { first, all } =
      strategy === 'loop' ? loopStates(surroundings, names, finish) : stepStates(surroundings, finish)
    const begin = state(names.begin, (_plan: Json, context: RunContext) => new RunRecord(plan, context).begin())
    begin.addAdvancer(
      plannedAdvancer<number>('first', { sends: first }, startedAt =>
        leadTo(first, strategy === 'loop' ? startedAt : names.begin),
      ),
    )
    this.initialRunnable = begin
    this.resultRunnable = finish as OrchestrationRunnable<never, WorkflowResult>
    this.register(...all, finish)
  }
}

interface PlannedStates {
  readonly first: readonly AnyRunnable[]
  readonly all: readonly AnyRunnable[]
}

function stepStates(surroundings: PolicySurroundings, finish: StepState): PlannedStates {
  const { plan } = surroundings
  const goesOn = plan.strategy === 'parallel'
  return wireSteps({ steps: stepsThatRun(plan), schedule: scheduleOf(plan), surroundings, finish, goesOn })
}

function loopStates(surroundings: PolicySurroundings, names: StateNames, finish: StepState): PlannedStates {
  const loop = loopState(surroundings, names)
  loop.addAdvancer(plannedAdvancer<unknown>('after the loop', { sends: [finish] }, () => leadTo([finish], names.loop)))
  return { first: [loop], all: [loop] }
}

/** The last state: makes the result of what there is. */
function finishState(plan: ExecutionPlan, names: StateNames, results: ResultManager): StepState {
  const workflow = { intent: plan.intent, steps: stepsThatRun(plan).map(step => step.stepId) }
  return joinState(names.finish, { onInsufficient: 'proceed' }, (_from: readonly string[], context) => {
    const workflowState = new RunRecord(plan, context).state
    if (plan.strategy === 'loop') {
      addTurns(workflowState, (context.outputOf(names.loop) as LoopOutcome<TurnOutcome>).results)
    }
    return results.compileResults(workflowState, workflow, context)
  })
}
