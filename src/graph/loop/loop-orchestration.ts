import {
  type AnyRunnable,
  Orchestration,
  type OrchestrationRunnable,
  type RunContext,
  type SendTo,
  type StateFailure,
  sendTo,
} from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { plannedAdvancer } from '../planned-advancer.js'
import { joinState, state } from '../state.js'
import type { LoopOutcome, LoopState } from './loop-options.js'
import { LoopRecord } from './loop-record.js'
import type { LoopSettings } from './loop-settings.js'

/** What a loop begins with. Kept once, as the output of the state `begin`. */
interface Begun<TInput, TItem> {
  readonly input: TInput
  readonly items: readonly TItem[] | null
}

/**
 * `begin` leads to `turn`, `turn` back to itself or on to `finish`. Where several turns are under way at once, `begin` opens as many
 * branches (`lane`), each of which repeats `turn`, and they meet in `gather`.
 */
export class LoopOrchestration<TInput, TItem, TTurn, TResult> extends Orchestration<TInput, LoopOutcome<TResult>> {
  readonly #settings: LoopSettings<TInput, TItem, TTurn, TResult>
  readonly #begin: OrchestrationRunnable<TInput, Begun<TInput, TItem>>
  readonly #turn: OrchestrationRunnable<TTurn, TResult>
  readonly #finish: OrchestrationRunnable<boolean, LoopOutcome<TResult>>
  /** Where a branch goes that has no more turns. */
  readonly #end: OrchestrationRunnable<boolean, unknown>
  /** By what a run began with, what its turns have returned: who asks for that in each turn reads only what is new. */
  readonly #results = new WeakMap<Begun<TInput, TItem>, (TResult | null)[]>()

  constructor(settings: LoopSettings<TInput, TItem, TTurn, TResult>) {
    super()
    const { name, prefix, maxIterations, body, lanes } = settings
    this.#settings = settings
    // Every turn may fail and be collected, and the branches begin and meet; none of that is what bounds the loop.
    this.configure({ name, maxSteps: Math.max(1000, 2 * maxIterations + (lanes ?? 0) + 4) })
    this.#begin = state(`${prefix}begin`, (input: TInput, context) => this.#begun(input, context))
    const turn = `${prefix}turn`
    this.#turn = body instanceof Orchestration ? state(turn, body) : body.configure({ name: turn })
    this.#finish = state(`${prefix}finish`, (exhausted: boolean, context) => this.#outcome(exhausted, context))
    this.#end = lanes === undefined ? this.#finish : this.#gather()
    this.#wireTurn()
    if (lanes === undefined) this.#beginWithFirst()
    else this.#beginWithLanes(lanes)
    this.initialRunnable = this.#begin
    this.resultRunnable = this.#finish as OrchestrationRunnable<never, LoopOutcome<TResult>>
  }

  #gather(): OrchestrationRunnable<boolean, unknown> {
    const gather = joinState(`${this.#settings.prefix}gather`, {}, (exhausted: readonly boolean[]) =>
      exhausted.includes(true),
    )
    return gather.addAdvancer(this.#finish)
  }

  #wireTurn(): void {
    const sends: readonly AnyRunnable[] = [this.#turn, this.#end]
    this.#turn.addAdvancer(
      plannedAdvancer<TResult>('next turn', { sends }, (result, context) => {
        const record = new LoopRecord<TResult>(context)
        record.keepResult(record.turn, result)
        return this.#after(record.turn, result, context)
      }),
    )
    if (!this.#settings.collects) return
    const failed = state(`${this.#settings.prefix}turn.failed`, (failure: StateFailure<TTurn>, context) => {
      const record = new LoopRecord<TResult>(context)
      record.keepError(record.turn, failure)
      return record.turn
    })
    this.#turn.onError(failed)
    failed.addAdvancer(
      plannedAdvancer<number>('next turn', { sends }, (index, context) => this.#after(index, undefined, context)),
    )
  }

  #beginWithFirst(): void {
    const sends = [this.#turn, this.#end]
    this.#begin.addAdvancer(
      plannedAdvancer<Begun<TInput, TItem>>('first turn', { sends }, (begun, context) =>
        this.#turnOf(0, undefined, begun, context),
      ),
    )
  }

