import { TopologyError, type TopologyProblem } from './topology-error.js'

/** Gathers everything that is wrong, so that it is told at once. */
export class ProblemList {
  readonly #problems: TopologyProblem[] = []

  get any(): boolean {
    return this.#problems.length > 0
  }

  add(place: string, message: string, advice: string): void {
    this.#problems.push({ place, message, advice })
  }

  /** Takes over what is wrong with a part, at its place in the whole. Undefined if something was. */
  attempt<T>(place: string, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error
      for (const problem of error.problems) this.add(joined(place, problem.place), problem.message, problem.advice)
      return undefined
    }
  }

  /** @throws TOPOLOGY_INVALID if anything is wrong */
  settle(): void {
    if (this.any) throw new TopologyError(this.#problems)
  }
}

function joined(outer: string, inner: string): string {
  return outer === '' || inner === '' || inner.startsWith('[') ? `${outer}${inner}` : `${outer}.${inner}`
}
