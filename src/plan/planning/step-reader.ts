import type { RetryPolicy } from '../retry-policy.js'
import { isCount, isDelay, isTime, longest, noteNotJson, readTimeout, time } from './field-checks.js'
import { described, FieldReader, isRecord } from './field-reader.js'
import type { PlanFault } from './plan-fault.js'

/** A step as far as it can be read. */
export interface ReadStep {
  readonly path: string
  readonly stepId: string | undefined
  readonly agentId: string | undefined
  readonly taskType: string | undefined
  readonly parameters: Readonly<Record<string, unknown>>
  readonly dependencies: readonly { readonly id: string; readonly path: string }[]
  readonly condition: string | undefined
  readonly retryPolicy: Partial<RetryPolicy> | undefined
  readonly timeout: number | undefined
  readonly fallback: string | undefined
  readonly pathOf: (field: string) => string
}

const stepFields = [
  'stepId',
  'agentId',
  'taskType',
  'parameters',
  'dependencies',
  'condition',
  'retryPolicy',
  'timeout',
  'fallback',
]
const policyFields = ['maxRetries', 'backoffType', 'initialDelay', 'maxDelay', 'backoffMultiplier']

/** Reads a step. */
export function readStep(source: unknown, path: string, faults: PlanFault[]): ReadStep {
  if (!isRecord(source)) {
    const expected = 'an object with step_id, agent_id and task_type'
    faults.push({ kind: 'type', path, message: `This is ${described(source)}.`, expected })
  }
  const fields = new FieldReader(isRecord(source) ? source : {}, path, stepFields, faults)
  if (isRecord(source)) {
    fields.require('stepId', 'a text that is unique in the plan')
    fields.require('agentId', 'the id of an agent')
    fields.require('taskType', 'a text that says what the agent is asked for')
    // No object can have something under this name, and results are kept by the ids of steps.
    if (fields.get('stepId') === '__proto__')
      fields.fault('stepId', 'range', 'No step can be called this.', 'another id')
  }
  const parameters = fields.record('parameters') ?? {}
  noteNotJson(parameters, fields.pathOf('parameters'), faults)
  return {
    path,
    stepId: fields.text('stepId'),
    agentId: fields.text('agentId'),
    taskType: fields.text('taskType'),
    parameters,
    dependencies: readDependencies(fields, faults),
    condition: fields.text('condition', 'a condition, or none at all'),
    retryPolicy: readPolicy(fields, faults),
    timeout: readTimeout(fields),
    fallback: fields.text('fallback', 'the id of a step or of an agent'),
    pathOf: field => fields.pathOf(field),
  }
}

function readDependencies(fields: FieldReader, faults: PlanFault[]): ReadStep['dependencies'] {
  const given = fields.list('dependencies', 'a list of step ids') ?? []
  return given.flatMap((id, index) => {
    const path = `${fields.pathOf('dependencies')}[${index}]`
    if (typeof id === 'string') return [{ id, path }]
    faults.push({ kind: 'type', path, message: `This is ${described(id)}.`, expected: 'the id of a step' })
    return []
  })
}

function readPolicy(step: FieldReader, faults: PlanFault[]): Partial<RetryPolicy> | undefined {
  const source = step.record('retryPolicy')
  if (source === undefined) return undefined
  const fields = new FieldReader(source, step.pathOf('retryPolicy'), policyFields, faults)
  const attempts = 'a whole number of at least 1: it counts the attempts, the first included'
  const backoff = 'exponential, fixed or linear'
  const backoffType = fields.text('backoffType', backoff)
  const known = ['exponential', 'fixed', 'linear'] as const
  const isKnown = known.some(each => each === backoffType)
  if (backoffType !== undefined && !isKnown)
    fields.fault('backoffType', 'range', `There is no backoff "${backoffType}".`, backoff)
  return defined({
    maxRetries: fields.number('maxRetries', attempts, isCount),
    backoffType: known.find(each => each === backoffType),
    initialDelay: fields.number('initialDelay', `seconds from 0 to ${longest}`, isDelay),
    maxDelay: fields.number('maxDelay', `seconds: ${time}`, isTime),
    backoffMultiplier: fields.number(
      'backoffMultiplier',
      'a number of at least 1',
      value => value >= 1 && Number.isFinite(value),
    ),
  })
}

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
