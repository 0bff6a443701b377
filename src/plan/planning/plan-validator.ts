import { didYouMean, nearestNames } from '../../errors/internal.js'
import { executionStrategies } from '../execution-strategy.js'
import type { AgentDescription, RegistryClient } from '../registry-client.js'
import { agentFaults } from './agent-faults.js'
import { loopFaults, stepConditionFaults } from './condition-places.js'
import { locatedFaults } from './dependency-faults.js'
import { fallbackFaults } from './fallback-faults.js'
import type { PlanFault, PlanHint, PlanReport } from './plan-fault.js'
import { PlanInvalidError } from './plan-invalid-error.js'
import { type ReadPlan, readPlan } from './plan-reader.js'
import { runsInListedOrder, standInsOf, stepIdsOf } from './read-steps.js'
import type { ReadStep } from './step-reader.js'

/** What a plan is checked against besides itself. */
export interface ValidatePlanOptions {
  /** The agents there are; without them it is not checked whether those of the plan exist. */
  readonly agents?: readonly AgentDescription[]
}

/** Everything that is wrong with a plan, or with the JSON of one, parsed or as text. Never throws. */
export function validatePlan(plan: unknown, { agents }: ValidatePlanOptions = {}): PlanReport {
  const read = readPlan(plan)
  const faults = [
    ...read.faults,
    ...strategyFaults(read),
    ...emptyFaults(read),
    ...locatedFaults(read.steps.map(step => ({ ...step, idPath: step.pathOf('stepId') }))),
    ...fallbackFaults(read, agents),
    ...stepConditionFaults(read),
    ...loopFaults(read),
    ...(agents === undefined ? [] : agentFaults(read, agents)),
  ]
  return { valid: faults.length === 0, faults: inPlanOrder(faults), hints: orderHints(read) }
}

/** Checks plans against the agents of a registry (S3-24). */
export class PlanValidator {
  readonly #registry: RegistryClient | undefined

  /** Without a registry it is not checked whether the agents exist. */
  constructor(registry?: RegistryClient) {
    this.#registry = registry
  }

  /** Everything that is wrong with a plan, or with the JSON of one. Rejects only if the registry does. */
  async validate(plan: unknown): Promise<PlanReport> {
    const agents = await this.#registry?.listAgents()
    return validatePlan(plan, agents === undefined ? {} : { agents })
  }

  /** The report of a plan that has no faults. Rejects with a {@link PlanInvalidError}, `PLAN_INVALID`, if it has some. */
  async assertValid(plan: unknown): Promise<PlanReport> {
    const report = await this.validate(plan)
    if (!report.valid) throw new PlanInvalidError(report.faults)
    return report
  }
}

function strategyFaults({ strategy, pathOf }: ReadPlan): readonly PlanFault[] {
  if (strategy === undefined || executionStrategies.some(known => known === strategy)) return []
  const nearest = nearestNames(strategy, executionStrategies)
  const message = `Unknown strategy: ${strategy}. ${didYouMean(strategy, executionStrategies, '')}`
  const expected = executionStrategies.join(', ')
  const near = nearest.length === 0 ? {} : { nearest }
  return [{ kind: 'unknown_strategy', path: pathOf('strategy'), message, expected, ...near }]
}

function emptyFaults({ steps, pathOf, faults }: ReadPlan): readonly PlanFault[] {
  const path = pathOf('steps')
  if (steps.length > 0 || faults.some(fault => fault.path === path || fault.path === '')) return []
  return [{ kind: 'empty', path, message: 'The plan has no steps.', expected: 'at least one step' }]
}

/** Orders that S3 finds out about while the plan runs. */
function orderHints(plan: ReadPlan): readonly PlanHint[] {
  if (!runsInListedOrder(plan)) return []
  const ids = stepIdsOf(plan)
  const before = new Set<string>()
  const standIns = standInsOf(plan)
  const byId = new Map(plan.steps.map(step => [step.stepId, step]))
  const late = (step: ReadStep, what: string): readonly PlanHint[] =>
    step.dependencies
      .filter(({ id }) => !before.has(id) && ids.includes(id))
      .map(({ id, path }) => ({
        path,
        message: `The steps run in the order of the list, so ${what}: "${id}" comes after it. List it before.`,
      }))
  return plan.steps.flatMap(step => {
    const { stepId = '' } = step
    if (standIns.has(stepId)) return []
    before.add(stepId)
    const standIn = standIns.has(step.fallback ?? '') ? byId.get(step.fallback) : undefined
    const lateForIt = standIn && late(standIn, `"${standIn.stepId}" cannot stand in for "${stepId}"`)
    return [...late(step, `"${stepId}" fails`), ...(lateForIt ?? [])]
  })
}

/** What concerns the plan as a whole first, then the steps. */
function inPlanOrder(faults: readonly PlanFault[]): readonly PlanFault[] {
  const stepOf = ({ path }: PlanFault): number => Number(/^steps\[(\d+)\]/.exec(path)?.[1] ?? -1)
  return [...faults].sort((a, b) => stepOf(a) - stepOf(b))
}
