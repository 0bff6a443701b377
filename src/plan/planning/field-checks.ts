import type { FieldReader } from './field-reader.js'
import { keyPath, notJsonIn } from './not-json.js'
import type { PlanFault } from './plan-fault.js'

/** The longest time in seconds that a timer can be set to; about 24 days. */
export const longest = 2_147_483
/** What a length of time must be. */
export const time = `a number above 0, at most ${longest}`

/** The `timeout` of a plan or of a step. */
export function readTimeout(fields: FieldReader): number | undefined {
  return fields.number('timeout', `seconds: ${time}`, isTime)
}

/** Whether a number of seconds takes time. */
export function isTime(value: number): boolean {
  return value > 0 && isDelay(value)
}

/** Whether a number counts something that there is. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}

/** Whether a number of seconds can be waited. */
export function isDelay(value: number): boolean {
  return value >= 0 && value <= longest
}

/** Notes all that is no plain JSON in a record. */
export function noteNotJson(record: object, path: string, faults: PlanFault[]): void {
  for (const { path: inside, what } of Object.entries(record).flatMap(([key, value]) =>
    value === undefined ? [] : notJsonIn(value).map(each => ({ ...each, path: keyPath(key) + each.path })),
  )) {
    faults.push({ kind: 'not_json', path: path + inside, message: `This is ${what}.`, expected: 'plain JSON' })
  }
}
