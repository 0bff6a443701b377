import type { AgentStep } from '../agent-step.js'
import { dependencyFaults } from './dependency-faults.js'
import { dependantsOf, levelsOf, type Needs, orderOf, reachableFrom } from './dependency-order.js'
import { PlanInvalidError } from './plan-invalid-error.js'
import { needsOf, positionsOf } from './step-needs.js'

/** Who waits for whom in a plan (S3-22). Made once, asked often. */
export interface DependencyAnalysis {
  /** The steps by level: those of a level depend only on steps of the levels before. In the plan's order inside a level. */
  readonly levels: readonly (readonly AgentStep[])[]
  /** All steps, each after those it depends on; in the plan's order as far as that leaves it open. */
  readonly order: readonly AgentStep[]
  /** A longest chain of dependencies, first step first: no run takes fewer steps one after the other. */
  readonly criticalPath: readonly AgentStep[]
  /** The steps that name this one as a dependency, in the plan's order. Empty for an id that there is not. */
  dependantsOf(stepId: string): readonly AgentStep[]
  /** All steps this one cannot begin without, directly or not, in the plan's order. Empty for an id that there is not. */
  prerequisitesOf(stepId: string): readonly AgentStep[]
}

/** Finds out which steps of a plan wait for which. Takes plans of tens of thousands of steps. */
export class DependencyAnalyzer {
  /** @throws PlanInvalidError `PLAN_INVALID` for circles, unknown dependencies and ids that occur twice */
  analyze(steps: readonly AgentStep[]): DependencyAnalysis {
    const faults = dependencyFaults(steps)
    if (faults.length > 0) throw new PlanInvalidError(faults, 'The dependencies cannot be met')
    const positions = positionsOf(steps)
    const needs = needsOf(steps, positions)
    const dependants = dependantsOf(needs)
    const levels = levelsOf(needs)
    const stepsAt = (places: readonly number[]): AgentStep[] => places.map(at => steps[at] as AgentStep)
    return {
      levels: levels.map(stepsAt),
      order: stepsAt(orderOf(needs)),
      criticalPath: stepsAt(longestChain(levels, needs)),
      dependantsOf: stepId => stepsAt(dependants[positions.get(stepId) ?? -1] ?? []),
      prerequisitesOf: stepId => stepsAt(reachableFrom(positions.get(stepId) ?? -1, needs)),
    }
  }
}

function longestChain(levels: readonly (readonly number[])[], needs: Needs): readonly number[] {
  const levelAt = new Map(levels.flatMap((level, number) => level.map(at => [at, number] as const)))
  const chain: number[] = []
  let at = levels.at(-1)?.[0]
  while (at !== undefined) {
    chain.push(at)
    const before = (levelAt.get(at) as number) - 1
    at = needs[at]?.find(need => levelAt.get(need) === before)
  }
  return chain.reverse()
}
