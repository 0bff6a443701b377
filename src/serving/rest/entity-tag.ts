import { Problem } from '../problem.js'

/** The tag of a revision, as `ETag` has it. */
export function entityTag(revision: number): string {
  return `"${revision}"`
}

/** What documents say of `If-Match`. */
export const ifMatchNote =
  'The ETag of what is changed; if it has changed meanwhile, the answer is 412. * for anything.'

/** Whether a caller has already what it asks for. */
export function isNoneMatch(header: string | undefined, revision: number): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || tagsOf(header).some(tag => tag.replace(/^W\//, '') === entityTag(revision))
}

/**
 * The revisions that a change may be made of; `undefined` if any.
 * @throws Problem 428 if it has to be said and is not; 400 for a header that has no tags
 */
export function matchedRevisions(header: string | undefined, isRequired: boolean): readonly number[] | undefined {
  if (header === undefined) {
    if (!isRequired) return undefined
    const detail = 'Say by If-Match, with the ETag of the last answer, what this is a change of.'
    throw new Problem(428, { code: 'PRECONDITION_REQUIRED', detail })
  }
  if (header.trim() === '*') return undefined
  const tags = tagsOf(header)
  if (tags.length === 0) {
    const detail = 'If-Match has to be * or tags in quotes, as ETag has them.'
    throw new Problem(400, { code: 'BAD_REQUEST', detail })
  }
  // A weak tag says that something is nearly the same, which is not enough for changing it.
  return tags.flatMap(tag => (/^"\d+"$/.test(tag) ? [Number(tag.slice(1, -1))] : []))
}

function tagsOf(header: string): readonly string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? []
}
