export { declareInterceptor } from './class-interceptors.js'
export { afterOthers, sleep } from './clock.js'
export { conversionAdvice, conversionMismatch } from './conversion.js'
export { allMatches, firstMatch } from './engine/routing.js'
export { eventError } from './event-error.js'
export { FunctionAdvancer } from './function-advancer.js'
export { cycleGroups, isCycle } from './graph-cycles.js'
export { graphFaults, missingResult, starvation, starvingJoins } from './graph-faults.js'
export {
  alwaysMatches,
  askedAdvancers,
  askedErrorAdvancers,
  hasFixedTarget,
  leadingTo,
  reachableFrom,
  resultStates,
  waysOn,
} from './graph-ways.js'
export { mostArrivals } from './join-arrivals.js'
export { refusedGraphOf } from './refused-graph.js'
export { directoryOf } from './target-directory.js'
export { untilAborted } from './until-aborted.js'
