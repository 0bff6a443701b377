import type { RunContext } from '../../core/index.js'
import { LoopRunnable, parseCondition, parseExpression } from '../../graph/internal.js'
import type { ExecutionPlan } from '../execution-plan.js'
import { maxIterationsOf } from '../loop-config.js'
import { WorkflowState } from '../workflow/workflow-state.js'
import type { CompileOptions } from './compile-options.js'
import { conditionValues, holds } from './condition-check.js'
import type { LoopTurn, TurnOutcome } from './loop-turn.js'
import type { StateNames } from './state-names.js'
import type { PolicySurroundings } from './step-policies.js'
import { TurnOrchestration } from './turn-orchestration.js'

/** Its input is when the workflow began, in milliseconds since 1970. */
type PlanLoop = LoopRunnable<number, unknown, LoopTurn, TurnOutcome>

/** The state that repeats the steps of a plan. */
export function loopState(surroundings: PolicySurroundings, names: StateNames, options: CompileOptions): PlanLoop {
  const { plan } = surroundings
  const { loop } = plan
  const body = new TurnOrchestration(surroundings, names, options)
  const maxIterations = loop === undefined ? 1 : maxIterationsOf(loop)
  if (loop?.type === 'for_each') {
    const items = itemsOf(loop.items, plan)
    return new LoopRunnable<number, unknown, LoopTurn, TurnOutcome>({
      name: names.loop,
      body,
      maxIterations,
      items,
      inputOf: ({ index, item }, context) => ({ workflowId: workflowIdOf(context), index, item, previous: {} }),
    })
  }
  const condition = parseCondition(loop?.condition ?? 'false')
  return new LoopRunnable<number, unknown, LoopTurn, TurnOutcome>({
    name: names.loop,
    body,
    maxIterations,
    inputOf: ({ index, last }, context) => ({
      workflowId: workflowIdOf(context),
      index,
      previous: last?.results ?? {},
    }),
    while: ({ input: startedAt, index, results }, context) => {
      const { planId, metadata } = plan
      const workflowState = new WorkflowState({ workflowId: workflowIdOf(context), planId, startedAt, metadata })
      addTurns(workflowState, results)
      return holds(condition, conditionValues(workflowState, { index }), context)
    },
  })
}

/** The run of the plan: the loop is a run of its own inside it. */
function workflowIdOf({ runId }: RunContext): string {
  return runId.slice(0, runId.lastIndexOf('/'))
}

function itemsOf(items: readonly unknown[] | string, plan: ExecutionPlan): () => readonly unknown[] {
  if (typeof items !== 'string') return () => items
  const expression = parseExpression(items)
  // What is no list, and what is not there, the loop refuses itself.
  return () => expression.evaluate({ metadata: plan.metadata }).value as readonly unknown[]
}

/** Adds what the turns of a loop have come to. */
export function addTurns(workflowState: WorkflowState, turns: readonly (TurnOutcome | null)[]): void {
  for (const turn of turns) {
    if (turn === null) continue
    Object.assign(workflowState.createLoopIteration(turn.index, turn.item).results, turn.results)
    for (const [stepId, result] of Object.entries(turn.results)) workflowState.addResult(stepId, result)
  }
}
