import { IsIn, IsOptional, IsString } from 'class-validator'
import type { Orchestration, RunContext } from '../../core/index.js'
import { OptionError, OrchestrationError } from '../../errors/index.js'
import { describeProperty } from '../../schema/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import { joinState, state } from '../state.js'
import { exhaustion, roomFor } from './exhaustion.js'
import type { RoundOptions } from './loop-until.js'
import { Note } from './notes.js'
import { asTarget, type Work, workState } from './work.js'

/** What the supervisor of a consensus decides. An agent can have it as its `outputSchema`. */
export class ConsensusDecision {
  decision!: 'APPROVE' | 'REVISE'
  feedback?: string
}
// Not as decorators: those of properties work in one of TypeScript's two modes only, and sources may be run in either.
IsIn(['APPROVE', 'REVISE'])(ConsensusDecision.prototype, 'decision')
IsOptional()(ConsensusDecision.prototype, 'feedback')
IsString()(ConsensusDecision.prototype, 'feedback')
describeProperty(ConsensusDecision, 'decision', 'APPROVE to end with the proposal, REVISE for another round')
describeProperty(ConsensusDecision, 'feedback', 'What the analysts are to do better, if it is REVISE')

/** What is asked of the analysts: the question, and why they are asked again. */
export interface AnalysisTask<TIn, TProposal> {
  readonly input: TIn
  /** Counts from 1. */
  readonly round: number
  /** What the round before came to. */
  readonly proposal?: TProposal
  /** What the supervisor said of it. */
  readonly feedback?: string
}

/** What is asked of whoever makes a proposal of the opinions. */
export interface AggregationTask<TIn, TOpinion, TProposal> extends AnalysisTask<TIn, TProposal> {
  /** In the order of the analysts. */
  readonly opinions: readonly TOpinion[]
}

/** What is asked of the red team. */
export interface CritiqueTask<TIn, TProposal> {
  readonly input: TIn
  readonly round: number
  readonly proposal: TProposal
}

/** What is asked of the supervisor. */
export interface SupervisionTask<TIn, TProposal, TCritique> extends CritiqueTask<TIn, TProposal> {
  /** Missing if there is no red team. */
  readonly critique?: TCritique
}

/** What {@link consensus} is made of. */
export interface ConsensusOptions<TIn, TOpinion, TProposal, TCritique> extends RoundOptions {
  /** Work side by side, each on the same question. */
  readonly analysts: readonly Work<AnalysisTask<TIn, TProposal>, TOpinion>[]
  /** Makes one proposal of their opinions. */
  readonly aggregate: Work<AggregationTask<TIn, TOpinion, TProposal>, TProposal>
  /** Looks for what is wrong with the proposal. @default nobody does */
  readonly redTeam?: Work<CritiqueTask<TIn, TProposal>, TCritique>
  /** Approves the proposal or asks for another round. */
  readonly supervise: Work<SupervisionTask<TIn, TProposal, TCritique>, ConsensusDecision>
}

/**
 * Analysts side by side, an aggregator, a red team if there is one, and a supervisor who approves or sends it back (S0-36). The
 * result is the proposal that was approved.
 */
export function consensus<TIn, TOpinion, TProposal, TCritique = never>({
  analysts,
  aggregate,
  redTeam,
  supervise,
  maxRounds = 10,
  onExhausted = 'fail',
  ...options
}: ConsensusOptions<TIn, TOpinion, TProposal, TCritique>): Orchestration<TIn, TProposal> {
  if (analysts.length === 0) throw new OptionError('analysts', 'at least one analyst', analysts)
  type Task = AnalysisTask<TIn, TProposal>
  const task = new Note<Task | undefined>('task', undefined)
  const current = new Note<TProposal | undefined>('proposal', undefined)
  const taskOf = (context: RunContext): Task => task.read(context) as Task
  const proposed = (context: RunContext): CritiqueTask<TIn, TProposal> => {
    const { input, round } = taskOf(context)
    return { input, round, proposal: current.read(context) as TProposal }
  }

  const start = state('start', (input: TIn, context) => task.write(context, { input, round: 1 }) as Task)
  const ask = state('ask', (asked: Task) => asked)
  const analysing = analysts.map((analyst, index) => workState(`analyst ${index + 1}`, analyst))
  const opinions = joinState('opinions', {}, (items: readonly TOpinion[]) => items)
  const aggregating = workState('aggregate', aggregate)
  const supervising = workState('supervise', supervise)
  const revise = state('revise', ({ feedback }: ConsensusDecision, context) => {
    const { input, round, proposal } = proposed(context)
    return task.write(context, {
      input,
      round: round + 1,
      proposal,
      ...(feedback === undefined ? {} : { feedback }),
    }) as Task
  })
  const end = state('consensus', (_: ConsensusDecision, context) => current.read(context) as TProposal)

  const builder = new OrchestrationBuilder<TIn, TProposal>({
    name: 'Consensus',
    ...roomFor((analysts.length + 6) * maxRounds + 2),
    ...options,
  })
    .entry(asTarget(start))
    .advance(start, asTarget(ask))
    .parallel(ask, analysing.map(asTarget))
    .join(analysing, opinions)
    .advance(opinions, asTarget(aggregating), {
      convert: (items, context) => ({ ...taskOf(context), opinions: items }),
    })
  const propose = (proposal: TProposal, context: RunContext): CritiqueTask<TIn, TProposal> => {
    current.write(context, proposal)
    return proposed(context)
  }
  if (redTeam === undefined) builder.advance(aggregating, asTarget(supervising), { convert: propose })
  else {
    const attacking = workState('red team', redTeam)
    builder.advance(aggregating, asTarget(attacking), { convert: propose }).advance(attacking, asTarget(supervising), {
      convert: (critique, context) => ({ ...proposed(context), critique }),
    })
  }
  return builder
    .loop(supervising, isApproval, asTarget(end), {
      back: asTarget(revise),
      maxRounds,
      ...exhaustion(onExhausted, end),
    })
    .advance(revise, asTarget(ask))
    .output(end)
    .build()
}

/** A decision of a function or a model that validates nothing may be any text; taken for a revision it would cost all rounds. */
function isApproval(given: ConsensusDecision): boolean {
  const decision: unknown = (given as ConsensusDecision | undefined)?.decision
  if (decision === 'APPROVE' || decision === 'REVISE') return decision === 'APPROVE'
  throw new OrchestrationError(
    `The supervisor of a consensus decides "APPROVE" or "REVISE", but this one said ${JSON.stringify(decision)}.`,
    { code: 'UNABLE_TO_ADVANCE', details: { decision } },
  )
}
