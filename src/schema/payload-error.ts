import { OrchestrationError } from '../errors/index.js'
import type { PayloadPath } from './payload-path.js'
import { printPath } from './payload-path.js'
import { receivedType } from './received-type.js'

/** One thing that is wrong with a value. */
export interface PayloadIssue {
  /** Where: `items[2].query`; the empty string for the value itself. */
  readonly path: string
  /** The same place as a list of property names and array indexes. */
  readonly segments: PayloadPath
  /** A sentence that names the place: `items[2].query must be a string`. */
  readonly message: string
  /** The type of what was found there, never the value: `number`, `null`, `array`, `SearchItem`. */
  readonly received: string
  /** The constraint that failed, by the name class-validator gives it (`isString`), or `type` or `transform`. */
  readonly constraint: string
}

/** Where a value was refused. */
export interface PayloadPlace {
  readonly state?: string
  readonly orchestration?: string
  /** What the value was there: `input`, `output`, `converted value`, `signal`, … @default 'value' */
  readonly direction?: string
}

/** What a {@link PayloadError} is made of. */
export interface PayloadErrorOptions extends PayloadPlace {
  readonly cause?: unknown
}

const printedIssues = 10

/**
 * A value is not what was declared. The message names the place, the declared type and every property that is wrong
 * (the first ten), and prints types, never values. A custom message of a validator is printed as its author wrote it.
 */
export class PayloadError extends OrchestrationError {
  /** The name of the declared type. */
  readonly typeName: string
  readonly issues: readonly PayloadIssue[]
  readonly place: PayloadPlace

  constructor(typeName: string, issues: readonly PayloadIssue[], options: PayloadErrorOptions = {}) {
    const { cause, ...place } = options
    super(`${printPlace(place)} is not ${article(typeName)} ${typeName}: ${printIssues(issues)}`, {
      code: 'PAYLOAD_INVALID',
      details: { ...place, type: typeName, issues },
      ...(cause === undefined ? {} : { cause }),
    })
    this.typeName = typeName
    this.issues = issues
    this.place = place
  }

  /**
   * The same error with the place added, for the layer that knows it: `Input of state "Research" is not a SearchPlan:
   * …`.
   */
  at(place: PayloadPlace): PayloadError {
    const cause = this.cause === undefined ? {} : { cause: this.cause }
    return new PayloadError(this.typeName, this.issues, { ...this.place, ...place, ...cause })
  }
}

/** An issue at a place, its message made of the place and what is wrong there. */
export function issueAt(segments: PayloadPath, problem: string, value: unknown, constraint: string): PayloadIssue {
  const path = printPath(segments)
  const message = path === '' ? problem : `${path} ${problem}`
  return { path, segments, message, received: receivedType(value), constraint }
}

function printPlace({ state, orchestration, direction = 'value' }: PayloadPlace): string {
  const what = direction.charAt(0).toUpperCase() + direction.slice(1)
  if (state !== undefined) {
    return `${what} of state "${state}"${orchestration === undefined ? '' : ` in orchestration "${orchestration}"`}`
  }
  return orchestration === undefined ? what : `${what} of orchestration "${orchestration}"`
}

function printIssues(issues: readonly PayloadIssue[]): string {
  const printed = issues.slice(0, printedIssues).map(issue => `${issue.message} (got ${issue.received})`)
  if (issues.length > printedIssues) printed.push(`and ${issues.length - printedIssues} more`)
  return printed.join('; ')
}

function article(noun: string): string {
  return /^[aeiou]/i.test(noun) ? 'an' : 'a'
}
