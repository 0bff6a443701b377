export { codecOf } from './graph-codec.js'
export { checkName } from './names.js'
