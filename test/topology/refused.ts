import { TopologyError, type TopologyProblem } from '../../src/topology/index.js'

/** What is wrong with what is done, each problem as one line: place, message and advice. */
export function refused(attempt: () => unknown): readonly string[] {
  return problemsOf(attempt).map(({ place, message, advice }) => `${place}: ${message} ${advice}`)
}

/** What is wrong with what is done. */
export function problemsOf(attempt: () => unknown): readonly TopologyProblem[] {
  try {
    attempt()
  } catch (error) {
    if (error instanceof TopologyError && error.code === 'TOPOLOGY_INVALID') return error.problems
    throw error
  }
  throw new Error('Nothing was refused.')
}
