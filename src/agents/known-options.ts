import { OptionError } from '../errors/index.js'

/**
 * Refuses options that are none. The compiler does so too, but not for plain JavaScript, where a misspelt `needsPermission` would
 * let a tool run unasked.
 * @throws OPTION_INVALID
 */
export function checkOptionNames(of: string, options: object, known: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null) throw new OptionError(of, 'an object with options', options)
  const strange = Object.keys(options).find(name => !Object.hasOwn(known, name))
  if (strange !== undefined)
    throw new OptionError(of, `only with the options ${Object.keys(known).join(', ')}`, strange)
}