  #beginWithLanes(lanes: number): void {
    const lane = state(`${this.#settings.prefix}lane`, (first: number) => first)
    lane.addAdvancer(
      plannedAdvancer<number>('first turn', { sends: [this.#turn, this.#end] }, (first, context) =>
        this.#turnOf(first, undefined, this.#begunIn(context), context),
      ),
    )
    this.#begin.addAdvancer(
      plannedAdvancer<Begun<TInput, TItem>>('lanes', { sends: [lane, this.#finish] }, ({ items }) => {
        const needed = Math.min(lanes, items?.length ?? 0, this.#settings.maxIterations)
        if (needed === 0) return sendTo(this.#finish, false)
        return Array.from({ length: needed }, (_, first) => sendTo(lane, first))
      }),
    )
  }

  async #begun(input: TInput, context: RunContext): Promise<Begun<TInput, TItem>> {
    const { name, items: itemsOf, maxIterations, proceeds } = this.#settings
    if (itemsOf === undefined) return { input, items: null }
    const items: unknown = await itemsOf(input, context)
    if (!Array.isArray(items)) {
      throw new OrchestrationError(
        `The items of loop "${name}" are no array, but ${items === null ? 'null' : `of type ${typeof items}`}. Give it an array; an empty one makes no turn.`,
        { code: 'PAYLOAD_INVALID', details: { loop: name } },
      )
    }
    const endsEarlier = this.#settings.while !== undefined || this.#settings.until !== undefined
    if (items.length > maxIterations && !proceeds && !endsEarlier) throw this.#tooMany(items.length)
    return { input, items: items as readonly TItem[] }
  }

  #begunIn(context: RunContext): Begun<TInput, TItem> {
    return context.outputOf(this.#begin) as Begun<TInput, TItem>
  }

  /** Where a branch goes after a turn. */
  async #after(index: number, result: TResult | undefined, context: RunContext): Promise<SendTo> {
    const { until, lanes = 1 } = this.#settings
    const begun = this.#begunIn(context)
    if (until !== undefined && (await until(this.#stateAt(index, index + 1, result, begun, context), context))) {
      return sendTo(this.#end, false)
    }
    return this.#turnOf(index + lanes, result, begun, context)
  }

  /** Leads to a turn, or out of the loop if there is none. */
  async #turnOf(
    index: number,
    last: TResult | undefined,
    begun: Begun<TInput, TItem>,
    context: RunContext,
  ): Promise<SendTo> {
    const { maxIterations, inputOf } = this.#settings
    const now = this.#stateAt(index, index, last, begun, context)
    if (begun.items !== null && index >= begun.items.length) return sendTo(this.#end, false)
    if (this.#settings.while !== undefined && !(await this.#settings.while(now, context))) {
      return sendTo(this.#end, false)
    }
    if (index >= maxIterations) return sendTo(this.#end, true)
    new LoopRecord(context).turn = index
    return sendTo(this.#turn, await inputOf(now, context))
  }

  #stateAt(
    index: number,
    turns: number,
    last: TResult | undefined,
    begun: Begun<TInput, TItem>,
    context: RunContext,
  ): LoopState<TInput, TItem, TResult> {
    const { input, items } = begun
    const resultsOf = (): readonly (TResult | null)[] => this.#resultsOf(turns, begun, context)
    const concurrent = this.#settings.lanes !== undefined
    return {
      input,
      index,
      item: items?.[index],
      // What the lanes have done so far depends on their speed.
      last: concurrent ? undefined : last,
      get results() {
        return concurrent ? [] : resultsOf()
      },
    }
  }

  #resultsOf(turns: number, begun: Begun<TInput, TItem>, context: RunContext): readonly (TResult | null)[] {
    const known = this.#results.get(begun) ?? []
    this.#results.set(begun, known)
    const record = new LoopRecord<TResult>(context)
    while (known.length < turns) known.push(record.resultOf(known.length))
    return known.slice(0, turns)
  }

  #outcome(exhausted: boolean, context: RunContext): LoopOutcome<TResult> {
    if (exhausted && !this.#settings.proceeds) throw this.#tooMany(undefined)
    return new LoopRecord<TResult>(context).outcome(exhausted)
  }

  #tooMany(items: number | undefined): OrchestrationError {
    const { name, maxIterations } = this.#settings
    const turns = `${maxIterations} turn${maxIterations === 1 ? '' : 's'}`
    const what = items === undefined ? `is not done after ${turns}` : `has ${items} items, but may take only ${turns}`
    return new OrchestrationError(
      `Loop "${name}" ${what}. Raise maxIterations (max_iterations in JSON), or check what ends the loop; a LoopRunnable may also go on with what it has (onExhausted: 'proceed').`,
      { code: 'NEVER_COMPLETES', details: { loop: name, maxIterations } },
    )
  }
}
