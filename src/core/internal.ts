export { eventError } from './event-error.js'
