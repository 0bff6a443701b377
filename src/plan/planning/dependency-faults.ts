import { didYouMean, nearestNames } from '../../errors/internal.js'
import type { AgentStep } from '../agent-step.js'
import { cyclesOf } from './dependency-order.js'
import type { PlanFault } from './plan-fault.js'
import { cycleInWords, needsOf, positionsOf } from './step-needs.js'

/** A step with the places of what names it and its dependencies. */
interface LocatedStep {
  readonly stepId: string | undefined
  readonly dependencies: readonly { readonly id: string; readonly path: string }[]
  readonly idPath: string
}

/** For how many faults the nearest names are looked for: among thousands of steps that takes its time. */
const mostHelped = 100

/** What is wrong with the dependencies of steps: ids that occur twice, that there are not, and circles. */
export function dependencyFaults(steps: readonly AgentStep[]): readonly PlanFault[] {
  return locatedFaults(
    steps.map(({ stepId, dependencies }, index) => ({
      stepId,
      dependencies: dependencies.map((id, at) => ({ id, path: `steps[${index}].dependencies[${at}]` })),
      idPath: `steps[${index}].stepId`,
    })),
  )
}

/** The same, of steps that may have been spelt differently, or read in part. */
export function locatedFaults(steps: readonly LocatedStep[]): readonly PlanFault[] {
  const placed = steps.map(({ stepId, dependencies }) => ({ stepId, dependencies: dependencies.map(({ id }) => id) }))
  const positions = positionsOf(placed)
  const known = [...positions.keys()]
  const faults: PlanFault[] = []
  for (const [index, { stepId, dependencies, idPath }] of steps.entries()) {
    const first = stepId === undefined ? undefined : positions.get(stepId)
    if (first !== undefined && first !== index) {
      const message = `There is a step "${stepId}" already, at ${(steps[first] as LocatedStep).idPath}.`
      faults.push({ kind: 'duplicate', path: idPath, message, expected: 'an id that is unique in the plan' })
    }
    for (const { id, path } of dependencies) {
      if (id === stepId) faults.push(selfDependency(id, path))
      else if (!positions.has(id)) faults.push(unknownStep(id, path, faults.length < mostHelped ? known : undefined))
    }
  }
  for (const cycle of cyclesOf(needsOf(placed, positions)))
    faults.push(cycleFault(cycle.map(at => steps[at] as LocatedStep)))
  return faults
}

/** A step is named that there is not. With `known` missing, nothing is said of which there are. */
export function unknownStep(id: string, path: string, known?: readonly string[]): PlanFault {
  const nearest = nearestNames(id, known ?? [])
  const shown = nearest.length > 0 || known === undefined ? nearest : known.slice(0, 20)
  const message =
    `There is no step "${id}". ${didYouMean(id, shown, known === undefined ? '' : 'There are none with an id.')}`.trim()
  const near = nearest.length === 0 ? {} : { nearest }
  return { kind: 'unknown_step', path, message, expected: 'the id of a step of the plan', ...near }
}

function selfDependency(id: string, path: string): PlanFault {
  const message = `The step "${id}" depends on itself.`
  return { kind: 'self_dependency', path, message, expected: 'the id of another step' }
}

function cycleFault(cycle: readonly LocatedStep[]): PlanFault {
  const [first] = cycle
  const last = cycle.at(-1)
  const closing = last?.dependencies.find(({ id }) => id === first?.stepId)
  const circle = cycleInWords(cycle.map(({ stepId }) => stepId ?? ''))
  return {
    kind: 'cycle',
    path: closing?.path ?? '',
    message: `Steps depend on each other in a circle: ${circle}, each on the next.`,
    expected: 'dependencies that do not lead back',
  }
}
