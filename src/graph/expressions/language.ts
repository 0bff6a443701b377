import { Environment } from '@marcbachmann/cel-js'
import { maxDepth, maxParts } from './limits.js'

/** Calls such as `size(items)`. The others that CEL has are refused: some can hang, the others are for what JSON does not have. */
export const functions: readonly string[] = ['has', 'size', 'int', 'double', 'string', 'bool']

/** Calls such as `text.contains("x")`. */
export const methods: readonly string[] = [
  ...['size', 'contains', 'startsWith', 'endsWith', 'lowerAscii', 'upperAscii', 'trim'],
  ...['indexOf', 'lastIndexOf', 'substring', 'or', 'orValue', 'value', 'hasValue'],
]

/** Methods whose first argument is a name for each item in turn. */
export const macros: readonly string[] = ['all', 'exists', 'exists_one', 'filter', 'map']

/** Names that are the language's own, so that no value can be read by them. */
export const ownNames: ReadonlySet<string> = new Set([
  ...['type', 'string', 'int', 'uint', 'double', 'bool', 'bytes', 'list', 'map', 'null_type', 'dyn'],
  ...['optional', 'optional_type', 'cel', 'google', 'strings', 'math', 'base64'],
])

/** Names that lead out of plain data. */
export const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** CEL in which a number of JSON, which is a `double`, and a whole number of the text, an `int`, go together. */
export const language = withMixedNumbers(
  new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: maxParts, maxDepth },
  }),
)

function withMixedNumbers(environment: Environment): Environment {
  const mixed: Readonly<Record<string, (a: number, b: number) => number>> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
  }
  for (const [operator, compute] of Object.entries(mixed)) {
    for (const types of [
      ['double', 'int'],
      ['int', 'double'],
    ]) {
      // Without its type it would be that of the left side.
      environment.registerOperator(`${types.join(` ${operator} `)}: double`, (a, b) => compute(Number(a), Number(b)))
    }
  }
  return environment
    .registerOperator('double % double', (a: number, b: number) => a % b)
    .registerOperator('string in string', (part: string, text: string) => text.includes(part))
}
