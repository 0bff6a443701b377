import type { StateCall } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { fieldsOf, instanceOf, optionalText } from './option-checks.js'
import type { SharedByKey } from './shared-by-key.js'

/** Which limiter is for a call: one that is given, the one of a key, or one for each state. */
export function limiterChoice<TOptions extends object, T>(
  options: { readonly limiter: T } | (TOptions & { readonly key?: string }),
  shared: SharedByKey<object, T>,
  type: abstract new (...args: never[]) => T,
  create: (options: TOptions, name: string) => T,
): (call: StateCall) => T {
  if ('limiter' in fieldsOf('options', options)) {
    const { limiter, ...others } = options as { readonly limiter: T }
    const [other] = Object.entries(others)
    if (other !== undefined) throw new OptionError(other[0], 'left out where `limiter` is given', other[1])
    instanceOf('limiter', type, `a ${type.name}`, limiter)
    return () => limiter
  }
  const { key, ...limits } = options as TOptions & { readonly key?: string }
  const ofKey = optionalText('key', key)
  if (ofKey !== undefined) {
    const limiter = shared.obtain(ofKey, limits, () => create(limits as TOptions, ofKey))
    return () => limiter
  }
  // Checks the options where they are written.
  create(limits as TOptions, 'state')
  const ofStates = new Map<string, T>()
  return ({ stateName }) => {
    let limiter = ofStates.get(stateName)
    if (limiter === undefined) {
      limiter = create(limits as TOptions, stateName)
      ofStates.set(stateName, limiter)
    }
    return limiter
  }
}
