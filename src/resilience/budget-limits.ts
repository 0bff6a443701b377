import { OptionError } from '../errors/index.js'
import { fieldsOf } from './option-checks.js'

/** What a limit can be on. */
export type BudgetQuantity = 'money' | 'tokens' | 'inputTokens' | 'outputTokens' | 'calls' | 'steps' | 'wallClockMs'

/** One limit; a number alone is a hard one. Each is at least 0, and `soft` is not above `hard`. */
export type BudgetLimit =
  | number
  | {
      /** Once this much is spent, an event `budget.warning` says so, once for each scope. @default no warning */
      readonly soft?: number
      /** Once this much is spent nothing more is started, and what goes beyond it fails. @default no limit */
      readonly hard?: number
    }

/** What may be spent in each scope of a budget. 0 means that nothing may be. */
export interface BudgetLimits {
  /** In the currency of the price table, or of the costs that are reported. Kept exactly to a billionth. */
  readonly money?: BudgetLimit
  /** Input and output tokens together. */
  readonly tokens?: BudgetLimit
  readonly inputTokens?: BudgetLimit
  readonly outputTokens?: BudgetLimit
  /** Reports of usage: one for each call of a model, or of whatever a state reports. */
  readonly calls?: BudgetLimit
  /** Invocations of states; each attempt of a retry is one. */
  readonly steps?: BudgetLimit
  /**
   * Milliseconds on the run's clock since the first state of the scope was started. What is at work by then is stopped.
   */
  readonly wallClockMs?: BudgetLimit
}

/** A limit as it is kept, in whole units: money in billionths. */
export interface ResolvedLimit {
  readonly quantity: BudgetQuantity
  readonly soft: number | undefined
  readonly hard: number | undefined
}

/** What each quantity is counted in, in words. */
export const unitOf: Readonly<Record<BudgetQuantity, string>> = {
  money: 'money',
  tokens: 'tokens',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
  calls: 'calls',
  steps: 'steps',
  wallClockMs: 'ms of wall clock',
}

// Sums of binary fractions drift: ten times 0.1 is less than 1. Sums of whole numbers do not.
const unitsPerMoney = 1_000_000_000

/** An amount in the units in which it is counted. */
export function toUnits(quantity: BudgetQuantity, amount: number): number {
  return quantity === 'money' ? Math.round(amount * unitsPerMoney) : amount
}

/** An amount as the user gives and reads it. */
export function fromUnits(quantity: BudgetQuantity, units: number): number {
  return quantity === 'money' ? units / unitsPerMoney : units
}

/** Whether a name is that of a quantity. */
export function isQuantity(name: string): name is BudgetQuantity {
  return Object.hasOwn(unitOf, name)
}

/** Checks limits and puts them in one form. @throws OPTION_INVALID */
export function resolveLimits(limits: BudgetLimits): readonly ResolvedLimit[] {
  const resolved = Object.entries(fieldsOf('limits', limits)).flatMap(
    ([name, limit]: [string, BudgetLimit | undefined]) => {
      // A name with a slip in it would bound nothing.
      if (!isQuantity(name)) throw new OptionError(`limits.${name}`, `one of ${Object.keys(unitOf).join(', ')}`, name)
      return limit === undefined ? [] : [resolveLimit(name, limit)]
    },
  )
  if (resolved.length === 0) throw new OptionError('limits', 'an object with at least one limit', limits)
  return resolved
}

/** Checks an amount that somebody gives. @throws OPTION_INVALID */
export function checkAmount(option: string, amount: number): number {
  if (Number.isFinite(amount) && amount >= 0) return amount
  throw new OptionError(option, 'a number of at least 0', amount)
}

function resolveLimit(quantity: BudgetQuantity, limit: BudgetLimit): ResolvedLimit {
  const { soft, hard } = typeof limit === 'object' && limit !== null ? limit : { hard: limit }
  const option = `limits.${quantity}`
  if (soft === undefined && hard === undefined)
    throw new OptionError(option, 'a number, or have `soft` or `hard`', limit)
  if (soft !== undefined) checkAmount(`${option}.soft`, soft)
  if (hard !== undefined) checkAmount(typeof limit === 'number' ? option : `${option}.hard`, hard)
  if (soft !== undefined && hard !== undefined && soft > hard) {
    throw new OptionError(`${option}.soft`, `at most \`hard\`, ${hard}`, soft)
  }
  return {
    quantity,
    soft: soft === undefined ? undefined : toUnits(quantity, soft),
    hard: hard === undefined ? undefined : toUnits(quantity, hard),
  }
}
