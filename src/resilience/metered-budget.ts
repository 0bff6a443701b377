import type { NextCall, ResumedRun, StateCall, Usage } from '../core/index.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames } from '../errors/internal.js'
import { BudgetAccount, type BudgetSpending } from './budget-account.js'
import { BudgetExceededError } from './budget-exceeded-error.js'
import { BudgetLedger } from './budget-ledger.js'
import { checkAmount, fromUnits, isQuantity, type ResolvedLimit, resolveLimits } from './budget-limits.js'
import {
  type BudgetAmounts,
  type BudgetKey,
  type BudgetOptions,
  type BudgetScope,
  type BudgetSnapshot,
  budgetOptionNames,
} from './budget-options.js'
import { listOf, oneOf, optionalText, wholeNumber } from './option-checks.js'
import { checkPrices, costOfUsage, type PriceTable } from './price-table.js'

/**
 * Where a call's spending goes. The call keeps it, so that what comes after the end of the run opens no account again.
 */
interface Charge {
  readonly account: BudgetAccount
  attempt: number
}

type Refusal = 'refused' | 'beyond' | 'stopped'

/** The one kind of budget: it counts what is reported. */
export class MeteredBudget {
  readonly name: string
  readonly nested = true
  readonly #limits: readonly ResolvedLimit[]
  readonly #wallClock: ResolvedLimit | undefined
  readonly #per: 'run' | 'state' | BudgetKey
  readonly #prices: PriceTable | undefined
  readonly #mustKnowPrices: boolean
  readonly #startsAtLimit: boolean
  readonly #exempt: ReadonlySet<string>
  readonly #ledger: BudgetLedger
  readonly #charges = new WeakMap<StateCall, Charge>()

  constructor(options: BudgetOptions) {
    checkOptionNames('a budget', options, budgetOptionNames)
    const { name = 'budget', limits, per = 'run', prices, unpriced = 'fail', exempt = [], remember = 100 } = options
    const { atLimit = 'refuse' } = options
    optionalText('name', name)
    if (typeof per !== 'function') oneOf('per', ['run', 'state'], per)
    oneOf('unpriced', ['fail', 'allow'], unpriced)
    oneOf('atLimit', ['refuse', 'start'], atLimit)
    if (prices !== undefined) checkPrices(prices)
    this.name = name
    this.#limits = resolveLimits(limits)
    this.#wallClock = this.#limits.find(({ quantity }) => quantity === 'wallClockMs')
    this.#per = per
    this.#prices = prices
    this.#startsAtLimit = atLimit === 'start'
    this.#mustKnowPrices =
      unpriced === 'fail' && this.#limits.some(({ quantity, hard }) => quantity === 'money' && hard !== undefined)
    this.#exempt = new Set(listOf('exempt', exempt))
    this.#ledger = new BudgetLedger(wholeNumber('remember', 0, remember))
    for (const account of options.from?.accounts ?? []) this.#ledger.restore(BudgetAccount.from(account))
  }

