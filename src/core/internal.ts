export { type ClassInterceptor, declareInterceptor } from './class-interceptors.js'
export { eventError } from './event-error.js'
