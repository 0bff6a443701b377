import { TypeError as CelTypeError, EvaluationError, ParseError } from '@marcbachmann/cel-js'
import { maxDepth, maxParts } from './limits.js'

/** An error of the language, which knows its place. */
export type CelFailure = EvaluationError | ParseError | CelTypeError

export function isCelFailure(thrown: unknown): thrown is CelFailure {
  return thrown instanceof ParseError || thrown instanceof EvaluationError || thrown instanceof CelTypeError
}

const tokens: Readonly<Record<string, string>> = {
  EOF: 'the end of the text',
  NUMBER: 'a number',
  STRING: 'a text',
  BOOLEAN: 'true or false',
  NULL: 'null',
  IDENTIFIER: 'a name',
  PLUS: '`+`',
  MINUS: '`-`',
  MULTIPLY: '`*`',
  DIVIDE: '`/`',
  MODULO: '`%`',
  EQ: '`==`',
  NE: '`!=`',
  LT: '`<`',
  LE: '`<=`',
  GT: '`>`',
  GE: '`>=`',
  AND: '`&&`',
  OR: '`||`',
  NOT: '`!`',
  IN: '`in`',
  LPAREN: '`(`',
  RPAREN: '`)`',
  LBRACKET: '`[`',
  RBRACKET: '`]`',
  LBRACE: '`{`',
  RBRACE: '`}`',
  DOT: '`.`',
  COMMA: '`,`',
  COLON: '`:`',
  QUESTION: '`?`',
}

/** What an error of the language says, in the words of whoever wrote the expression. */
export function readable({ code, summary }: CelFailure): string {
  const said = summary.replace(/\b[A-Z]{2,}\b/g, name => tokens[name] ?? name)
  switch (code) {
    case 'unexpected_token':
      return `expected is a value, a name or \`(\`, but there is ${said.replace(/^.*?: /, '')}.`
    case 'expected_token':
      return `${said.replace(/^Expected/, 'expected is').replace(', got', ', but there is')}.`
    case 'unexpected_character':
      return `expected is an operator or the end of the text, but there is ${said.replace(/^.*?: /, '')}.`
    case 'reserved_identifier':
      return `\`${said.replace(/^.*?: /, '')}\` is a reserved word, so it is no name of a value; a field may be called so.`
    case 'no_such_overload':
      return `the types do not fit: there is no \`${said.replace(/^.*?: /, '')}\`.`
    case 'limit_exceeded':
      return `it is too long or too deep; it may have ${maxParts} parts and ${maxDepth} levels.`
    default:
      return `${said.slice(0, 1).toLowerCase()}${said.slice(1)}.`
  }
}
