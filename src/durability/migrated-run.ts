import type { StoredRun } from '../core/index.js'
import type { Json } from '../schema/index.js'
import type { StoredNodeState } from './run-tree.js'
import type { StoredBranch, StoredState } from './stored-state.js'

/** A stored run on its way from one version to the next. Runs inside it are left as they are: they have orchestrations of their own. */
export class MigratedRun implements StoredRun {
  #nodes: readonly StoredNodeState[]

  constructor(nodes: readonly StoredNodeState[]) {
    // A migration that fails half way must not have changed what others see.
    this.#nodes = structuredClone(nodes)
  }

  get nodes(): readonly StoredNodeState[] {
    return this.#nodes
  }

  get states(): readonly string[] {
    return [...new Set(this.#root.branches.map(branch => branch.state))]
  }

  renameState(from: string, to: string): void {
    const renamed = (name: string): string => (name === from ? to : name)
    const root = this.#root
    root.visits = renameKeys(root.visits, renamed)
    root.outputs = renameKeys(root.outputs, renamed)
    for (const each of [...root.results, ...root.failures, ...root.branches]) each.state = renamed(each.state)
    for (const fork of root.forks) {
      if (fork.origin !== undefined) fork.origin = renamed(fork.origin)
      if (fork.parent !== undefined) fork.parent.state = renamed(fork.parent.state)
      if (fork.endedAt !== undefined) fork.endedAt = fork.endedAt.map(renamed)
      if (fork.failures !== undefined) {
        fork.failures = fork.failures.map(each => (typeof each === 'number' ? each : [each[0], renamed(each[1])]))
      }
      for (const barrier of fork.barriers ?? []) {
        barrier.state = renamed(barrier.state)
        barrier.key = `${barrier.key.slice(0, barrier.key.indexOf('/'))}/${barrier.state}`
      }
    }
    this.#nodes = this.#nodes.map(node =>
      node.path.length === 1 && node.stateName !== undefined ? { ...node, stateName: renamed(node.stateName) } : node,
    )
  }

  mapInput(state: string, change: (input: unknown) => unknown): void {
    for (const branch of this.#at(state)) branch.input = change(branch.input) as Json
  }

  mapOutput(state: string, change: (output: unknown) => unknown): void {
    const root = this.#root
    if (Object.hasOwn(root.outputs, state)) {
      root.outputs = { ...root.outputs, [state]: change(root.outputs[state]) as Json }
    }
    for (const result of root.results) if (result.state === state) result.value = change(result.value) as Json
    for (const branch of this.#at(state)) if (branch.output !== undefined) branch.output = change(branch.output) as Json
  }

  mapProperty(key: string, change: (value: unknown) => unknown): void {
    const root = this.#root
    root.properties = root.properties.flatMap(entry => {
      if (entry[0] !== key) return [entry]
      const value = change(entry[1])
      return value === undefined ? [] : [[key, value as Json, entry[2]] as const]
    })
  }

  renameClass(from: string, to: string): void {
    this.#nodes = this.#nodes.map(node => retagged(node, from, to) as StoredNodeState)
  }

  get #root(): StoredState {
    return (this.#nodes[0] as StoredNodeState).state
  }

  #at(state: string): readonly StoredBranch[] {
    return this.#root.branches.filter(branch => branch.state === state)
  }
}

function renameKeys<T>(
  record: Readonly<Record<string, T>>,
  rename: (key: string) => string,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [rename(key), value]))
}

/** The same JSON with the tag of a class changed. */
function retagged(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) return value.map(item => retagged(item, from, to))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    key === '$' && item === from ? to : retagged(item, from, to),
  ])
  return Object.fromEntries(entries)
}
