import { didYouMean, nearestNames } from '../../errors/internal.js'
import type { WorkflowFault } from '../workflow-error.js'
import { workflowLimits } from '../workflow-limits.js'

/** With how many names the unknown ones of a definition are compared. */
const mostCompared = 20_000

/** The faults of a definition, in the order in which they were found; after a hundred the rest is only counted. */
export class FaultList {
  readonly #faults: WorkflowFault[] = []
  #more = 0
  #compared = 0
  /** Ids of nodes that could not be read: naming them is no fault of its own. */
  readonly unread = new Set<string>()

  add(path: string, message: string, advice: string): void {
    if (this.#faults.length >= workflowLimits.faults) this.#more++
    else if (!this.#faults.some(fault => fault.path === path && fault.message === message)) {
      this.#faults.push({ path, message: shortened(message), advice: shortened(advice) })
    }
  }

  /** A name that nobody knows. */
  unknown(path: string, what: string, name: string, known: readonly string[], none: string): void {
    if (this.unread.has(name)) return
    this.add(path, `${what} ${quoted(name)} is unknown.`, this.#adviceFor(name.slice(0, 64), known, none))
  }

  /** Thousands of unknown names beside thousands of known ones would take minutes to compare: then only the first are. */
  #adviceFor(name: string, known: readonly string[], none: string): string {
    if (this.#compared > mostCompared) return ''
    this.#compared += known.length
    if (known.length > 20 && nearestNames(name, known).length === 0) return ''
    return didYouMean(name, known, none)
  }

  get isEmpty(): boolean {
    return this.#faults.length === 0
  }

  get all(): readonly WorkflowFault[] {
    if (this.#more === 0) return this.#faults
    const rest = { path: '', message: `There are ${this.#more} more faults.`, advice: 'Correct these first.' }
    return [...this.#faults, rest]
  }
}

/** A value as messages show it, cut short. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** The kind of a JSON value in words. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return value === undefined ? 'missing' : `${quoted(value)} (a ${typeof value})`
}

function shortened(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 997)}…` : text
}
