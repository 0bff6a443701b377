import { AgentStep } from '../agent-step.js'
import type { ExecutionPlan } from '../execution-plan.js'
import { DependencyAnalyzer } from '../planning/dependency-analyzer.js'
import { awaitedBy, stepsThatRun } from './stand-ins.js'

/** What follows a step. */
export interface Follow {
  /** The steps that it leads to, in the sense of the plan. */
  readonly declared: readonly AgentStep[]
  /** Those of them that it starts; none if it leads to the end. */
  readonly starts: readonly AgentStep[]
}

/** In which order a plan's steps are started. */
export interface Schedule {
  readonly first: readonly AgentStep[]
  after(step: AgentStep): Follow
}

/** One step after the other. */
function chained(steps: readonly AgentStep[]): Schedule {
  const following = new Map(steps.map((step, index) => [step, steps.slice(index + 1, index + 2)]))
  return {
    first: steps.slice(0, 1),
    after(step) {
      const next = following.get(step) ?? []
      return { declared: next, starts: next }
    },
  }
}

/**
 * Level by level, given that a run does not start a level before the one in front of it is done. So each step is started once, by
 * the last of its dependencies that is one level up; all others are done by then.
 */
function levelled(plan: ExecutionPlan): Schedule {
  const { levels, dependantsOf } = analysisOf(plan)
  const started = new Map<AgentStep, AgentStep[]>()
  for (const [index, level] of levels.entries()) {
    const above = levels[index - 1] ?? []
    for (const step of level) {
      const awaited = awaitedBy(step, plan)
      const starter = above.findLast(each => awaited.includes(each.stepId))
      if (starter === undefined) continue
      const startedByIt = started.get(starter)
      if (startedByIt === undefined) started.set(starter, [step])
      else startedByIt.push(step)
    }
  }
  return {
    first: levels[0] ?? [],
    after: step => ({ declared: dependantsOf(step), starts: started.get(step) ?? [] }),
  }
}

/** The schedule that a plan's strategy asks for; of a loop, that of one turn. */
export function scheduleOf(plan: ExecutionPlan): Schedule {
  const steps = stepsThatRun(plan)
  switch (plan.strategy) {
    case 'sequential':
    case 'loop':
      return chained(steps)
    case 'conditional':
      return chained(analysisOf(plan).order)
    case 'parallel':
      return levelled(plan)
  }
}

interface StepAnalysis {
  readonly levels: readonly (readonly AgentStep[])[]
  readonly order: readonly AgentStep[]
  dependantsOf(step: AgentStep): readonly AgentStep[]
}

/** Analyses steps without what they want of steps that are not among them: those wait for nobody, and fail when they are reached. */
function analysisOf(plan: ExecutionPlan): StepAnalysis {
  const steps = stepsThatRun(plan)
  const byId = new Map(steps.map(step => [step.stepId, step]))
  const among = steps.map(step => {
    const { stepId, agentId, taskType } = step
    return new AgentStep({ stepId, agentId, taskType, dependencies: awaitedBy(step, plan).filter(id => byId.has(id)) })
  })
  const analysis = new DependencyAnalyzer().analyze(among)
  const ofPlan = (found: readonly AgentStep[]): readonly AgentStep[] =>
    found.map(({ stepId }) => byId.get(stepId) as AgentStep)
  return {
    levels: analysis.levels.map(ofPlan),
    order: ofPlan(analysis.order),
    dependantsOf: ({ stepId }) => ofPlan(analysis.dependantsOf(stepId)),
  }
}
