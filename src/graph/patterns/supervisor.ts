import { IsString } from 'class-validator'
import type { Orchestration, RunContext } from '../../core/index.js'
import { OptionError, OrchestrationError } from '../../errors/index.js'
import { describeProperty } from '../../schema/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import { state } from '../state.js'
import { roomFor } from './exhaustion.js'
import { Note } from './notes.js'
import { asTarget, freeName, type PatternOptions, type Work, workState } from './work.js'

/** What a supervisor decides: who does what next, or that it is done. An agent can have it as its `outputSchema`. */
export class Delegation {
  next!: string
  message!: string
}
// Not as decorators: those of properties work in one of TypeScript's two modes only, and sources may be run in either.
for (const property of ['next', 'message']) IsString()(Delegation.prototype, property)
describeProperty(Delegation, 'next', 'The name of the worker who is next, or "done"')
describeProperty(Delegation, 'message', 'What the worker is to do, or the final answer')

/** Something that a worker has done. */
export interface WorkReport<TResult> {
  readonly worker: string
  readonly task: string
  readonly result: TResult
}

/** What is asked of the supervisor: the input, who can do something, and what has been done. */
export interface DelegationTask<TIn, TResult> {
  readonly input: TIn
  readonly workers: readonly string[]
  readonly reports: readonly WorkReport<TResult>[]
}

/** What {@link supervisor} is made of. */
export interface SupervisorOptions<TIn, TResult> extends PatternOptions {
  /** Decides after each report who is next. */
  readonly decide: Work<DelegationTask<TIn, TResult>, Delegation>
  /** Who can be asked, by name; each gets the message of the delegation. */
  readonly workers: Readonly<Record<string, Work<string, TResult>>>
  /** How often a worker may be asked; then the run fails. @default 10 */
  readonly maxDelegations?: number
}

/** One who delegates to workers, one at a time, until it has an answer. The result is the message that comes with `done`. */
export function supervisor<TIn, TResult>({
  decide,
  workers,
  maxDelegations = 10,
  ...options
}: SupervisorOptions<TIn, TResult>): Orchestration<TIn, string> {
  const names = checkedNames(workers)
  if (!Number.isInteger(maxDelegations) || maxDelegations < 0) {
    throw new OptionError('maxDelegations', 'a whole number of at least 0', maxDelegations)
  }
  const own = (part: string): string => freeName(part, names)
  type Task = DelegationTask<TIn, TResult>
  const task = new Note<Task | undefined>('task', undefined)
  const delegated = new Note<string>('delegated', '')
  const start = state(
    own('start'),
    (input: TIn, context) => task.write(context, { input, workers: names, reports: [] }) as Task,
  )
  const deciding = workState(own('decide'), decide)
  const delegate = state(own('delegate'), (delegation: Delegation, context) => {
    if (!names.includes(delegation.next)) throw unknownWorker(delegation.next, names)
    delegated.write(context, delegation.message)
    return delegation
  })
  const end = state(own('answer'), ({ message }: Delegation) => message)
  const isAnswer = ({ next }: Delegation, context: RunContext): boolean => {
    const { reports } = task.read(context) as Task
    if (next !== 'done' && reports.length >= maxDelegations) throw tooMany(maxDelegations)
    return next === 'done'
  }
  const builder = new OrchestrationBuilder<TIn, string>({
    name: 'Supervisor',
    ...roomFor(3 * maxDelegations + 3),
    ...options,
  })
    .entry(asTarget(start))
    .advance(start, asTarget(deciding))
    // Each decision is a round; the last may only be the answer.
    .loop(deciding, isAnswer, end, { back: delegate, maxRounds: maxDelegations + 1 })
    .output(end)
  for (const [worker, work] of Object.entries(workers)) {
    const working = workState(worker, work)
    const report = (result: TResult, context: RunContext): Task => {
      const { input, reports } = task.read(context) as Task
      const done = { worker, task: delegated.read(context), result }
      return task.write(context, { input, workers: names, reports: [...reports, done] }) as Task
    }
    builder
      .advance(delegate, asTarget(working), { when: ({ next }) => next === worker, convert: ({ message }) => message })
      .advance(working, asTarget(deciding), { convert: report })
  }
  return builder.build()
}

function checkedNames(workers: Readonly<Record<string, unknown>>): readonly string[] {
  const names = Object.keys(workers)
  if (names.length === 0 || names.includes('done')) {
    throw new OptionError('workers', 'at least one worker, and none called "done"', workers)
  }
  return names
}

function tooMany(maxDelegations: number): OrchestrationError {
  return new OrchestrationError(
    `The supervisor has no answer after ${maxDelegations} delegations. Raise maxDelegations, or see that it says "done".`,
    { code: 'NEVER_COMPLETES', details: { maxDelegations } },
  )
}

function unknownWorker(name: string, workers: readonly string[]): OrchestrationError {
  const known = workers.map(worker => `"${worker}"`).join(', ')
  return new OrchestrationError(
    `The supervisor delegated to ${JSON.stringify(name)}, but its workers are ${known}; with the answer it says "done".`,
    { code: 'UNABLE_TO_ADVANCE', details: { worker: name, workers } },
  )
}
