import { decide, joined, type Parcel, type Plan, type Program, stamped } from './plan.js'

/** What a program should do. */
export interface Prediction {
  readonly results: readonly Parcel[]
  /** The message of each failure that counts in the end, sorted. */
  readonly failures: readonly string[]
  /** The token of each state that is invoked, with its name, sorted. */
  readonly tokens: readonly string[]
}

interface Place {
  readonly branch: string
  readonly step: number
}

/** Runs a program recursively, one branch after the other: slow to follow for an engine, easy to follow for a reader. */
export class Interpreter {
  readonly #tokens: string[] = []
  #failures: string[] = []

  static predict({ main, tails }: Program, input: Parcel): Prediction {
    const interpreter = new Interpreter()
    const results = interpreter.#program(main, tails, input)
    return { results, failures: [...interpreter.#failures].sort(), tokens: [...interpreter.#tokens].sort() }
  }

  #program(main: Plan, tails: readonly Plan[], input: Parcel): readonly Parcel[] {
    const arrived = this.#run(main, input, { branch: '0', step: 0 })
    if (arrived === undefined) return []
    const [parcel, place] = arrived
    const last = this.#visit('End', parcel, place)
    if (tails.length === 0) return [last]
    return tails.flatMap((tail, index) => {
      const end = this.#run(tail, last, { branch: `${place.branch}:${place.step}.${index}`, step: 0 })
      return end === undefined ? [] : [this.#visit(`Tail${index}`, end[0], end[1])]
    })
  }

  /** What comes out of a plan, and where; nothing if the branch ends in it. */
  #run(plan: Plan, input: Parcel, place: Place): [Parcel, Place] | undefined {
    switch (plan.kind) {
      case 'work': {
        if (plan.flaky && decide.fails(plan.name, input)) {
          this.#visit(plan.name, input, place)
          this.#failures.push(`${plan.name} failed`)
          return undefined
        }
        return [this.#visit(plan.name, input, place), next(place)]
      }
      case 'stop': {
        const output = this.#visit(plan.name, input, place)
        return decide.stops(plan.name, output) ? undefined : [output, next(place)]
      }
      case 'sequence': {
        let at: [Parcel, Place] | undefined = [input, place]
        for (const part of plan.parts) at = at && this.#run(part, ...at)
        return at
      }
      case 'choice': {
        const output = this.#visit(plan.name, input, place)
        return this.#run(decide.yes(plan.name, output) ? plan.yes : plan.no, output, next(place))
      }
      case 'loop': {
        let at: [Parcel, Place] | undefined = [this.#visit(plan.name, input, place), next(place)]
        for (let pass = 0; pass < plan.times && at !== undefined; pass++) {
          at = this.#run(plan.body, ...at)
          if (at !== undefined) at = [this.#visit(`${plan.name}Gate`, ...at), next(at[1])]
        }
        return at
      }
      case 'fan':
        return this.#fan(plan, input, place)
    }
  }

  #fan({ name, branches, proceed }: Plan & { kind: 'fan' }, input: Parcel, place: Place): [Parcel, Place] | undefined {
    const output = this.#visit(name, input, place)
    const before = this.#failures
    this.#failures = []
    const arrived = branches.flatMap((branch, index) => {
      const end = this.#run(branch, output, { branch: `${place.branch}:${place.step}.${index}`, step: 0 })
      return end === undefined ? [] : [end[0]]
    })
    const failed = this.#failures
    this.#failures = [...before, ...failed]
    if (arrived.length === 0) return undefined
    const at = next(place)
    if (failed.length > 0 && !proceed) {
      this.#failures.push(`${name}Join got too few`)
      return undefined
    }
    if (failed.length > 0) this.#failures = before
    return [this.#visit(`${name}Join`, joined(arrived), at), next(at)]
  }

  #visit(name: string, input: Parcel, { branch, step }: Place): Parcel {
    this.#tokens.push(`${branch}:${step} ${name}`)
    return stamped(input, name)
  }
}

function next({ branch, step }: Place): Place {
  return { branch, step: step + 1 }
}
