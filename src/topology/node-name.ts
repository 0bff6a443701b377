import { kindOf } from './field-checks.js'
import type { ProblemList } from './problem-list.js'

/** What a name may be, as an advice. */
const nameAdvice = 'A name is a text that is not empty and has none of < > , ( ).'

/**
 * A name without the blanks around it; empty if it is none. `offset` is where the name begins in a longer text; without it the
 * position is not told.
 */
export function nameOf(place: string, value: unknown, problems: ProblemList, offset?: number): string {
  if (typeof value !== 'string') {
    problems.add(place, value === undefined ? 'The name is missing.' : `Is ${kindOf(value)}, no name.`, nameAdvice)
    return ''
  }
  const name = value.trim()
  const start = (offset ?? 0) + value.length - value.trimStart().length
  if (name === '') {
    problems.add(place, `A name is missing${offset === undefined ? '' : ` at character ${offset + 1}`}.`, nameAdvice)
    return ''
  }
  const at = name.search(/[<>,()]/)
  if (at < 0) return name
  problems.add(place, `The name ${kindOf(name)} has "${name[at]}" at character ${start + at + 1}.`, nameAdvice)
  return ''
}

/** Names of which none occurs twice. */
export function distinctNames(place: string, values: readonly unknown[], problems: ProblemList): readonly string[] {
  const names = values.map((value, index) => nameOf(`${place}[${index}]`, value, problems))
  names.forEach((name, index) => {
    const first = names.indexOf(name)
    if (name !== '' && first < index) {
      problems.add(`${place}[${index}]`, `"${name}" is there already, as ${place}[${first}].`, 'Name it once.')
    }
  })
  return Object.freeze(names)
}
