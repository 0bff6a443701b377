import { didYouMean, nearestNames } from './nearest-names.js'
import { OptionError } from './option-error.js'
import { OrchestrationError } from './orchestration-error.js'

/** Every option of an interface, so that the compiler tells of one that is missing here. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>

/**
 * Refuses options that are none, with the nearest name. The compiler does so too, but not for plain JavaScript, where a misspelt
 * `needsPermission` would let a tool run unasked, and a `max_steps` would not limit anything.
 * @param of whose options these are, for the message
 * @throws OPTION_INVALID
 */
export function checkOptionNames(of: string, options: object, known: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null) throw new OptionError(`options of ${of}`, 'an object', options)
  const strange = Object.keys(options).find(name => !Object.hasOwn(known, name))
  if (strange === undefined) return
  const names = Object.keys(known)
  throw new OrchestrationError(`There is no option \`${strange}\` of ${of}. ${didYouMean(strange, names, '')}`.trim(), {
    code: 'OPTION_INVALID',
    details: { of, option: strange, nearest: nearestNames(strange, names) },
  })
}
