import { BudgetAccount, type BudgetAccountSnapshot } from './budget-account.js'

/** The accounts of one run or key: one, or one for each state. */
type Accounts = Map<string | undefined, BudgetAccount>

/** The accounts of a budget. Those of runs that have ended are kept only for the latest few. */
export class BudgetLedger {
  readonly #open = new Map<string, Accounts>()
  readonly #ended = new Map<string, Accounts>()
  readonly #remember: number

  /** @param remember how many ended runs can still be asked about */
  constructor(remember: number) {
    this.#remember = remember
  }

  /** The account of a scope, opened if there is none. */
  open(scope: string, state: string | undefined): BudgetAccount {
    const accounts = this.#open.get(scope) ?? new Map<string | undefined, BudgetAccount>()
    let account = accounts.get(state)
    if (account === undefined) {
      account = new BudgetAccount(scope, state)
      accounts.set(state, account)
      this.#open.set(scope, accounts)
    }
    return account
  }

  /** The account of a scope that is under way, or that has ended lately. */
  find(scope: string, state: string | undefined): BudgetAccount | undefined {
    return (this.#open.get(scope) ?? this.#ended.get(scope))?.get(state)
  }

  isOpen(scope: string): boolean {
    return this.#open.has(scope)
  }

  /** The scope is over; what starts under its name again starts from nothing. */
  end(scope: string): void {
    const accounts = this.#open.get(scope)
    if (accounts === undefined) return
    this.#open.delete(scope)
    this.#ended.delete(scope)
    this.#ended.set(scope, accounts)
    if (this.#ended.size > this.#remember) this.#ended.delete(this.#ended.keys().next().value as string)
  }

  /** Forgets a scope. */
  drop(scope: string): void {
    this.#open.delete(scope)
    this.#ended.delete(scope)
  }

  restore(account: BudgetAccount): void {
    const { scope, state } = account
    const accounts = this.#open.get(scope) ?? new Map<string | undefined, BudgetAccount>()
    this.#open.set(scope, accounts.set(state, account))
  }

  toJSON(): readonly BudgetAccountSnapshot[] {
    return [...this.#open.values()].flatMap(accounts => [...accounts.values()].map(account => account.toJSON()))
  }
}
