import type { ExecutionPlan } from '../execution-plan.js'

/** What the states are called that are no steps; steps are called by their ids. */
export interface StateNames {
  readonly begin: string
  readonly finish: string
  readonly loop: string
  /** What the orchestration of one turn of the loop is called. */
  readonly turn: string
}

/** Names that no step of the plan has. */
export function stateNamesOf({ planId, steps }: ExecutionPlan): StateNames {
  const taken = new Set(steps.map(step => step.stepId))
  const free = (name: string): string => {
    let candidate = name
    for (let i = 2; taken.has(candidate); i++) candidate = `${name} (${i})`
    return candidate
  }
  return { begin: free('begin'), finish: free('finish'), loop: free('loop'), turn: `${planId}, one turn` }
}
