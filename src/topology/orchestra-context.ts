import { OptionError } from '../errors/index.js'
import { isTellable } from './plain-content.js'

/**
 * The id of a session: the one that was given, else that of the context, else a new one (C17). What is given may be anything; whoever
 * keeps the session refuses what is no name.
 */
export function sessionIdOf(given: string | undefined, context: Readonly<Record<string, unknown>>): string {
  return (
    given ?? (context['sessionId'] as string) ?? (context['session_id'] as string) ?? globalThis.crypto.randomUUID()
  )
}

/** What agents are told of the surroundings: the context, and if it has an id of the session in it, the one that counts. */
export function contextFor(
  context: Readonly<Record<string, unknown>>,
  sessionId: string,
): Readonly<Record<string, unknown>> {
  const own = ['sessionId', 'session_id'].filter(key => Object.hasOwn(context, key))
  return { ...context, ...Object.fromEntries(own.map(key => [key, sessionId])) }
}

/** The context of a task, if it is one. @throws OPTION_INVALID */
export function contextOf(context: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const isObject = typeof context === 'object' && context !== null && !Array.isArray(context)
  if (isObject && isTellable(context)) return context
  throw new OptionError('context', 'an object that can be written as JSON', context)
}
