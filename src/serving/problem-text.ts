import { Problem, problemOf } from './problem.js'

/** A refusal in words, for protocols that have no form of their own for one: what happened, the way out, and all that is wrong. */
export function problemText(thrown: unknown): string {
  const { status, options } = thrown instanceof Problem ? thrown : problemOf(thrown)
  if (status === 500) return 'Something went wrong in the server. Its log has more.'
  const { detail, faults = [] } = options
  // An error of one line may have told them already.
  const untold = faults.filter(({ message }) => !detail.includes(message))
  return `${detail}${untold.map(({ path, message }) => `\n- ${path === '' ? '' : `${path}: `}${message}`).join('')}`
}
