import type { Usage } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { fieldsOf } from './option-checks.js'

/** What one model costs, in the currency of its {@link PriceTable}. */
export interface ModelPrice {
  /** For a million input tokens. */
  readonly inputPerMillion: number
  /** For a million output tokens. */
  readonly outputPerMillion: number
  /** For each call, besides its tokens. @default 0 */
  readonly perCall?: number
}

/**
 * What models cost. Prices change and differ between contracts, so none come with this package: give those that you
 * pay.
 *
 * ```ts
 * const prices: PriceTable = {
 *   currency: 'USD',
 *   asOf: '2025-01-31',
 *   models: { 'my-model': { inputPerMillion: 0.5, outputPerMillion: 1.5 } },
 * }
 * ```
 */
export interface PriceTable {
  /** What the prices, and every limit on money that goes by them, are in. */
  readonly currency: string
  /** The day on which the prices held, so that a reader can tell how old they are. */
  readonly asOf: string
  /** By the name of the model, as usage reports it. A name with a date at its end may be listed without the date. */
  readonly models: Readonly<Record<string, ModelPrice>>
}

const dateAtEnd = /[-@](?:\d{4}-\d{2}-\d{2}|\d{8})$/

/**
 * What a reported piece of work cost: what the report says, else what the table says; `undefined` if neither knows,
 * which is not the same as nothing.
 */
export function costOfUsage(usage: Usage, prices?: PriceTable): number | undefined {
  if (usage.cost !== undefined) return usage.cost
  const price = prices === undefined ? undefined : priceOf(usage.model, prices)
  if (price === undefined) return undefined
  const { inputTokens = 0, outputTokens = 0 } = usage
  const { inputPerMillion, outputPerMillion, perCall = 0 } = price
  return (inputTokens * inputPerMillion + outputTokens * outputPerMillion) / 1_000_000 + perCall
}

/** Refuses a table that cannot be reckoned with. @throws OPTION_INVALID */
export function checkPrices(prices: PriceTable): void {
  for (const [model, price] of Object.entries(fieldsOf('prices.models', fieldsOf('prices', prices).models))) {
    const { inputPerMillion, outputPerMillion, perCall = 0 } = fieldsOf(`prices.models["${model}"]`, price)
    for (const [field, value] of Object.entries({ inputPerMillion, outputPerMillion, perCall })) {
      if (!(Number.isFinite(value) && value >= 0)) {
        throw new OptionError(`prices.models["${model}"].${field}`, 'a number of at least 0', value)
      }
    }
  }
}

function priceOf(model: string, { models }: PriceTable): ModelPrice | undefined {
  for (const name of [model, model.replace(dateAtEnd, '')]) if (Object.hasOwn(models, name)) return models[name]
  return undefined
}
