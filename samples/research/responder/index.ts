export { startResponder } from './server.js'
export type { Responder } from './server.js'
