import { errorCodes, OrchestrationError } from '../../src/errors/index.js'

/** A code is one of the published list, and every error has one. */
export const failure = new OrchestrationError('The state threw.', { code: 'STATE_FAILED' })

// @ts-expect-error a code that is not in the list
export const unknownCode = new OrchestrationError('The state threw.', { code: 'NO_SUCH_CODE' })

// @ts-expect-error an error without a code
export const noCode = new OrchestrationError('The state threw.', {})

// @ts-expect-error what an error carries does not change afterwards
failure.code = 'RUN_FAILED'

// @ts-expect-error the list is fixed
errorCodes.STATE_FAILED = 'something else'
