export { issueAt } from './payload-error.js'
export { type PayloadPath, printPath } from './payload-path.js'
export { className, isPlainObject, receivedType } from './received-type.js'
export { Schema } from './schema.js'
