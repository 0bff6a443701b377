import { OptionError } from '../errors/index.js'

/** @throws OPTION_INVALID */
export function checkShare(option: string, value: number): number {
  if (value >= 0 && value <= 1) return value
  throw new OptionError(option, 'a share from 0 to 1', value)
}

/** @throws OPTION_INVALID */
export function checkMilliseconds(option: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value
  throw new OptionError(option, 'a number of milliseconds above 0', value)
}

/** @throws OPTION_INVALID */
export function checkCount(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new OptionError(option, 'a whole number of at least 1', value)
}
