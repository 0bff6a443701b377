import { didYouMean, nearestNames } from '../../errors/internal.js'
import type { LoopConfig } from '../loop-config.js'
import { described, FieldReader, isRecord } from './field-reader.js'
import { notJsonIn } from './not-json.js'
import type { PlanFault } from './plan-fault.js'
import type { ReadLoop } from './plan-reader.js'

const loopTypes = ['for_each', 'while']

/** Reads a loop, whose `config` is missing if it cannot be read. */
export function readLoop(source: unknown, path: string, faults: PlanFault[]): ReadLoop | undefined {
  if (source === undefined) return undefined
  if (!isRecord(source)) {
    const expected = 'an object with a type, and items or a condition'
    faults.push({ kind: 'type', path, message: `This is ${described(source)}.`, expected })
    return { path, config: undefined }
  }
  const fields = new FieldReader(source, path, ['type', 'items', 'condition', 'maxIterations'], faults)
  fields.require('type', 'for_each or while')
  const type = fields.text('type', 'for_each or while')
  if (type !== undefined && !loopTypes.includes(type)) {
    const message = `There is no loop of the type "${type}". ${didYouMean(type, loopTypes, '')}`
    fields.fault('type', 'loop', message, 'for_each or while', nearestNames(type, loopTypes))
  }
  const maxIterations = fields.number(
    'maxIterations',
    'a whole number of at least 1',
    value => Number.isSafeInteger(value) && value >= 1,
  )
  const limit = maxIterations === undefined ? {} : { maxIterations }
  if (type === 'for_each') return { path, config: readForEach(fields, limit) }
  if (type === 'while') return { path, config: readWhile(fields, limit) }
  return { path, config: undefined }
}

interface Limit {
  readonly maxIterations?: number
}

function readForEach(fields: FieldReader, limit: Limit): LoopConfig | undefined {
  const expected = 'a list, or an expression that gives one'
  fields.require('items', expected)
  if (fields.get('condition') !== undefined) {
    fields.fault('condition', 'loop', 'A for_each loop goes by its items, not by a condition.', 'no condition')
  }
  const given = fields.get('items')
  if (given === undefined) return undefined
  if (!Array.isArray(given)) {
    const items = fields.text('items', expected)
    return items === undefined ? undefined : { type: 'for_each', items, ...limit }
  }
  for (const { path, what } of notJsonIn(given)) {
    fields.fault('items', 'not_json', `${path} is ${what}.`, 'plain JSON')
  }
  if (limit.maxIterations !== undefined && given.length > limit.maxIterations) {
    const message = `This allows ${limit.maxIterations} turns, but there are ${given.length} items.`
    fields.fault('maxIterations', 'loop', message, 'at least the number of items')
  }
  return { type: 'for_each', items: given, ...limit }
}

function readWhile(fields: FieldReader, limit: Limit): LoopConfig | undefined {
  fields.require('condition', 'the condition as long as which the loop goes on')
  if (fields.get('items') !== undefined) {
    fields.fault('items', 'loop', 'A while loop goes by its condition, not by items.', 'no items')
  }
  const condition = fields.text('condition')
  return condition === undefined ? undefined : { type: 'while', condition, ...limit }
}
