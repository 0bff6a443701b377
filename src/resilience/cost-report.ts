import { filter, map, type Observable, scan } from 'rxjs'
import type { EventOfType, OrchestrationEvent } from '../core/index.js'
import { fromUnits, toUnits } from './budget-limits.js'
import { costOfUsage, type PriceTable } from './price-table.js'

/** What one state, agent or model has used up, or all of them. */
export interface CostLine {
  /** Of a state inside a sub-orchestration with those around it: `Outer/Inner`. */
  readonly name: string
  /** Reports of usage. */
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  /** What it cost; `undefined` if that of any of its calls is unknown. */
  readonly cost: number | undefined
  /** What those calls cost whose cost is known. */
  readonly knownCost: number
  /** How many calls have no known cost. */
  readonly unpricedCalls: number
}

/** Where tokens and money went; each list in the order of first use. The lines of each list sum up to `total`. */
export interface CostReport {
  /** That of the price table, if there is one. */
  readonly currency?: string
  readonly total: CostLine
  readonly states: readonly CostLine[]
  readonly agents: readonly CostLine[]
  readonly models: readonly CostLine[]
  /** The models without a price, so that they can be added to the table. */
  readonly unpricedModels: readonly string[]
}

/**
 * Sums up usage as it is reported.
 *
 * ```ts
 * const costs = new CostTracker(prices)
 * orchestration.events$.subscribe(event => costs.add(event))
 * await orchestration.run(input)
 * console.log(costs.report.total.cost)
 * ```
 */
export class CostTracker {
  readonly #prices: PriceTable | undefined
  readonly #total = new CostSum('total')
  readonly #states = new Map<string, CostSum>()
  readonly #agents = new Map<string, CostSum>()
  readonly #models = new Map<string, CostSum>()
  readonly #unpriced = new Set<string>()

  /** @param prices what models cost, for usage that is reported without `cost` */
  constructor(prices?: PriceTable) {
    this.#prices = prices
  }

  /** Takes note of an event; only `agent.usage` counts. */
  add(event: OrchestrationEvent): this {
    if (event.type !== 'agent.usage') return this
    const cost = costOfUsage(event, this.#prices)
    if (cost === undefined) this.#unpriced.add(event.model)
    const state = [...(event.path ?? []), event.stateName].join('/')
    for (const sum of [
      this.#total,
      sumOf(this.#states, state),
      sumOf(this.#agents, event.agent),
      sumOf(this.#models, event.model),
    ]) {
      sum.add(event, cost)
    }
    return this
  }

  /** What was spent so far; it does not change any more. */
  get report(): CostReport {
    return {
      ...(this.#prices === undefined ? {} : { currency: this.#prices.currency }),
      total: this.#total.line,
      states: linesOf(this.#states),
      agents: linesOf(this.#agents),
      models: linesOf(this.#models),
      unpricedModels: [...this.#unpriced],
    }
  }
}

/** What a list of events says was spent. */
export function costOf(events: Iterable<OrchestrationEvent>, prices?: PriceTable): CostReport {
  const tracker = new CostTracker(prices)
  for (const event of events) tracker.add(event)
  return tracker.report
}

/** A new report with every usage in a stream, such as `run.events$` or `orchestration.events$`. */
export function costReports(events$: Observable<OrchestrationEvent>, prices?: PriceTable): Observable<CostReport> {
  return events$.pipe(
    filter(event => event.type === 'agent.usage'),
    scan((tracker: CostTracker | undefined, event) => (tracker ?? new CostTracker(prices)).add(event), undefined),
    map(tracker => (tracker as CostTracker).report),
  )
}

/** Sums in the units of budgets, so that a report and a budget never disagree. */
class CostSum {
  readonly #name: string
  #calls = 0
  #inputTokens = 0
  #outputTokens = 0
  #units = 0
  #unpricedCalls = 0

  constructor(name: string) {
    this.#name = name
  }

  add({ inputTokens, outputTokens }: EventOfType<'agent.usage'>, cost: number | undefined): void {
    this.#calls++
    this.#inputTokens += inputTokens
    this.#outputTokens += outputTokens
    if (cost === undefined) this.#unpricedCalls++
    else this.#units += toUnits('money', cost)
  }

  get line(): CostLine {
    const knownCost = fromUnits('money', this.#units)
    return {
      name: this.#name,
      calls: this.#calls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      totalTokens: this.#inputTokens + this.#outputTokens,
      cost: this.#unpricedCalls === 0 ? knownCost : undefined,
      knownCost,
      unpricedCalls: this.#unpricedCalls,
    }
  }
}

function sumOf(sums: Map<string, CostSum>, name: string): CostSum {
  const sum = sums.get(name) ?? new CostSum(name)
  sums.set(name, sum)
  return sum
}

function linesOf(sums: ReadonlyMap<string, CostSum>): readonly CostLine[] {
  return [...sums.values()].map(sum => sum.line)
}
