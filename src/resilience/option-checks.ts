import { OptionError } from '../errors/index.js'

/** A number within bounds, both included. @throws OPTION_INVALID */
export function numberBetween(option: string, least: number, most: number, value: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  const expected =
    most === Infinity ? `a number of at least ${least}` : `a number between ${least} and ${most}, both included`
  throw new OptionError(option, expected, value)
}

/** A count, or `Infinity` for no limit. @throws OPTION_INVALID */
export function wholeNumber(option: string, least: number, value: number): number {
  if ((Number.isInteger(value) || value === Infinity) && value >= least) return value
  throw new OptionError(option, `a whole number of at least ${least}`, value)
}

/** A count that can be reached. @throws OPTION_INVALID */
export function finiteCount(option: string, least: number, value: number): number {
  if (Number.isInteger(value) && value >= least) return value
  throw new OptionError(option, `a whole number of at least ${least}`, value)
}

/** An object with fields, or something like it. @throws OPTION_INVALID */
export function fieldsOf<T extends object>(option: string, value: T): T {
  if (typeof value === 'object' && value !== null) return value
  throw new OptionError(option, 'an object', value)
}

/** An array. @throws OPTION_INVALID */
export function listOf<T extends readonly unknown[]>(option: string, value: T): T {
  if (Array.isArray(value)) return value
  throw new OptionError(option, 'an array', value)
}

/** An object that a class of this package has made. @throws OPTION_INVALID */
export function instanceOf<T>(
  option: string,
  type: abstract new (...args: never[]) => unknown,
  what: string,
  value: T,
): T {
  if (value instanceof type) return value
  throw new OptionError(option, what, value)
}

/** A length of time that takes time. @throws OPTION_INVALID */
export function duration(option: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value
  throw new OptionError(option, 'a number of milliseconds above 0', value)
}

/** One of a few words. @throws OPTION_INVALID */
export function oneOf<T extends string>(option: string, allowed: readonly T[], value: T): T {
  if (allowed.includes(value)) return value
  throw new OptionError(option, allowed.map(word => `'${word}'`).join(' or '), value)
}

/** A function, or nothing. @throws OPTION_INVALID */
export function optionalFunction<T>(option: string, value: T | undefined): T | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw new OptionError(option, 'a function', value)
}

/** A non-empty text, or nothing. @throws OPTION_INVALID */
export function optionalText(option: string, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value
  throw new OptionError(option, 'a non-empty string', value)
}
