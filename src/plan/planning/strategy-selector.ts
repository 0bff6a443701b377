import type { AgentStep } from '../agent-step.js'
import { ExecutionStrategy } from '../execution-strategy.js'
import type { LoopConfig } from '../loop-config.js'
import { type DependencyAnalysis, DependencyAnalyzer } from './dependency-analyzer.js'

/** A strategy, and why it suits a plan. */
export interface StrategyChoice {
  readonly strategy: ExecutionStrategy
  /** In a sentence, for people. */
  readonly reason: string
}

/** What a strategy is chosen by: a plan, or one that has no strategy yet. */
export interface PlanShape {
  readonly steps: readonly AgentStep[]
  readonly loop?: LoopConfig | undefined
}

/**
 * Chooses a strategy by the shape of a plan (S3-23): `loop` if there is one, `conditional` if a step has a condition, `parallel` if
 * steps do not depend on each other, else `sequential`. Steps that only stand in for others count for nothing.
 * @throws PlanInvalidError `PLAN_INVALID` if the dependencies cannot be met
 */
export function selectStrategy({ steps, loop }: PlanShape): StrategyChoice {
  new DependencyAnalyzer().analyze(steps)
  const standIns = new Set(steps.map(({ fallback }) => fallback))
  const own = steps.filter(({ stepId }) => !standIns.has(stepId))
  if (loop !== undefined) return { strategy: ExecutionStrategy.Loop, reason: `The plan has a ${loop.type} loop.` }
  const conditional = own.filter(({ condition }) => condition !== undefined)
  if (conditional.length > 0) {
    const reason = `${named(conditional)} ${conditional.length === 1 ? 'has a condition' : 'have conditions'}.`
    return { strategy: ExecutionStrategy.Conditional, reason }
  }
  return unconditional(own, new DependencyAnalyzer().analyze(own))
}

function unconditional(steps: readonly AgentStep[], { levels, order }: DependencyAnalysis): StrategyChoice {
  const widest = levels.reduce((most, level) => (level.length > most.length ? level : most), [])
  if (widest.length > 1) {
    return { strategy: ExecutionStrategy.Parallel, reason: `${named(widest)} do not depend on each other.` }
  }
  if (steps.some((step, index) => step !== order[index])) {
    const reason = 'The steps are not listed in the order of their dependencies, which the strategy parallel follows.'
    return { strategy: ExecutionStrategy.Parallel, reason }
  }
  const reason = steps.length <= 1 ? 'There is only one step.' : 'Each step depends on the one before.'
  return { strategy: ExecutionStrategy.Sequential, reason }
}

function named(steps: readonly AgentStep[]): string {
  const ids = steps.map(({ stepId }) => stepId)
  const shown = ids.length <= 5 ? ids : [...ids.slice(0, 4), `${ids.length - 4} more`]
  const last = shown.at(-1) ?? ''
  return shown.length <= 1 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`
}
