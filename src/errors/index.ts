export { type ErrorCode, errorCodes } from './error-code.js'
export { OptionError } from './option-error.js'
export { ensureError, OrchestrationError, type OrchestrationErrorOptions } from './orchestration-error.js'
