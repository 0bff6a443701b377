import type { EventOfType, OrchestrationEvent } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import type { AlertRule, AlertRuleOptions, AlertScope, AlertWatch } from './alert.js'
import { isEnd } from './event-run.js'

/** What {@link budgetShare} watches. */
export interface BudgetShareOptions extends AlertRuleOptions {
  /** It fires when this share of a limit is spent; 1 is all of it. @default 0.8 */
  readonly share?: number
  /** What one run may cost, as far as it is reported, in the currency in which it is. @default not watched */
  readonly costPerRun?: number
  /** How many tokens, in and out, one run may use. @default not watched */
  readonly tokensPerRun?: number
}

/**
 * Fires once for each run that comes near a limit given here, and once for each share of a policy's budget (a run's, or a key's) that
 * gives notice with at least that share spent. What runs inside a run spend counts as its own. What an alert says of a run is resolved
 * when the run ends.
 * @throws OPTION_INVALID
 */
export function budgetShare(options: BudgetShareOptions = {}): AlertRule {
  const { name = 'budget share', severity = 'warning', share = 0.8, costPerRun, tokensPerRun } = options
  if (!(share > 0)) throw new OptionError('share', 'a number above 0', share)
  const limits = { cost: checkLimit('costPerRun', costPerRun), tokens: checkLimit('tokensPerRun', tokensPerRun) }
  return { name, severity, watch: scope => new BudgetShareWatch(scope, share, limits) }
}

function checkLimit(option: string, value: number | undefined): number | undefined {
  if (value === undefined || value > 0) return value
  throw new OptionError(option, 'a number above 0', value)
}

interface Spent {
  cost: number
  tokens: number
}

class BudgetShareWatch implements AlertWatch {
  readonly #scope: AlertScope
  readonly #share: number
  readonly #limits: Readonly<Record<keyof Spent, number | undefined>>
  readonly #runs = new Map<string, Spent>()
  /** The budgets of policies that have given notice of the share of a run under way. */
  readonly #ofRuns = new Map<string, Set<string>>()

  constructor(scope: AlertScope, share: number, limits: Readonly<Record<keyof Spent, number | undefined>>) {
    this.#scope = scope
    this.#share = share
    this.#limits = limits
  }

  next(event: OrchestrationEvent): void {
    if (event.type === 'agent.usage') this.#used(event)
    else if (event.type === 'budget.warning' || event.type === 'budget.exceeded') this.#noticed(event)
    else if (event.path === undefined && isEnd(event)) this.#ended(event.runId)
  }

  #used({ runId, inputTokens, outputTokens, cost = 0 }: EventOfType<'agent.usage'>): void {
    const spent = this.#runs.get(runId) ?? { cost: 0, tokens: 0 }
    this.#runs.set(runId, spent)
    spent.cost += cost
    spent.tokens += inputTokens + outputTokens
    for (const limit of ['cost', 'tokens'] as const) {
      const max = this.#limits[limit]
      if (max === undefined || spent[limit] / max < this.#share) continue
      this.#scope.fire(`${runId}\n${limit}`, {
        value: spent[limit] / max,
        threshold: this.#share,
        message: `run ${runId} has spent ${spent[limit]} of ${max} (${limit})`,
        runId,
      })
    }
  }

  #noticed({ runId, budget, scope = '', limit, spent, max }: EventOfType<'budget.warning' | 'budget.exceeded'>): void {
    const value = max > 0 ? spent / max : 1
    const subject = `budget\n${budget}\n${scope}\n${limit}`
    // A budget that is filled up again gives notice from further below.
    if (value < this.#share) this.#scope.resolve(subject)
    else {
      const message = `budget "${budget}" has spent ${spent} of ${max} (${limit})`
      // The share of a run inside has the id of this one in front.
      if (scope === runId || scope.startsWith(`${runId}/`)) this.#keep(runId, subject)
      this.#scope.fire(subject, { value, threshold: this.#share, message, runId })
    }
  }

  #keep(runId: string, subject: string): void {
    const subjects = this.#ofRuns.get(runId) ?? new Set()
    this.#ofRuns.set(runId, subjects.add(subject))
  }

  #ended(runId: string): void {
    for (const subject of this.#ofRuns.get(runId) ?? []) this.#scope.resolve(subject)
    this.#ofRuns.delete(runId)
    this.#runs.delete(runId)
    for (const limit of ['cost', 'tokens']) this.#scope.resolve(`${runId}\n${limit}`)
  }
}
