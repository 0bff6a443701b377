import type { RecordedUsage, Usage } from '../core/index.js'
import { type BudgetQuantity, checkAmount, fromUnits, toUnits } from './budget-limits.js'
import { fieldsOf } from './option-checks.js'

/** What has been spent in one scope of a budget. */
export interface BudgetSpending {
  /** What is known of it: see `unpricedCalls`. */
  readonly money: number
  readonly tokens: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly calls: number
  readonly steps: number
  /** As of the latest start or report. */
  readonly wallClockMs: number
  /** Calls whose cost nobody knew; `money` is without them. */
  readonly unpricedCalls: number
}

/** The account of one scope as plain JSON. */
export interface BudgetAccountSnapshot {
  /** The run, or the key. */
  readonly scope: string
  /** The state, if the budget is one per state. */
  readonly state?: string
  readonly spent: BudgetSpending
  readonly granted: Readonly<Partial<Record<BudgetQuantity, number>>>
  /** The soft limits that have been warned of. */
  readonly warned: readonly BudgetQuantity[]
  /** When its first state was started, in milliseconds since 1970; missing if none was. */
  readonly startedAt?: number
}

/** What is spent and granted in one scope, in whole units. */
export class BudgetAccount {
  readonly scope: string
  readonly state: string | undefined
  readonly warned = new Set<BudgetQuantity>()
  readonly #units: Record<BudgetQuantity, number> = {
    money: 0,
    tokens: 0,
    inputTokens: 0,
    outputTokens: 0,
    calls: 0,
    steps: 0,
    wallClockMs: 0,
  }
  readonly #granted = new Map<BudgetQuantity, number>()
  #unpricedCalls = 0
  #startedAt: number | undefined

  constructor(scope: string, state: string | undefined) {
    this.scope = scope
    this.state = state
  }

  static from({ scope, state, spent, granted, warned, startedAt }: BudgetAccountSnapshot): BudgetAccount {
    const account = new BudgetAccount(scope, state)
    fieldsOf('from.spent', spent)
    for (const name of Object.keys(account.#units) as BudgetQuantity[]) {
      account.#units[name] = toUnits(name, checkAmount(`from.spent.${name}`, spent[name]))
    }
    account.#unpricedCalls = spent.unpricedCalls
    account.grant(granted)
    for (const name of warned) account.warned.add(name)
    account.#startedAt = startedAt
    return account
  }

  /** What is spent of a quantity, in units. */
  spentOf(quantity: BudgetQuantity): number {
    return this.#units[quantity]
  }

  /** What was granted beyond the limit, in units. */
  grantedOf(quantity: BudgetQuantity): number {
    return this.#granted.get(quantity) ?? 0
  }

  grant(amounts: Readonly<Partial<Record<BudgetQuantity, number>>>): void {
    for (const [name, amount] of Object.entries(amounts) as [BudgetQuantity, number][]) {
      this.#granted.set(name, this.grantedOf(name) + toUnits(name, amount))
    }
  }

  /** Takes note of the time; it runs from the first time this is called. */
  tick(now: number): void {
    this.#startedAt ??= now
    this.#units.wallClockMs = Math.max(this.#units.wallClockMs, now - this.#startedAt)
  }

  addStep(steps = 1): void {
    this.#units.steps += steps
  }

  /** Adds several reports at once. */
  addAll({ reports, inputTokens, outputTokens }: RecordedUsage, cost: number | undefined): void {
    this.add({ model: '', inputTokens, outputTokens }, cost)
    this.#units.calls += reports - 1
    if (cost === undefined) this.#unpricedCalls += reports - 1
  }

  /** @param cost what it cost, `undefined` if nobody knows */
  add({ inputTokens = 0, outputTokens = 0 }: Usage, cost: number | undefined): void {
    const units = this.#units
    units.calls++
    units.inputTokens += inputTokens
    units.outputTokens += outputTokens
    units.tokens += inputTokens + outputTokens
    if (cost === undefined) this.#unpricedCalls++
    else units.money += toUnits('money', cost)
  }

  get spending(): BudgetSpending {
    return {
      ...this.#units,
      money: fromUnits('money', this.#units.money),
      unpricedCalls: this.#unpricedCalls,
    }
  }

  toJSON(): BudgetAccountSnapshot {
    const { scope, state, spending: spent, warned } = this
    const granted = Object.fromEntries([...this.#granted].map(([name, units]) => [name, fromUnits(name, units)]))
    return {
      scope,
      ...(state === undefined ? {} : { state }),
      spent,
      granted,
      warned: [...warned],
      ...(this.#startedAt === undefined ? {} : { startedAt: this.#startedAt }),
    }
  }
}
