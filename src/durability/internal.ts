export { codecOf } from './graph-codec.js'
export { Journal } from './journal.js'
export { checkName } from './names.js'