  async around(call: StateCall, next: NextCall): Promise<unknown> {
    const { context } = call
    const charge = { account: this.#accountFor(call), attempt: context.attempt }
    this.#charges.set(call, charge)
    charge.account.tick(context.now())
    this.#enforce(call, charge, 'refused')
    return this.#wallClock === undefined || this.#isExempt(call)
      ? next()
      : this.#withinTime(call, charge, this.#wallClock, next)
  }

  onAttempt(call: StateCall, attempt: number): void {
    const charge = this.#charges.get(call)
    if (charge === undefined) return
    charge.attempt = attempt
    charge.account.tick(call.context.now())
    this.#enforce(call, charge, 'refused')
    charge.account.addStep()
    this.#warn(call, charge.account)
  }

  onUsage(call: StateCall, usage: Usage): void {
    const charge = this.#charges.get(call)
    if (charge === undefined) return
    const { account } = charge
    const cost = costOfUsage(usage, this.#prices)
    account.tick(call.context.now())
    account.add(usage, cost)
    this.#enforce(call, charge, 'beyond')
    if (cost === undefined && this.#mustKnowPrices && !this.#isExempt(call)) throw this.#priceUnknown(call, usage.model)
  }

  /** What a run had spent before it was restored. Attempts that failed count as steps no more: the journal does not have them. */
  onRunResume({ runId, path, usage, steps, startedAt }: ResumedRun): void {
    if (typeof this.#per === 'function') return
    const accountOf = (stateName: string): BudgetAccount => {
      const account = this.#ledger.open(runId, this.#per === 'state' ? [...path, stateName].join('/') : undefined)
      account.tick(startedAt)
      return account
    }
    for (const line of usage) accountOf(line.stateName).addAll(line, costOfUsage(line, this.#prices))
    for (const [stateName, count] of Object.entries(steps)) if (count > 0) accountOf(stateName).addStep(count)
  }

  onRunEnd(runId: string): void {
    if (typeof this.#per !== 'function') this.#ledger.end(runId)
  }

  spent(scope: BudgetScope): BudgetSpending {
    return this.#accountOf(scope).spending
  }

  remaining(scope: BudgetScope): BudgetAmounts {
    const account = this.#accountOf(scope)
    return Object.fromEntries(
      this.#limits.flatMap(({ quantity, hard }) => {
        if (hard === undefined) return []
        const left = hard + account.grantedOf(quantity) - account.spentOf(quantity)
        return [[quantity, fromUnits(quantity, Math.max(0, left))]]
      }),
    )
  }

  grant(scope: BudgetScope, amounts: BudgetAmounts): void {
    const [name, state] = partsOf(scope)
    for (const [quantity, amount] of Object.entries(amounts)) {
      const limit = this.#limits.find(each => each.quantity === quantity)
      if (!isQuantity(quantity) || limit?.hard === undefined) {
        throw new OptionError(`amounts.${quantity}`, 'of a quantity that has a hard limit', quantity)
      }
      checkAmount(`amounts.${quantity}`, amount)
    }
    if (typeof this.#per !== 'function' && !this.#ledger.isOpen(name)) {
      throw new OptionError('scope', 'a run that is under way and has this budget', name)
    }
    this.#ledger.open(name, state).grant(amounts)
  }

  reset(scope: string): void {
    this.#ledger.drop(scope)
  }

  toJSON(): BudgetSnapshot {
    return { name: this.name, accounts: this.#ledger.toJSON() }
  }

  #accountOf(scope: BudgetScope): BudgetAccount {
    const [name, state] = partsOf(scope)
    return this.#ledger.find(name, state) ?? new BudgetAccount(name, state)
  }

  #accountFor(call: StateCall): BudgetAccount {
    const { runId, path, stateName } = call
    if (typeof this.#per === 'function') {
      const key: unknown = this.#per(call)
      if (typeof key !== 'string' || key === '') throw new OptionError('per', 'a function that returns a string', key)
      return this.#ledger.open(key, undefined)
    }
    // A retry that does not heed the end of its run must not open an account that nobody closes.
    if (!this.#ledger.isOpen(runId)) call.context.signal.throwIfAborted()
    return this.#ledger.open(runId, this.#per === 'state' ? [...path, stateName].join('/') : undefined)
  }

  #isExempt({ stateName, path }: StateCall): boolean {
    return this.#exempt.has(stateName) || path.some(name => this.#exempt.has(name))
  }

  /** Warns of soft limits that are reached, and throws if a hard one is. */
  #enforce(call: StateCall, charge: Charge, what: Refusal): void {
    const { account } = charge
    this.#warn(call, account)
    if (this.#isExempt(call)) return
    for (const limit of this.#limits) {
      const { quantity, hard } = limit
      if (hard === undefined) continue
      const left = hard + account.grantedOf(quantity) - account.spentOf(quantity)
      // Spending the whole of a budget is allowed; starting something with nothing left is not.
      if (what === 'refused' && !this.#startsAtLimit ? left <= 0 : left < 0)
        throw this.#exceeded(call, charge, limit, what)
    }
  }

  #warn({ context }: StateCall, account: BudgetAccount): void {
    for (const { quantity, soft } of this.#limits) {
      if (soft === undefined || account.spentOf(quantity) < soft || account.warned.has(quantity)) continue
      account.warned.add(quantity)
      const spent = fromUnits(quantity, account.spentOf(quantity))
      const max = fromUnits(quantity, soft)
      context.emit({ type: 'budget.warning', budget: this.name, scope: account.scope, limit: quantity, spent, max })
    }
  }

  /** Warns while the call is at work, and stops it when its wall clock runs out. */
  async #withinTime(call: StateCall, charge: Charge, limit: ResolvedLimit, next: NextCall): Promise<unknown> {
    const { context } = call
    const { account } = charge
    const over = new AbortController()
    const done = new AbortController()
    const { soft = Infinity, hard = Infinity } = limit
    const left = (): number => hard + account.grantedOf('wallClockMs') - account.spentOf('wallClockMs')
    const watch = async (): Promise<never> => {
      // More may be granted while the call is at work.
      for (let ms = left(); ms > 0; ms = left()) {
        const untilSoft = account.warned.has('wallClockMs') ? Infinity : soft - account.spentOf('wallClockMs')
        await context.sleep(Math.min(ms, untilSoft), done.signal)
        account.tick(context.now())
        this.#warn(call, account)
      }
      const error = this.#exceeded(call, charge, limit, 'stopped')
      over.abort(error)
      throw error
    }
    try {
      return await Promise.race([next({ signal: over.signal }), watch()])
    } finally {
      done.abort()
    }
  }

  #exceeded({ context, stateName }: StateCall, charge: Charge, limit: ResolvedLimit, what: Refusal): Error {
    const { account, attempt } = charge
    const { quantity } = limit
    const spent = fromUnits(quantity, account.spentOf(quantity))
    const max = fromUnits(quantity, (limit.hard as number) + account.grantedOf(quantity))
    const { name: budgetName } = this
    context.emit({ type: 'budget.exceeded', budget: budgetName, scope: account.scope, limit: quantity, spent, max })
    const scope = account.state === undefined ? account.scope : `${account.scope}, ${account.state}`
    return new BudgetExceededError(what, {
      budget: budgetName,
      limit: quantity,
      spent,
      max,
      state: stateName,
      scope,
      attempt,
    })
  }

  #priceUnknown({ stateName }: StateCall, model: string): OrchestrationError {
    return new OrchestrationError(
      `Model "${model}" has no price, so budget "${this.name}" cannot tell what state "${stateName}" has spent. ` +
        "Add the model to the price table, report `cost`, or let such calls pass with unpriced: 'allow'.",
      { code: 'PRICE_UNKNOWN', details: { budget: this.name, model, stateName } },
    )
  }
}

function partsOf(scope: BudgetScope): readonly [scope: string, state: string | undefined] {
  return typeof scope === 'string' ? [scope, undefined] : [scope.runId, scope.state]
}
