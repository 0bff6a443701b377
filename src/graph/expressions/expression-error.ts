import { OrchestrationError } from '../../errors/index.js'

const acceptedForms =
  'Accepted are CEL, such as `results.search.count > 3 && status == "done"`, and its Python-like form, such as ' +
  '`len(items) >= 2 and not failed`.'

/** A text that is no expression, or one that is not let through. `code` is CONDITION_INVALID. */
export class ExpressionError extends OrchestrationError {
  /** The expression as it was given. */
  readonly text: string
  /** The character where it goes wrong, counted from 1. */
  readonly position: number
  /** What is wrong there, without the place and the text, for a message of one's own. */
  readonly problem: string

  constructor(text: string, position: number, problem: string) {
    super(`The expression "${text}" is not valid at character ${position}: ${problem} ${acceptedForms}`, {
      code: 'CONDITION_INVALID',
      details: { text, position, problem },
    })
    this.text = text
    this.position = position
    this.problem = problem
  }
}
