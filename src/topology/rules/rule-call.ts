import { acceptedArrows, chainOf } from '../edge-notation.js'
import { kindOf } from '../field-checks.js'
import { nameOf } from '../node-name.js'
import type { ProblemList } from '../problem-list.js'
import { acceptedUnits, rateIn, secondsIn } from './time-notation.js'

/** A piece of the text of a rule. */
export interface RulePiece {
  readonly text: string
  /** Where it begins in the whole text, from 0. */
  readonly at: number
}

/**
 * The text of a rule, taken apart: `name(argument, …) rest`. What it reads is undefined where it was told that something is wrong.
 */
export class RuleCall {
  readonly #arguments: readonly RulePiece[]
  readonly #rest: RulePiece
  readonly #problems: ProblemList

  constructor(pieces: readonly RulePiece[], rest: RulePiece, problems: ProblemList) {
    this.#arguments = pieces
    this.#rest = rest
    this.#problems = problems
  }

  get length(): number {
    return this.#arguments.length
  }

  /** The arguments, after telling if there are too few or too many, or something that does not belong there after them. */
  takes(form: string, least: number, most: number, restAllowed = false): readonly RulePiece[] | undefined {
    const rest = this.#rest.text.trim()
    if (rest !== '' && !restAllowed) {
      const at = this.#rest.at + this.#rest.text.indexOf(rest) + 1
      this.#tell(
        `${kindOf(rest)} at character ${at} does not belong there.`,
        `Expected is ${form} and nothing after it.`,
      )
      return undefined
    }
    if (this.length >= least && this.length <= most) return this.#arguments
    const number = this.length === 1 ? 'one argument' : `${this.length} arguments`
    this.#tell(`Has ${number}.`, `Expected is ${form}.`)
    return undefined
  }

  name(piece: RulePiece | undefined): string | undefined {
    if (piece === undefined) return undefined
    return nameOf('', piece.text, this.#problems, piece.at) || undefined
  }

  names(pieces: readonly RulePiece[] | undefined): readonly string[] | undefined {
    const names = pieces?.map(piece => this.name(piece))
    if (!names?.every(name => name !== undefined)) return undefined
    const repeated = names.find((name, index) => names.indexOf(name) < index)
    return repeated === undefined ? names : this.twice(repeated)
  }

  /** Two names with a two-way arrow between them. */
  pair(piece: RulePiece | undefined): readonly [string, string] | undefined {
    if (piece === undefined) return undefined
    const { names, kinds } = chainOf(piece.text, piece.at, this.#problems)
    const [first, second] = names
    if (kinds.length !== 1 || kinds[0] === 'oneWay') {
      const found = `${kindOf(piece.text.trim())} at character ${at(piece)} is no pair of agents that talk to each other.`
      this.#tell(found, `Expected is "A <-> B". ${acceptedArrows}`)
      return undefined
    }
    return first && second && kinds[0] !== undefined ? [first, second] : undefined
  }

  /** What stands after the arguments: an arrow and a name. */
  target(form: string): string | undefined {
    const { text, at: start } = this.#rest
    const arrow = /^\s*->(?![-=~|<>])/.exec(text)?.[0]
    if (arrow !== undefined) return this.name({ text: text.slice(arrow.length), at: start + arrow.length })
    this.#tell(`After the arguments, at character ${start + 1}, there is no "-> agent".`, `Expected is ${form}.`)
    return undefined
  }

  count(piece: RulePiece | undefined): number | undefined {
    if (piece === undefined) return undefined
    const text = piece.text.trim()
    if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) >= 1) return Number(text)
    return this.#refuse(piece, 'a whole number, 1 or more')
  }

  /** Seconds. */
  duration(piece: RulePiece | undefined): number | undefined {
    if (piece === undefined) return undefined
    return (
      secondsIn(piece.text) ??
      this.#refuse(piece, `a time of more than 0, as in 300 (seconds), 30s, 5min. ${acceptedUnits}`)
    )
  }

  /** So many in so many seconds. */
  rate(piece: RulePiece | undefined): { readonly limit: number; readonly interval: number } | undefined {
    if (piece === undefined) return undefined
    return rateIn(piece.text) ?? this.#refuse(piece, `a number in a time, as in 10/min or 100/30s. ${acceptedUnits}`)
  }

  /** `name: time`. */
  limit(piece: RulePiece): readonly [string, number] | undefined {
    const colon = piece.text.lastIndexOf(':')
    if (colon < 0) return this.#refuse(piece, 'an agent and its time, as in Researcher: 120')
    const name = this.name({ text: piece.text.slice(0, colon), at: piece.at })
    const time = this.duration({ text: piece.text.slice(colon + 1), at: piece.at + colon + 1 })
    return name === undefined || time === undefined ? undefined : [name, time]
  }

  /** Tells that something is named twice. */
  twice(name: string): undefined {
    this.#tell(`"${name}" is named twice.`, 'Name it once.')
  }

  #refuse(piece: RulePiece, expected: string): undefined {
    const text = piece.text.trim()
    const negative = /^-\s*\d/.test(text) ? ', which is negative' : ''
    const found =
      text === ''
        ? `An argument is missing at character ${piece.at + 1}`
        : `Is ${kindOf(text)} at character ${at(piece)}`
    this.#tell(`${found}${negative}.`, `Expected is ${expected.endsWith('.') ? expected : `${expected}.`}`)
  }

  #tell(message: string, advice: string): void {
    this.#problems.add('', message, advice)
  }
}

function at({ text, at: start }: RulePiece): number {
  return start + text.length - text.trimStart().length + 1
}
