import { OrchestrationError } from '../errors/index.js'

/** One thing that is wrong with a topology, as data. */
export interface TopologyProblem {
  /** Where: `edges[2]`, `rules[0]`, `nodes[1].type`, `spokes[0]`; empty if it is about the topology as a whole. */
  readonly place: string
  /** What is wrong there; of a text with the position, counted from 1: `at character 7`. */
  readonly message: string
  /** The way out: what was expected, the accepted forms, the nearest known name. */
  readonly advice: string
}

/** A topology cannot be used. It tells of everything that is wrong with it at once; `code` is `TOPOLOGY_INVALID`. */
export class TopologyError extends OrchestrationError {
  readonly problems: readonly TopologyProblem[]

  constructor(problems: readonly TopologyProblem[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
    super(`The topology has ${count}:\n${problems.map(line).join('\n')}`, {
      code: 'TOPOLOGY_INVALID',
      details: { problems },
    })
    this.problems = problems
  }
}

function line({ place, message, advice }: TopologyProblem): string {
  return `- ${place === '' ? '' : `${place}: `}${message} ${advice}`.trimEnd()
}
