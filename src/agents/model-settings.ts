import { OptionError } from '../errors/index.js'
import type { ModelSettings } from './model-client.js'

/** What a setting must be, and whether a value is. */
interface Expectation {
  readonly what: string
  readonly holds: (value: unknown) => boolean
}

const isNumberBetween =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && value >= least && value <= most

const efforts: readonly unknown[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

const expectations: { readonly [K in keyof Required<ModelSettings>]: Expectation } = {
  temperature: { what: 'a number of at least 0', holds: isNumberBetween(0, Number.MAX_VALUE) },
  topP: { what: 'a number from 0 to 1', holds: isNumberBetween(0, 1) },
  maxTokens: {
    what: 'a whole number of at least 1',
    holds: value => Number.isInteger(value) && (value as number) >= 1,
  },
  seed: { what: 'a whole number', holds: Number.isInteger },
  stop: {
    what: 'an array of non-empty strings',
    holds: value => Array.isArray(value) && value.every(each => typeof each === 'string' && each !== ''),
  },
  reasoningEffort: { what: `one of ${efforts.join(', ')}`, holds: value => efforts.includes(value) },
  parallelToolCalls: { what: 'true or false', holds: value => typeof value === 'boolean' },
  extra: {
    what: 'an object',
    holds: value => typeof value === 'object' && value !== null && !Array.isArray(value),
  },
}

/**
 * Refuses settings that no server could follow, and those that there are not: a misspelt one would do nothing, silently.
 * @throws OPTION_INVALID
 */
export function checkModelSettings(settings: ModelSettings): ModelSettings {
  for (const [name, value] of Object.entries(settings) as [keyof ModelSettings, unknown][]) {
    const expectation = Object.hasOwn(expectations, name) ? expectations[name] : undefined
    if (expectation === undefined) {
      const known = Object.keys(expectations).join(', ')
      throw new OptionError('settings', `made of ${known}; what only a server knows goes into \`extra\``, name)
    }
    if (value !== undefined && !expectation.holds(value)) {
      throw new OptionError(`settings.${name}`, expectation.what, value)
    }
  }
  return settings
}
