import type { Orchestration, RunContext } from '../../core/index.js'
import { OptionError } from '../../errors/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import { state } from '../state.js'
import { Note } from './notes.js'
import { asTarget, type PatternOptions, type Work, workState } from './work.js'

/** One thing that was said in a debate. */
export interface DebateTurn<TArgument, TVerdict> {
  readonly round: number
  readonly speaker: 'pro' | 'con' | 'judge'
  /** What it said: an argument, or of the judge a verdict. */
  readonly said: TArgument | TVerdict
}

/** What is asked of whoever speaks next: the topic, and all that has been said. */
export interface DebateTask<TIn, TArgument, TVerdict> {
  readonly topic: TIn
  /** Counts from 1. */
  readonly round: number
  readonly rounds: number
  readonly turns: readonly DebateTurn<TArgument, TVerdict>[]
}

/** What {@link debate} is made of. */
export interface DebateOptions<TIn, TArgument, TVerdict> extends PatternOptions {
  readonly pro: Work<DebateTask<TIn, TArgument, TVerdict>, TArgument>
  readonly con: Work<DebateTask<TIn, TArgument, TVerdict>, TArgument>
  /** Speaks at the end of each round; what it says in the last is the result. */
  readonly judge: Work<DebateTask<TIn, TArgument, TVerdict>, TVerdict>
  /** How many rounds there are. @default 3 */
  readonly rounds?: number
  /** Whether a verdict ends the debate early. @default never */
  readonly decided?: (verdict: TVerdict) => boolean
}

/**
 * Two sides and a judge, for so many rounds (S0-36): pro → con → judge → pro … A run takes at most `3 · rounds + 2` steps, which is
 * its `maxSteps` too.
 */
export function debate<TIn, TArgument, TVerdict>({
  pro,
  con,
  judge,
  rounds = 3,
  decided = () => false,
  ...options
}: DebateOptions<TIn, TArgument, TVerdict>): Orchestration<TIn, TVerdict> {
  if (!Number.isInteger(rounds) || rounds < 1) throw new OptionError('rounds', 'a whole number of at least 1', rounds)
  type Task = DebateTask<TIn, TArgument, TVerdict>
  const task = new Note<Task | undefined>('task', undefined)
  const note = (speaker: 'pro' | 'con' | 'judge') => (said: TArgument | TVerdict, context: RunContext) => {
    const { topic, round, turns } = task.read(context) as Task
    const next = speaker === 'judge' ? round + 1 : round
    return task.write(context, { topic, round: next, rounds, turns: [...turns, { round, speaker, said }] }) as Task
  }
  const start = state(
    'start',
    (topic: TIn, context) => task.write(context, { topic, round: 1, rounds, turns: [] }) as Task,
  )
  const [arguing, opposing, judging] = [workState('pro', pro), workState('con', con), workState('judge', judge)]
  const end = state('verdict', (verdict: TVerdict) => verdict)
  return new OrchestrationBuilder<TIn, TVerdict>({ name: 'Debate', maxSteps: 3 * rounds + 2, ...options })
    .entry(asTarget(start))
    .advance(start, asTarget(arguing))
    .advance(arguing, asTarget(opposing), { convert: note('pro') })
    .advance(opposing, asTarget(judging), { convert: note('con') })
    .advance(judging, asTarget(end), {
      when: (verdict, context) => decided(verdict) || (task.read(context) as Task).round >= rounds,
      convert: verdict => verdict,
    })
    .advance(judging, asTarget(arguing), { convert: note('judge') })
    .output(end)
    .build()
}
