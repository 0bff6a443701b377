export type { Responder } from './server.js'
export { startResponder } from './server.js'
