import type { ASTNode, ParseResult } from '@marcbachmann/cel-js'
import type { Condition, Expression } from './condition.js'
import { ExpressionError } from './expression-error.js'
import { language } from './language.js'
import { maxCharacters } from './limits.js'
import { type CelFailure, isCelFailure, readable } from './messages.js'
import { ParsedExpression } from './parsed-expression.js'
import { withoutPythonForms } from './python-forms.js'
import type { RewrittenText } from './rewritten-text.js'
import { surveyOf } from './survey.js'
import { tokensOf } from './tokens.js'

/** What a condition may come to, as far as that is known beforehand. */
const decisive = /^(bool|dyn|null|null_type|optional.*|V|T)$/

/**
 * Reads a condition, in CEL or in the Python-like form (`and`, `or`, `not`, `True`, `False`, `None`, `len(x)`, `x not in y`, `x is None`,
 * `x.get('a', 0)`). Numbers of data and of the text go together; `a / b` of two whole numbers of the text is whole.
 * @throws CONDITION_INVALID (an {@link ExpressionError}, with `position`, counted from 1)
 */
export function parseCondition(text: string): Condition {
  const expression = parse(text)
  const { type } = expression
  if (!decisive.test(type)) {
    throw invalid(
      text,
      0,
      `it comes to a ${type}, but a condition must come to true or false; compare it with something.`,
    )
  }
  return { text, paths: expression.paths, evaluate: values => expression.decide(values) }
}

/** Reads an expression of any type; accepts what {@link parseCondition} accepts. @throws CONDITION_INVALID (an {@link ExpressionError}) */
export function parseExpression(text: string): Expression {
  const expression = parse(text)
  return { text, paths: expression.paths, evaluate: values => expression.compute(values) }
}

function parse(text: string): ParsedExpression {
  if (typeof text !== 'string')
    throw invalid(String(text), 0, `expected is a text, but this is of type ${typeof text}.`)
  if (text.trim() === '') throw invalid(text, 0, 'it is empty; expected is an expression.')
  if (text.length > maxCharacters) {
    throw invalid(`${text.slice(0, 40)}…`, maxCharacters, `it is longer than ${maxCharacters} characters.`)
  }
  checkForeignForms(text)
  const rewritten = withoutPythonForms(text)
  const cel = rewritten.finish()
  const parsed = attempt(text, rewritten, () => language.parse(cel))
  const survey = surveyOf(parsed.ast)
  if ('problem' in survey) throw invalid(text, rewritten.sourceOf(survey.position), survey.problem)
  const type = attempt(text, rewritten, () => typeOf(parsed))
  return new ParsedExpression({ text, parsed, survey, type, rewritten })
}

/** Forms of other languages that would be read as something else, or whose refusal would puzzle. */
function checkForeignForms(text: string): void {
  for (const { kind, text: found, start } of tokensOf(text)) {
    if (kind !== 'symbol') continue
    if (found === '//') throw invalid(text, start, '`//` begins a comment, which is not let through. Divide with `/`.')
    if (found === '===' || found === '!==') {
      throw invalid(text, start, `there is no \`${found}\`; compare with \`${found.slice(0, 2)}\`.`)
    }
    if (found === '=') throw invalid(text, start, 'there is no `=`; compare with `==`.')
  }
}

function typeOf(parsed: ParseResult): string {
  const checked = parsed.check()
  if (checked.error !== undefined) throw checked.error
  return checked.type ?? 'dyn'
}

function attempt<T>(text: string, rewritten: RewrittenText, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    if (!isCelFailure(thrown)) throw thrown
    throw invalid(text, rewritten.sourceOf(positionOf(thrown)), readable(thrown))
  }
}

function positionOf({ node, range }: CelFailure): number {
  return range?.start ?? (node as ASTNode | undefined)?.pos ?? 0
}

function invalid(text: string, position: number, problem: string): ExpressionError {
  return new ExpressionError(text, position + 1, problem)
}
