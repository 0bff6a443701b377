export { didYouMean, nearestNames } from './nearest-names.js'
export { checkOptionNames, type OptionNames } from './option-names.js'
