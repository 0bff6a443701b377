import type { Orchestration, OrchestrationRunnable, RunContext } from '../../core/index.js'
import { OptionError, OrchestrationError } from '../../errors/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import { state } from '../state.js'
import { Note } from './notes.js'
import { asTarget, freeName, type PatternOptions, type Work, workState } from './work.js'

/** What {@link router} is made of. */
export interface RouterOptions<TIn, TKey extends string, TOut> extends PatternOptions {
  /** Says which route an input takes. */
  readonly classify: Work<TIn, TKey>
  /** What is done with an input, by route; the compiler asks for one for each answer that `classify` can give. */
  readonly routes: Readonly<Record<TKey, Work<TIn, TOut>>>
  /** What is done with an input for which there is no route. @default the run fails */
  readonly fallback?: Work<TIn, TOut>
}

/** Different work for different kinds of input (S4-31). Each route gets the input itself. */
export function router<TIn, TKey extends string, TOut>({
  classify,
  routes,
  fallback,
  ...options
}: RouterOptions<TIn, TKey, TOut>): Orchestration<TIn, TOut> {
  const asked = new Note<TIn | undefined>('input', undefined)
  const names = Object.keys(routes)
  const own = (part: string): string => freeName(part, names)
  const start = state(own('start'), (input: TIn, context) => asked.write(context, input) as TIn)
  const classifying: OrchestrationRunnable<TIn, string> = workState(own('classify'), classify)
  const builder = new OrchestrationBuilder<TIn, TOut>({ name: 'Router', ...options })
    .entry(asTarget(start))
    .advance(start, asTarget(classifying))
  const convert = (_: string, context: RunContext): TIn => asked.read(context) as TIn
  if (names.length === 0 && fallback === undefined) throw new OptionError('routes', 'at least one route', routes)
  for (const [key, work] of Object.entries<Work<TIn, TOut>>(routes)) {
    const route = workState(key, work)
    builder.advance(classifying, asTarget(route), { when: answer => answer === key, convert }).output(route)
  }
  if (fallback === undefined) {
    const unknown = state(own('no route'), (answer: string): never => {
      throw noRoute(answer, names)
    })
    return builder.advance(classifying, unknown).deadEnd(unknown).build()
  }
  const otherwise = workState(own('fallback'), fallback)
  return builder.advance(classifying, asTarget(otherwise), { convert }).output(otherwise).build()
}

function noRoute(answer: string, routes: readonly string[]): OrchestrationError {
  const known = routes.map(name => `"${name}"`).join(', ')
  return new OrchestrationError(
    `The router has no route for ${JSON.stringify(answer)}, only ${known}. Add one, or a fallback.`,
    { code: 'UNABLE_TO_ADVANCE', details: { answer, routes } },
  )
}
