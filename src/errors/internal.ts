export { didYouMean, nearestNames } from './nearest-names.js'
