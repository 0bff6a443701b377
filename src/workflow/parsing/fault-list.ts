import { didYouMean, nearestNames } from '../../errors/internal.js'
import type { WorkflowFault } from '../workflow-error.js'
import { workflowLimits } from '../workflow-limits.js'

/** The faults of a definition, in the order in which they were found; after a hundred the rest is only counted. */
export class FaultList {
  readonly #faults: WorkflowFault[] = []
  #more = 0
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
    const near = nearestNames(name.slice(0, 200), known)
    const advice = known.length > 20 && near.length === 0 ? '' : didYouMean(name.slice(0, 200), known, none)
    this.add(path, `${what} ${quoted(name)} is unknown.`, advice)
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
