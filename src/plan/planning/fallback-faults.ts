import { didYouMean, nearestNames } from '../../errors/internal.js'
import type { AgentDescription } from '../registry-client.js'
import type { UnreadResult } from './condition-faults.js'
import { cyclesOf, type Needs, reachableFrom } from './dependency-order.js'
import type { PlanFault } from './plan-fault.js'
import type { ReadPlan } from './plan-reader.js'
import { standInsOf } from './read-steps.js'
import { cycleInWords, needsOf, positionsOf } from './step-needs.js'
import type { ReadStep } from './step-reader.js'

/** What is wrong with the steps and agents that take over where others have failed. */
export function fallbackFaults(plan: ReadPlan, agents?: readonly AgentDescription[]): readonly PlanFault[] {
  const { steps } = plan
  const placed = steps.map(({ stepId, dependencies }) => ({ stepId, dependencies: dependencies.map(({ id }) => id) }))
  const positions = positionsOf(placed)
  const needs = needsOf(placed, positions)
  const faults: PlanFault[] = [...standInFaults(plan)]
  const along = steps.map((step, index) => {
    const { fallback } = step
    if (fallback === undefined) return []
    const target = positions.get(fallback)
    if (target === undefined) {
      if (agents !== undefined) faults.push(...unknownFallback(step, fallback, [...positions.keys()], agents))
      return []
    }
    if (target === index) faults.push(faultAt(step, `The step "${fallback}" is its own fallback.`))
    else if (reachableFrom(target, needs).includes(index)) {
      faults.push(faultAt(step, `The step "${fallback}" cannot take over: it depends on "${step.stepId}" itself.`))
    }
    return [target]
  })
  for (const cycle of cyclesOf(along)) {
    const circle = cycleInWords(cycle.map(at => steps[at]?.stepId ?? ''))
    faults.push(faultAt(steps[cycle[0] as number] as ReadStep, `Fallbacks lead back to where they began: ${circle}.`))
  }
  return faults.length > 0 ? faults : awaitingFaults(steps, needs, along)
}

/** Steps that wait for themselves: a step also waits for what its stand-ins depend on. */
function awaitingFaults(steps: readonly ReadStep[], needs: Needs, along: Needs): readonly PlanFault[] {
  if (along.every(targets => targets.length === 0) || cyclesOf(needs).length > 0) return []
  const awaited = needs.map((own, at) => [...own, ...reachableFrom(at, along).flatMap(standIn => needs[standIn] ?? [])])
  return cyclesOf(awaited).map(cycle => {
    const circle = cycleInWords(cycle.map(at => steps[at]?.stepId ?? ''))
    const at = cycle.find(each => (along[each] ?? []).length > 0) as number
    return faultAt(
      steps[at] as ReadStep,
      `With what the stand-ins depend on, steps wait for each other in a circle: ${circle}, each for the next.`,
    )
  })
}

/** Steps that wait for one that has no turn of its own, and steps without one that have a condition for it. */
function standInFaults(plan: ReadPlan): readonly PlanFault[] {
  const standIns = standInsOf(plan)
  const waiting = plan.steps.flatMap(({ stepId, dependencies }) =>
    dependencies.flatMap(({ id, path }) => {
      const original = standIns.get(id)
      return original === undefined || id === stepId
        ? []
        : [{ kind: 'fallback' as const, path, ...noResultOf(id, original) }]
    }),
  )
  const conditional = plan.steps.flatMap(({ stepId = '', condition, pathOf }): PlanFault[] => {
    const original = standIns.get(stepId)
    if (original === undefined || condition === undefined) return []
    const message = `The step "${stepId}" only stands in for "${original}", so its condition would not be asked.`
    return [{ kind: 'fallback', path: pathOf('condition'), message, expected: `no condition, or one of "${original}"` }]
  })
  return [...waiting, ...conditional]
}

/** Why the result of a stand-in cannot be had. */
export function noResultOf(standIn: string, original: string): UnreadResult {
  const message = `The step "${standIn}" only stands in for "${original}": it has no result of its own.`
  return { message, expected: `"${original}", or a step that is nobody’s fallback` }
}

function unknownFallback(
  step: ReadStep,
  fallback: string,
  stepIds: readonly string[],
  agents: readonly AgentDescription[],
): readonly PlanFault[] {
  if (agents.some(({ agentId }) => agentId === fallback)) return []
  const known = [...new Set([...stepIds, ...agents.map(({ agentId }) => agentId)])]
  const nearest = nearestNames(fallback, known)
  const message = `There is neither a step nor an agent "${fallback}". ${didYouMean(fallback, known, '')}`
  return [{ ...faultAt(step, message), ...(nearest.length === 0 ? {} : { nearest }) }]
}

function faultAt(step: ReadStep, message: string): PlanFault {
  return {
    kind: 'fallback',
    path: step.pathOf('fallback'),
    message,
    expected: 'the id of another step, or of an agent',
  }
}
