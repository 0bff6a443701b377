import type { Needs } from './dependency-order.js'

/** A step as far as its place among the others goes. */
interface PlacedStep {
  readonly stepId: string | undefined
  readonly dependencies: readonly string[]
}

/** By id, where each step is; of an id that occurs twice, the first. */
export function positionsOf(steps: readonly PlacedStep[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>()
  for (const [index, { stepId }] of steps.entries()) {
    if (stepId !== undefined && !positions.has(stepId)) positions.set(stepId, index)
  }
  return positions
}

/** Who needs whom, each once; dependencies that there are not, and those of a step on itself, are left out. */
export function needsOf(steps: readonly PlacedStep[], positions = positionsOf(steps)): Needs {
  return steps.map(({ dependencies }, index) => {
    const needed = dependencies.map(id => positions.get(id)).filter(at => at !== undefined && at !== index)
    return [...new Set(needed as number[])]
  })
}

/** `a → b → a`, shortened in the middle if it is long. */
export function cycleInWords(names: readonly string[]): string {
  const circle = [...names, ...names.slice(0, 1)]
  const shown =
    circle.length <= 14 ? circle : [...circle.slice(0, 6), `… ${circle.length - 12} more …`, ...circle.slice(-6)]
  return shown.join(' → ')
}
