import type { OrchestrationEvent } from '../core/index.js'
import { pathKey, pathsOf } from './run-paths.js'

/** A way through a definition, from its initial state; no state is on it twice. */
export class ExploredPath {
  readonly states: readonly string[]
  /**
   * `result`: its last state has the result; `ended`: a branch that ends there quietly; `failed`: the last state cannot go on, or
   * fails, and no route takes over; `open`: it only shows how to get to its last state.
   */
  readonly end: 'result' | 'ended' | 'failed' | 'open'
  /** Why it failed. */
  readonly reason: string | undefined

  constructor(states: readonly string[], end: ExploredPath['end'], reason?: string) {
    this.states = states
    this.end = end
    this.reason = reason
  }

  /** `Planning → Search → Report` */
  toString(): string {
    const path = this.states.join(' → ')
    return this.end === 'failed' ? `${path} ✗ ${this.reason ?? 'failed'}` : path
  }
}

/** How much of a whole. */
export interface Share {
  readonly tested: number
  readonly total: number
  /** From 0 to 1; 1 of nothing. */
  readonly ratio: number
}

/** Which of the explored paths recorded runs have taken. */
export interface PathCoverage {
  readonly paths: Share
  readonly states: Share
  readonly transitions: Share
  /** The paths to the result that no run has taken. */
  readonly untested: readonly ExploredPath[]
  /** The figures, and the untested paths line by line. */
  toString(): string
}

/** A run that was recorded: its events, or an `EventRecorder` that has them. */
export type RecordedRun = readonly OrchestrationEvent[] | { readonly events: readonly OrchestrationEvent[] }

/** What {@link explore} found. */
export class Exploration {
  readonly orchestration: string
  /** Every path to the result, each once, shorter ones first. */
  readonly paths: readonly ExploredPath[]
  /** Every other end of a path: branches that end quietly, and failures. */
  readonly otherEnds: readonly ExploredPath[]
  /** The states that can be reached with the given outputs. */
  readonly states: readonly string[]
  /** The states that cannot. */
  readonly unreached: readonly string[]
  /** The transitions that can be taken, as pairs of states; those of loops too. */
  readonly transitions: readonly (readonly [from: string, to: string])[]
  /** Whether everything was explored, rather than given up at `maxPaths`. */
  readonly complete: boolean
  readonly #shortest: ReadonlyMap<string, readonly string[]>

  /** @internal */
  constructor(
    orchestration: string,
    states: readonly string[],
    ends: readonly ExploredPath[],
    shortest: ReadonlyMap<string, readonly string[]>,
    transitions: readonly (readonly [string, string])[],
    complete: boolean,
  ) {
    const sorted = [...ends].sort((a, b) => a.states.length - b.states.length)
    this.orchestration = orchestration
    this.paths = sorted.filter(({ end }) => end === 'result')
    this.otherEnds = sorted.filter(({ end }) => end !== 'result')
    this.states = states.filter(state => shortest.has(state))
    this.unreached = states.filter(state => !shortest.has(state))
    this.transitions = transitions
    this.complete = complete
    this.#shortest = shortest
  }

  /** A shortest path that reaches a state, or `undefined` if none does. */
  pathTo(state: string): ExploredPath | undefined {
    const states = this.#shortest.get(state)
    return states === undefined ? undefined : new ExploredPath(states, 'open')
  }

  /** How much of what was explored recorded runs have taken. Rounds of a loop do not make another path. */
  coverage(runs: Iterable<RecordedRun>): PathCoverage {
    const taken = [...runs].map(run => pathsOf('events' in run ? run.events : run))
    const took = (path: ExploredPath): boolean => taken.some(({ completed }) => completed.has(pathKey(path.states)))
    const untested = this.paths.filter(path => !took(path))
    const paths = share(this.paths.length - untested.length, this.paths.length)
    const states = share(
      count(this.states, state => taken.some(run => run.states.has(state))),
      this.states.length,
    )
    const transitions = share(
      count(this.transitions, pair => taken.some(run => run.transitions.has(pathKey(pair)))),
      this.transitions.length,
    )
    const figures = `${printed(paths)} paths, ${printed(states)} states, ${printed(transitions)} transitions tested`
    const text = [figures, ...untested.map(path => `  untested: ${String(path)}`)].join('\n')
    return { paths, states, transitions, untested, toString: () => text }
  }

  /** Every path, a line each. */
  toString(): string {
    const lines = [
      `Orchestration "${this.orchestration}": ${this.paths.length} ${this.paths.length === 1 ? 'path' : 'paths'} to the result${this.complete ? '' : ' (not all were explored)'}`,
      ...this.paths.map(path => `  ${String(path)}`),
    ]
    if (this.otherEnds.length > 0) lines.push('Other ends:', ...this.otherEnds.map(path => `  ${String(path)}`))
    if (this.unreached.length > 0) lines.push(`Not reached: ${this.unreached.join(', ')}`)
    return lines.join('\n')
  }
}

function count<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.filter(holds).length
}

function share(tested: number, total: number): Share {
  return { tested, total, ratio: total === 0 ? 1 : tested / total }
}

function printed({ tested, total, ratio }: Share): string {
  return `${tested} of ${total} (${Math.floor(ratio * 100)} %)`
}
