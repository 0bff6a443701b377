export { checkName } from './names.js'
