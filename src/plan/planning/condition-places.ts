import { OrchestrationError } from '../../errors/index.js'
import { parseExpression } from '../../graph/internal.js'
import { conditionNames } from '../condition-names.js'
import { type ForEachLoop, maxIterationsOf } from '../loop-config.js'
import { conditionFaults, type UnreadResult } from './condition-faults.js'
import { orderOf, reachableFrom } from './dependency-order.js'
import { noResultOf } from './fallback-faults.js'
import { described } from './field-reader.js'
import type { PlanFault } from './plan-fault.js'
import type { ReadPlan } from './plan-reader.js'
import { runsInListedOrder, standInsOf, stepIdsOf } from './read-steps.js'
import { needsOf, positionsOf } from './step-needs.js'

/** What is wrong with the conditions of the steps. */
export function stepConditionFaults(plan: ReadPlan): readonly PlanFault[] {
  const stepIds = stepIdsOf(plan)
  const names = [...conditionNames, ...turnNames(plan)]
  const order = orderOfResults(plan)
  const standIns = standInsOf(plan)
  return plan.steps.flatMap((step, index) => {
    if (step.condition === undefined) return []
    const unread = (stepId: string): UnreadResult | undefined => {
      const original = standIns.get(stepId)
      return original === undefined ? order(stepId, index) : noResultOf(stepId, original)
    }
    return conditionFaults(step.condition, { path: step.pathOf('condition'), names, stepIds, unread })
  })
}

function turnNames({ strategy, loop }: ReadPlan): readonly string[] {
  if (strategy !== 'loop') return []
  return loop?.config?.type === 'while' ? ['iteration'] : ['item', 'iteration']
}

/** Says of the result of a step why another one, by its position, cannot read it yet. */
function orderOfResults(plan: ReadPlan): (stepId: string, reader: number) => UnreadResult | undefined {
  const { steps, strategy, loop } = plan
  // The turn before has left a result of every step.
  if (strategy === 'loop' && loop?.config?.type !== 'for_each') return () => undefined
  const placed = steps.map(({ stepId, dependencies }) => ({ stepId, dependencies: dependencies.map(({ id }) => id) }))
  const positions = positionsOf(placed)
  const needs = needsOf(placed, positions)
  const unread = (stepId: string, reader: number, isThere: (at: number) => boolean): UnreadResult | undefined => {
    const at = positions.get(stepId) as number
    if (at === reader)
      return { message: 'The condition reads the result of its own step.', expected: 'one that runs before' }
    if (isThere(at)) return undefined
    const message = `The condition reads the result of "${stepId}", which need not have run by then.`
    return { message, expected: `"${stepId}" among the dependencies` }
  }
  if (strategy === 'conditional') {
    const place = new Map(orderOf(needs).map((at, number) => [at, number]))
    const before = (at: number, reader: number): boolean => (place.get(at) as number) < (place.get(reader) as number)
    return (stepId, reader) => unread(stepId, reader, at => before(at, reader))
  }
  if (!runsInListedOrder(plan)) {
    return (stepId, reader) => unread(stepId, reader, at => reachableFrom(reader, needs).includes(at))
  }
  return (stepId, reader) => {
    const late = unread(stepId, reader, at => at < reader)
    const message = `The condition reads the result of "${stepId}", which comes after it.`
    return late === undefined || positions.get(stepId) === reader
      ? late
      : { message, expected: 'a step that is listed before' }
  }
}

/** What is wrong with a plan's loop, as far as that can be seen without running it. */
export function loopFaults(plan: ReadPlan): readonly PlanFault[] {
  const { loop, strategy, pathOf } = plan
  if (loop === undefined) {
    if (strategy !== 'loop') return []
    const message = 'The strategy is loop, but nothing says how often.'
    return [{ kind: 'loop', path: pathOf('loop'), message, expected: 'a for_each or a while loop' }]
  }
  const misplaced: PlanFault = {
    kind: 'loop',
    path: loop.path,
    message: `There is a loop, but the strategy is ${strategy ?? 'missing'}.`,
    expected: 'the strategy loop, or no loop',
  }
  return [...(strategy === 'loop' ? [] : [misplaced]), ...loopTextFaults(plan)]
}

function loopTextFaults(plan: ReadPlan): readonly PlanFault[] {
  const { loop } = plan
  const config = loop?.config
  if (loop === undefined || config === undefined) return []
  const stepIds = stepIdsOf(plan)
  if (config.type === 'while') {
    const place = {
      path: `${loop.path}.condition`,
      names: [...conditionNames, 'iteration'],
      stepIds,
      unread: () => undefined,
    }
    return conditionFaults(config.condition, place)
  }
  if (typeof config.items !== 'string') return []
  const place = { path: `${loop.path}.items`, names: ['metadata'], stepIds, unread: () => undefined }
  const faults = conditionFaults(config.items, place, parseExpression)
  return faults.length > 0 ? faults : itemsFaults(config, config.items, plan)
}

/** What is wrong with what an expression for items comes to; it reads nothing that is not there yet. */
function itemsFaults(config: ForEachLoop, items: string, { loop, metadata }: ReadPlan): readonly PlanFault[] {
  const path = loop?.path ?? ''
  const expected = 'an expression that gives a list'
  const fault = (message: string): readonly PlanFault[] => [{ kind: 'loop', path: `${path}.items`, message, expected }]
  try {
    const { value, missing } = parseExpression(items).evaluate({ metadata })
    if (missing !== undefined) return fault(`There is no ${missing}.`)
    if (!Array.isArray(value)) return fault(`It comes to ${described(value)}.`)
    const turns = maxIterationsOf(config)
    if (value.length <= turns) return []
    const message = `This allows ${turns} turns, but there are ${value.length} items.`
    return [{ kind: 'loop', path: `${path}.max_iterations`, message, expected: 'at least the number of items' }]
  } catch (thrown) {
    if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'CONDITION_FAILED') throw thrown
    return fault(thrown.message)
  }
}
