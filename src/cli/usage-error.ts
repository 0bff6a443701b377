import { OrchestrationError } from '../errors/index.js'

/** The command line is wrong. The message says what, and the way out. */
export class UsageError extends OrchestrationError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'OPTION_INVALID', ...(cause === undefined ? {} : { cause }) })
  }
}
