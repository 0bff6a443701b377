import type { RunContext } from '../../core/index.js'
import { LoopRunnable, parseCondition, parseExpression } from '../../graph/internal.js'
import type { ExecutionPlan } from '../execution-plan.js'
import { maxIterationsOf } from '../loop-config.js'
import { WorkflowState } from '../workflow/workflow-state.js'
import { conditionValues, holds } from './condition-check.js'
import type { LoopTurn, TurnOutcome } from './loop-turn.js'
import type { StateNames } from './state-names.js'
import type { PolicySurroundings } from './step-policies.js'
import { TurnOrchestration } from './turn-orchestration.js'

/** Its input is when the workflow began, in milliseconds since 1970. */
type PlanLoop = LoopRunnable<number, unknown, LoopTurn, TurnOutcome>

/** What of a workflow's state is about all turns of its loop; the rest is about the last one. */
const turnNames: readonly string[] = ['iterations', 'stepsCompleted', 'steps_completed']

/** The state that repeats the steps of a plan. */
export function loopState(surroundings: PolicySurroundings, names: StateNames): PlanLoop {
  const { plan } = surroundings
  const { loop } = plan
  const body = new TurnOrchestration(surroundings, names)
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
  const readsTurns = condition.paths.some(([name]) => turnNames.includes(name))
  return new LoopRunnable<number, unknown, LoopTurn, TurnOutcome>({
    name: names.loop,
    body,
    maxIterations,
    inputOf: ({ index, last }, context) => ({
      workflowId: workflowIdOf(context),
      index,
      previous: last?.results ?? {},
    }),
    while: (turns, context) => {
      const { planId, metadata } = plan
      const { input: startedAt, index, last } = turns
      const workflowState = new WorkflowState({ workflowId: workflowIdOf(context), planId, startedAt, metadata })
      // Every step has a result in the last turn.
      Object.assign(workflowState.results, last?.results)
      const values = conditionValues(workflowState, { index })
      // There are more of them with each turn.
      if (readsTurns) Object.assign(values, turnValues(turns.results))
      return holds(condition, values, context)
    },
  })
}

/** What conditions can read of all turns of a loop. */
function turnValues(turns: readonly (TurnOutcome | null)[]): Readonly<Record<string, unknown>> {
  const stepsCompleted: string[] = []
  for (const turn of turns) {
    for (const stepId in turn?.results) if (turn.results[stepId] !== null) stepsCompleted.push(stepId)
  }
  return { iterations: turns, stepsCompleted, steps_completed: stepsCompleted }
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
