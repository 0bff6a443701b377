import type { Orchestration, RunContext, SubOrchestrationRunnable } from '../../core/index.js'

/** What a loop knows before and after a turn. Plain data, except for `results`, which is read when asked for. */
export interface LoopState<TInput, TItem, TResult> {
  /** The input of the loop. */
  readonly input: TInput
  /** The number of the turn, from 0: the one that comes (`inputOf`, `while`) or the one that is done (`until`). */
  readonly index: number
  /** The item of that turn; `undefined` in a loop without items. */
  readonly item: TItem | undefined
  /** What the turn before (`inputOf`, `while`) or this turn (`until`) returned; `undefined` before the first, and where it failed. */
  readonly last: TResult | undefined
  /** What each turn so far returned, `null` where it failed. Reading it costs time for each of them; `last` does not. */
  readonly results: readonly (TResult | null)[]
}

/** Decides about going on. May emit events on `context`; what it throws fails the loop. */
export type LoopCondition<TInput, TItem, TResult> = (
  loop: LoopState<TInput, TItem, TResult>,
  context: RunContext,
) => boolean | Promise<boolean>

/** Makes the items of a loop. */
export type LoopItems<TInput, TItem> = (
  input: TInput,
  context: RunContext,
) => readonly TItem[] | Promise<readonly TItem[]>

interface LoopBody<TInput, TItem, TTurn, TResult> {
  /** What events and errors call this loop, and its state unless `configure({ name })` says otherwise. */
  readonly name: string
  /** What is done in each turn; a state of its own for each loop, if it is one. */
  readonly body: Orchestration<TTurn, TResult> | SubOrchestrationRunnable<TTurn, TResult>
  /** What the names of the loop's own states (`begin`, `turn`, `finish` and so on) begin with. @default nothing */
  readonly prefix?: string | undefined
  /** Makes the input of a turn. Called once per turn; what it throws fails the loop. */
  readonly inputOf: (loop: LoopState<TInput, TItem, TResult>, context: RunContext) => TTurn | Promise<TTurn>
  /** How many turns there may be; a whole number of at least 1. @default 100 */
  readonly maxIterations?: number | undefined
  /**
   * What to do when there is more to do after `maxIterations` turns: fail with NEVER_COMPLETES (a loop over too many items does not even
   * begin), or go on with what there is, `exhausted: true`. @default 'fail'
   */
  readonly onExhausted?: 'fail' | 'proceed' | undefined
  /**
   * A turn that fails fails the loop, or its error is kept in `errors`, its result is `null`, and the next turn follows.
   * @default 'failFast'
   */
  readonly onError?: 'failFast' | 'collect' | undefined
}

/** A loop of one turn after another: over items, as long as, until, or a mixture. At least one of the three must be there. */
export interface SequentialLoopOptions<TInput, TItem, TTurn, TResult> extends LoopBody<TInput, TItem, TTurn, TResult> {
  /** One turn for each of these. Called once, when the loop begins. */
  readonly items?: LoopItems<TInput, TItem> | undefined
  /** Asked before each turn, also the first: `false` ends the loop. */
  readonly while?: LoopCondition<TInput, TItem, TResult> | undefined
  /** Asked after each turn: `true` ends the loop. */
  readonly until?: LoopCondition<TInput, TItem, TResult> | undefined
  readonly concurrency?: undefined
}

/** A loop over items of which several have their turn at once. Results are in the order of the items all the same. */
export interface ConcurrentLoopOptions<TInput, TItem, TTurn, TResult> extends LoopBody<TInput, TItem, TTurn, TResult> {
  readonly items: LoopItems<TInput, TItem>
  /**
   * How many turns are under way at most; a whole number of at least 1. Of `n` lanes the first takes the items 0, n, 2n and so on, the next
   * 1, n + 1 …, so that who does what does not depend on timing. `last` and `results` are empty.
   */
  readonly concurrency: number
  readonly while?: undefined
  readonly until?: undefined
}

/** How a `LoopRunnable` repeats its body. */
export type LoopRunnableOptions<TInput, TItem, TTurn, TResult> =
  | SequentialLoopOptions<TInput, TItem, TTurn, TResult>
  | ConcurrentLoopOptions<TInput, TItem, TTurn, TResult>

/** Why a turn failed, as plain data. */
export interface LoopError {
  /** The turn, from 0. */
  readonly index: number
  readonly name: string
  readonly message: string
  /** The code of an `OrchestrationError`. */
  readonly code?: string
}

/** What a loop returns. Plain JSON if the results are. */
export interface LoopOutcome<TResult> {
  /** By turn; `null` where one failed under `onError: 'collect'`. */
  readonly results: readonly (TResult | null)[]
  /** Of the turns that failed, in order. */
  readonly errors: readonly LoopError[]
  /** How many turns there were. */
  readonly iterations: number
  /** Whether `maxIterations` has ended it, with more to do. */
  readonly exhausted: boolean
}
