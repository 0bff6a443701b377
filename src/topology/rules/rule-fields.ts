import { knownFields, list } from '../field-checks.js'
import { distinctNames } from '../node-name.js'
import { ProblemList } from '../problem-list.js'

/** The fields of a rule, and where to tell what is wrong with them. */
interface RuleFields {
  readonly given: Record<string, unknown>
  readonly problems: ProblemList
}

/** Takes the options of a rule apart, after telling of fields that it does not have. */
export function ruleFields(options: unknown, known: readonly string[]): RuleFields {
  const problems = new ProblemList()
  return { given: knownFields(options, known, problems), problems }
}

/** The names of two agents or more, none of them twice. */
export function severalNames(place: string, value: unknown, problems: ProblemList): readonly string[] {
  const names = distinctNames(place, list(place, value, problems), problems)
  if (Array.isArray(value) && names.length < 2) {
    problems.add(
      place,
      `There ${names.length === 1 ? 'is one name only' : 'are none'}.`,
      'Expected are two agents or more.',
    )
  }
  return names
}
