import type { Orchestration } from '../../core/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import { state } from '../state.js'
import { exhaustion, roomFor } from './exhaustion.js'
import type { RoundOptions } from './loop-until.js'
import { Note } from './notes.js'
import { asTarget, type Work, workState } from './work.js'

/** What is asked of the generator: the task, and what came of the round before. */
export interface GenerationTask<TIn, TDraft, TReview> {
  readonly input: TIn
  /** 1 for the first round, in which there is neither a draft nor a review. */
  readonly round: number
  readonly draft?: TDraft
  readonly review?: TReview
}

/** What is asked of the evaluator. */
export interface ReviewTask<TIn, TDraft> {
  readonly input: TIn
  readonly round: number
  readonly draft: TDraft
}

/** What {@link evaluatorOptimizer} is made of. */
export interface EvaluatorOptimizerOptions<TIn, TDraft, TReview> extends RoundOptions {
  /** Makes a draft, or a better one. */
  readonly generate: Work<GenerationTask<TIn, TDraft, TReview>, TDraft>
  /** Says what is good and bad about a draft. */
  readonly evaluate: Work<ReviewTask<TIn, TDraft>, TReview>
  /** Whether a review lets the draft pass. */
  readonly accept: (review: TReview) => boolean
}

/** A draft is made, reviewed and made better until the review lets it pass (S4-31). The result is the last draft. */
export function evaluatorOptimizer<TIn, TDraft, TReview>({
  generate,
  evaluate,
  accept,
  maxRounds = 10,
  onExhausted = 'fail',
  ...options
}: EvaluatorOptimizerOptions<TIn, TDraft, TReview>): Orchestration<TIn, TDraft> {
  type Task = GenerationTask<TIn, TDraft, TReview>
  const task = new Note<Task | undefined>('task', undefined)
  const current = new Note<TDraft | undefined>('draft', undefined)
  const start = state('start', (input: TIn, context) => task.write(context, { input, round: 1 }) as Task)
  const generator = workState('generate', generate)
  const evaluator = workState('evaluate', evaluate)
  const improve = state('improve', (review: TReview, context) => {
    const { input, round } = task.read(context) as Task
    const draft = current.read(context) as TDraft
    return task.write(context, { input, round: round + 1, draft, review }) as Task
  })
  const end = state('end', (_: TReview, context) => current.read(context) as TDraft)
  return new OrchestrationBuilder<TIn, TDraft>({
    name: 'EvaluatorOptimizer',
    ...roomFor(3 * maxRounds + 2),
    ...options,
  })
    .entry(asTarget(start))
    .advance(start, asTarget(generator))
    .advance(generator, asTarget(evaluator), {
      convert: (draft, context) => {
        const { input, round } = task.read(context) as Task
        return { input, round, draft: current.write(context, draft) as TDraft }
      },
    })
    .loop(evaluator, accept, asTarget(end), {
      back: asTarget(improve),
      maxRounds,
      ...exhaustion(onExhausted, end),
    })
    .advance(improve, asTarget(generator))
    .output(end)
    .build()
}
