export { isRetried } from './retried-steps.js'
export { retryAfterOf } from './retry-after.js'
export { saysRetryable } from './retry-error.js'
