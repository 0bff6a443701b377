import { OrchestrationError } from '../errors/index.js'

/** The longest name that a run, a session, a checkpoint or a chat may have, in UTF-16 code units. */
const maxLength = 200

/**
 * Refuses names that could mean something else somewhere: empty ones, long ones, those with control characters or with slashes, and
 * `.` and `..`. Run ids must have no slash because that of a run inside another one is `outer/token`.
 * @throws NAME_INVALID
 */
export function checkName(what: string, name: unknown): asserts name is string {
  const problem = problemOf(name)
  if (problem === undefined) return
  throw new OrchestrationError(
    `${what} must be a text of 1 to ${maxLength} characters without slashes, backslashes and control characters; it ${problem}.`,
    { code: 'NAME_INVALID', details: { what } },
  )
}

function problemOf(name: unknown): string | undefined {
  if (typeof name !== 'string') return `is of type ${typeof name}`
  if (name === '') return 'is empty'
  if (name.length > maxLength) return `has ${name.length} characters`
  if (name === '.' || name === '..') return `is "${name}"`
  // A lone surrogate cannot be written as UTF-8.
  const found = /[/\\\p{Cc}\p{Cs}]/u.exec(name)
  return found === null ? undefined : `has ${JSON.stringify(found[0])} at position ${found.index + 1}`
}
