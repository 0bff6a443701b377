export { isRetried } from './retried-steps.js'
