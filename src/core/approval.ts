import { OptionError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import { OrchestrationRunnable } from './runnable.js'
import { checkWaitTimeout } from './signal.js'

/** Who decided, and what they had to say. */
export interface Decision {
  readonly by?: string
  readonly comment?: string
  /** What whoever decided hands over to the states that come after, as plain JSON. Events do not have it. */
  readonly data?: unknown
}

/** A decision as somebody has given it, and no more than it is made of. @throws OPTION_INVALID */
export function checkDecision(decision: unknown): Decision {
  if (typeof decision !== 'object' || decision === null || Array.isArray(decision)) {
    throw new OptionError('decision', 'an object: `{ by, comment, data }`, all of them optional', decision)
  }
  const { by, comment, data } = decision as Readonly<Record<string, unknown>>
  return { ...textAs('by', by), ...textAs('comment', comment), ...(data === undefined ? {} : { data: asJson(data) }) }
}

/** A copy, so that the same is there for the run at hand and for one that is taken up from its journal. */
function asJson(data: unknown): unknown {
  try {
    const text = JSON.stringify(data) as string | undefined
    if (text !== undefined) return JSON.parse(text) as unknown
  } catch {
    // A cycle, or a bigint: told below.
  }
  throw new OptionError('decision.data', 'something that can be written as JSON', data)
}

function textAs(key: 'by' | 'comment', value: unknown): Decision {
  if (value === undefined) return {}
  if (typeof value !== 'string') throw new OptionError(`decision.${key}`, 'a string, or left out', value)
  return { [key]: value }
}

/** The subject was approved. */
export class Approved<T> {
  readonly outcome = 'approved'
  constructor(
    readonly subject: T,
    readonly decision: Decision,
  ) {}
}

/** The subject was rejected. */
export class Rejected<T> {
  readonly outcome = 'rejected'
  constructor(
    readonly subject: T,
    readonly decision: Decision,
  ) {}
}

/** Nobody decided in time. */
export class Expired<T> {
  readonly outcome = 'expired'
  constructor(readonly subject: T) {}
}

/** What an {@link ApprovalRunnable} returns. Three classes, so that a rejection can never pass for an approval. */
export type ApprovalOutcome<T> = Approved<T> | Rejected<T> | Expired<T>

/** What a state asks a person in the middle of its work. */
export interface ApprovalQuestion<T> {
  /** What the person reads. */
  readonly message: string
  /** What it is about. */
  readonly subject: T
  /** How long to wait, in milliseconds; then the outcome is {@link Expired}. @default for ever */
  readonly timeoutMs?: number
}

/** How an approval waits. */
export interface ApprovalOptions<T> {
  /** What the person is asked. @default `Approve <state name>?` */
  readonly message?: string | ((subject: T) => string)
  /** How long to wait, in milliseconds; then the outcome is {@link Expired}. @default for ever */
  readonly timeoutMs?: number
}

const optionNames: OptionNames<ApprovalOptions<unknown>> = { message: true, timeoutMs: true }

/**
 * A state that waits for a person. Answer with `run.approve(…)` or `run.reject(…)`; route by the class of the outcome:
 *
 * ```ts
 * const approval = new ApprovalRunnable<Draft>({ timeoutMs: 86_400_000 })
 *   .addAdvancer(outcome => outcome instanceof Approved, Publish, approved => approved.subject)
 *   .addAdvancer(outcome => outcome instanceof Rejected, Revise, rejected => rejected.subject)
 * ```
 *
 * An outcome without a route fails the run; it is never taken for another.
 */
export class ApprovalRunnable<T> extends OrchestrationRunnable<T, ApprovalOutcome<T>> {
  readonly #options: ApprovalOptions<T>

  constructor(options: ApprovalOptions<T> = {}) {
    super()
    checkOptionNames('an approval', options, optionNames)
    checkWaitTimeout(options.timeoutMs)
    this.#options = options
  }

  get timeoutMs(): number | undefined {
    return this.#options.timeoutMs
  }

  /** What the person is asked about this subject. */
  messageFor(subject: T, stateName: string): string {
    const { message } = this.#options
    return typeof message === 'function' ? message(subject) : (message ?? `Approve ${stateName}?`)
  }

  /** The engine never calls it: a pause is a state, and its output is the decision. */
  override invoke(): never {
    throw new OrchestrationError('An ApprovalRunnable is not invoked; its output is what a person decides.', {
      code: 'STATE_FAILED',
    })
  }
}
