import { Orchestration, SubOrchestrationRunnable } from '../../core/index.js'
import { OptionError } from '../../errors/index.js'
import type { LoopRunnableOptions } from './loop-options.js'

type AnyLoopOptions = LoopRunnableOptions<unknown, unknown, unknown, unknown>

/** The options of a loop with their defaults. */
export type LoopSettings<TInput, TItem, TTurn, TResult> = Pick<
  LoopRunnableOptions<TInput, TItem, TTurn, TResult>,
  'name' | 'body' | 'inputOf' | 'items' | 'while' | 'until'
> & {
  readonly prefix: string
  readonly maxIterations: number
  readonly proceeds: boolean
  readonly collects: boolean
  /** How many turns may be under way at once; `undefined` if one follows another. */
  readonly lanes: number | undefined
}

/** Fills in the defaults. @throws OPTION_INVALID */
export function loopSettings<TInput, TItem, TTurn, TResult>(
  options: LoopRunnableOptions<TInput, TItem, TTurn, TResult>,
): LoopSettings<TInput, TItem, TTurn, TResult> {
  checkParts(options as unknown as AnyLoopOptions)
  const { name, body, inputOf, items, prefix = '' } = options
  const { maxIterations = 100, onExhausted = 'fail', onError = 'failFast' } = options
  wholeNumber('maxIterations', maxIterations)
  if (options.concurrency !== undefined) wholeNumber('concurrency', options.concurrency)
  return {
    name,
    body,
    inputOf,
    items,
    prefix,
    while: options.while,
    until: options.until,
    maxIterations,
    proceeds: oneOf('onExhausted', ['fail', 'proceed'], onExhausted) === 'proceed',
    collects: oneOf('onError', ['failFast', 'collect'], onError) === 'collect',
    lanes: options.concurrency,
  }
}

function checkParts(options: AnyLoopOptions): void {
  const { name, body, inputOf, concurrency } = options
  if (typeof name !== 'string' || name === '') throw new OptionError('name', 'a non-empty string', name)
  if (!(body instanceof Orchestration || body instanceof SubOrchestrationRunnable)) {
    throw new OptionError('body', 'an orchestration', body)
  }
  if (typeof inputOf !== 'function') throw new OptionError('inputOf', 'a function', inputOf)
  const ways = [options.items, options.while, options.until]
  for (const [index, way] of ways.entries()) {
    if (way !== undefined && typeof way !== 'function') {
      throw new OptionError(['items', 'while', 'until'][index] as string, 'a function', way)
    }
  }
  if (ways.every(way => way === undefined)) {
    throw new OptionError('items', 'there, or `while`, or `until`: a loop needs something that ends it', undefined)
  }
  if (concurrency === undefined) return
  if (options.items === undefined || options.while !== undefined || options.until !== undefined) {
    throw new OptionError(
      'concurrency',
      'left out unless the loop has `items` and neither `while` nor `until`',
      concurrency,
    )
  }
}

function wholeNumber(option: string, value: unknown): void {
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw new OptionError(option, 'a whole number of at least 1', value)
  }
}

function oneOf<T extends string>(option: string, allowed: readonly T[], value: T): T {
  if (!allowed.includes(value)) throw new OptionError(option, allowed.map(name => `'${name}'`).join(' or '), value)
  return value
}
