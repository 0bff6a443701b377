import { didYouMean, nearestNames } from '../../errors/internal.js'
import { ExpressionError, type ExpressionPath, parseCondition, parseExpression } from '../../graph/internal.js'
import { unknownStep } from './dependency-faults.js'
import type { PlanFault } from './plan-fault.js'

/** Where a condition stands, and what it can read there. */
interface ConditionPlace {
  readonly path: string
  /** What has no value: names at the beginning of a path, and what to say of them. */
  readonly names: readonly string[]
  readonly stepIds: readonly string[]
  /** Why the result of a step is not there yet; `undefined` if it is. */
  readonly unread: (stepId: string) => UnreadResult | undefined
}

/** Why a result cannot be read, and what would be right. */
export interface UnreadResult {
  readonly message: string
  readonly expected: string
}

/** What is wrong with a condition, or with an expression of any type. */
export function conditionFaults(
  text: string,
  place: ConditionPlace,
  parse: typeof parseCondition | typeof parseExpression = parseCondition,
): readonly PlanFault[] {
  const { path } = place
  try {
    return parse(text).paths.flatMap(read => pathFault(read, place))
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const message = `The condition is not valid at character ${error.position}: ${error.problem}`
    const expected = 'a condition in CEL, for example results.search.data.count > 0'
    return [{ kind: 'condition', path, message, expected }]
  }
}

function pathFault(read: ExpressionPath, place: ConditionPlace): readonly PlanFault[] {
  const [name, stepId] = read
  const { path, names, stepIds } = place
  if (!names.includes(name)) {
    const nearest = nearestNames(name, names)
    const message = `The condition reads "${name}", which is not there. ${didYouMean(name, nearest, '')}`.trim()
    const near = nearest.length === 0 ? {} : { nearest }
    return [{ kind: 'condition', path, message, expected: `a path that begins with ${names.join(', ')}`, ...near }]
  }
  if (name !== 'results' || typeof stepId !== 'string') return []
  if (!stepIds.includes(stepId)) {
    return [{ ...unknownStep(stepId, path, stepIds), kind: 'condition', expected: 'results.<the id of a step>' }]
  }
  const unread = place.unread(stepId)
  return unread === undefined ? [] : [{ kind: 'condition', path, ...unread }]
}
