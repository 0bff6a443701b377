import {
  WorkflowDefinition,
  WorkflowEdgeDefinition,
  WorkflowNodeDefinition,
} from '../definition/workflow-definition.js'
import { placeOf } from '../templates/template.js'
import { prototypeKeys, workflowLimits } from '../workflow-limits.js'
import { type FaultList, kindOf } from './fault-list.js'

const readable: ReadonlySet<unknown> = new Set([
  Object.prototype,
  null,
  WorkflowDefinition.prototype,
  WorkflowNodeDefinition.prototype,
  WorkflowEdgeDefinition.prototype,
])

/** A copy of a definition that is nothing but JSON, without keys whose value is `undefined`; what is not JSON is a fault. */
export function plainJson(value: unknown, faults: FaultList): unknown {
  return new Copier(faults).copy(value, '', 0)
}

class Copier {
  readonly #faults: FaultList
  readonly #around = new Set<object>()
  #length = 0

  constructor(faults: FaultList) {
    this.#faults = faults
  }

  copy(value: unknown, path: string, depth: number): unknown {
    if (typeof value === 'string') {
      this.#count(value.length)
      if (value.length <= workflowLimits.textLength) return value
      this.#faults.add(
        path,
        `The text has ${value.length} characters.`,
        `At most ${workflowLimits.textLength} are taken.`,
      )
      return ''
    }
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'number') {
      if (Number.isFinite(value)) return value
      this.#faults.add(path, `${value} is no JSON.`, 'Numbers are finite.')
      return null
    }
    if (typeof value !== 'object') {
      this.#faults.add(path, `${kindOf(typeof value)} is no JSON.`, 'A definition is plain data.')
      return null
    }
    return this.#copyObject(value, path, depth)
  }

  #copyObject(value: object, path: string, depth: number): unknown {
    if (depth >= workflowLimits.jsonDepth) {
      this.#faults.add(path, 'It is nested too deeply.', `At most ${workflowLimits.jsonDepth} levels are taken.`)
      return null
    }
    if (this.#around.has(value)) {
      this.#faults.add(path, 'It contains itself.', 'A definition is plain data.')
      return null
    }
    this.#around.add(value)
    const copy = Array.isArray(value)
      ? value.map((item, index) => this.copy(item ?? null, `${path}[${index}]`, depth + 1))
      : this.#copyEntries(value, path, depth)
    this.#around.delete(value)
    return copy
  }

  #copyEntries(value: object, path: string, depth: number): unknown {
    if (!readable.has(Object.getPrototypeOf(value))) {
      this.#faults.add(path, 'It is no plain object.', 'A definition is plain data.')
      return null
    }
    const copy: Record<string, unknown> = {}
    for (const [key, each] of Object.entries(value)) {
      this.#count(key.length)
      const place = placeOf(path, key)
      if (prototypeKeys.has(key)) this.#faults.add(place, `A key must not be "${key}".`, 'Give it another name.')
      else if (each !== undefined) copy[key] = this.copy(each, place, depth + 1)
    }
    return copy
  }

  #count(characters: number): void {
    const before = this.#length
    this.#length += characters
    const most = workflowLimits.totalLength
    if (before <= most && this.#length > most) {
      this.#faults.add(
        '',
        'The definition is too long.',
        `All its keys and texts together may have ${most} characters.`,
      )
    }
  }
}
