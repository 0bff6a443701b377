import type { StateCall } from '../core/index.js'
import type { OptionNames } from '../errors/internal.js'
import type { BudgetAccountSnapshot } from './budget-account.js'
import type { BudgetLimits, BudgetQuantity } from './budget-limits.js'
import type { PriceTable } from './price-table.js'

/** Decides from a call whose share of a budget it uses: a tenant, a user, a day. */
export type BudgetKey = (call: StateCall) => string

/** What {@link budget} takes. */
export interface BudgetOptions {
  /** What events and errors call it. @default 'budget' */
  readonly name?: string
  /** What may be spent in each scope; at least one limit. */
  readonly limits: BudgetLimits
  /**
   * What has a share of its own: each run, sub-orchestrations included; each state of each run, all its invocations
   * together; or each key that a function returns, across runs. @default 'run'
   */
  readonly per?: 'run' | 'state' | BudgetKey
  /** What models cost, for usage that is reported without `cost`. @default none */
  readonly prices?: PriceTable
  /**
   * What to do about a report whose cost nobody knows, if `money` has a hard limit: fail with `PRICE_UNKNOWN`, or let
   * it pass, so that the limit holds for the rest only. @default 'fail'
   */
  readonly unpriced?: 'fail' | 'allow'
  /**
   * What to do about a state that is to start when a hard limit is reached exactly: `refuse` it, or let it `start`, so that what costs
   * nothing goes on; only what goes beyond the limit fails then. @default 'refuse'
   */
  readonly atLimit?: 'refuse' | 'start'
  /**
   * The names of states that are never refused, such as those that ask for more or clean up. What they spend counts all
   * the same.
   * @default none
   */
  readonly exempt?: readonly string[]
  /** How many runs that have ended can still be asked about. @default 100 */
  readonly remember?: number
  /** What an earlier budget returned from `toJSON()`, to go on from there. @default nothing is spent */
  readonly from?: BudgetSnapshot
}

/** Every key of {@link BudgetOptions}. */
export const budgetOptionNames: OptionNames<BudgetOptions> = {
  name: true,
  limits: true,
  per: true,
  prices: true,
  unpriced: true,
  atLimit: true,
  exempt: true,
  remember: true,
  from: true,
}

/**
 * Names what a share belongs to: the id of a run or a key; with a state, of a budget per state (`Outer/Inner` inside
 * others).
 */
export type BudgetScope = string | { readonly runId: string; readonly state: string }

/** Amounts by quantity. */
export type BudgetAmounts = Readonly<Partial<Record<BudgetQuantity, number>>>

/** A budget as plain JSON. */
export interface BudgetSnapshot {
  readonly name: string
  /** Scopes under way; runs that have ended are left out. */
  readonly accounts: readonly BudgetAccountSnapshot[]
}
