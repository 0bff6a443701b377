import { PartialJson } from '../schema/index.js'

/**
 * The JSON in what a model wrote: the text itself, or the one object (else the one array) that stands in it with a Markdown fence or
 * words around it. Reasoning in `<think>` before it is left out. Nothing is guessed: of two different objects none is taken, and no part
 * of one that is broken.
 * @throws SyntaxError
 */
export function parseJsonText(text: string): unknown {
  const answer = text.replace(/^\s*<think>[\s\S]*?<\/think>/, '').trim()
  const whole = new PartialJson().add(answer)
  if (whole.end()) return whole.value
  if (answer === '') throw new SyntaxError('it is empty')
  const found = distinct(valuesIn(answer))
  const objects = found.filter(value => !Array.isArray(value))
  const taken = objects.length > 0 ? objects : found
  if (taken.length === 1) return taken[0]
  if (taken.length === 0) throw new SyntaxError('there is no JSON in it')
  throw new SyntaxError(`there are ${taken.length} different JSON values in it, so it is not clear which one is meant`)
}

/** The objects and arrays that stand in a text, outermost ones only. @throws SyntaxError if one is broken */
function valuesIn(text: string): object[] {
  const values: object[] = []
  const bracket = /[{[]/g
  for (let match = bracket.exec(text); match !== null; match = bracket.exec(text)) {
    const reader = new PartialJson()
    const end = reader.take(text, match.index)
    if (reader.isComplete) values.push(reader.value as object)
    else if (isMeantAsJson(text, match.index, end)) {
      reader.end()
      throw new SyntaxError(reader.problem)
    }
    bracket.lastIndex = Math.max(end, match.index + 1)
  }
  return values
}

/** Words stand in brackets too; members, and objects in a list, do not come about by chance. */
function isMeantAsJson(text: string, begin: number, end: number): boolean {
  beginOfMember.lastIndex = begin
  if (beginOfMember.test(text)) return true
  return text[begin] === '[' && text.slice(begin, end).includes('{')
}

const beginOfMember = /\{\s*(?:"(?:[^"\\]|\\.)*"|'[^'\n]*'|[\w$-]+)\s*:/y

function distinct(values: readonly object[]): object[] {
  return [...new Map(values.map(value => [JSON.stringify(value), value])).values()]
}
