import { type GraphAdvancer, type NodeKind, type OrchestrationGraph, SubOrchestrationRunnable } from '../core/index.js'
import { fingerprint } from './fingerprint.js'

/** One way on, as far as it can be written down. */
export interface StoredAdvancer {
  readonly name: string
  /** Names of states; missing if the advancer does not say. */
  readonly targets?: readonly string[]
  readonly converts?: true
}

/** One state, as far as it can be written down. */
export interface StoredNode {
  readonly name: string
  readonly kind: NodeKind
  /** The name of its class. */
  readonly class: string
  readonly advancers?: readonly StoredAdvancer[]
  readonly errorAdvancers?: readonly StoredAdvancer[]
  readonly parallelAdvances?: true
  readonly reruns?: number
  readonly allowDeadEnd?: true
  readonly join?: Readonly<Record<string, unknown>>
  /** What runs inside, for a sub-orchestration. */
  readonly inner?: StoredDefinition
}

/** A definition without its code: everything that decides what a recorded fact leads to. */
export interface StoredDefinition {
  readonly name: string
  readonly entry: string
  readonly result?: string
  readonly nodes: readonly StoredNode[]
}

/** A definition as a store keeps it. */
export interface DefinitionText {
  readonly fingerprint: string
  readonly data: string
}

const texts = new WeakMap<OrchestrationGraph, DefinitionText>()

/** What a store keeps of a graph: its description, and the fingerprint by which two can be told apart. Made once. */
export function definitionText(graph: OrchestrationGraph): DefinitionText {
  let text = texts.get(graph)
  if (text === undefined) {
    const data = JSON.stringify(describe(graph))
    text = { fingerprint: fingerprint(data), data }
    texts.set(graph, text)
  }
  return text
}

/** A graph as plain data. */
function describe({ name, entry, result, nodes }: OrchestrationGraph): StoredDefinition {
  return {
    name,
    entry: entry.name,
    ...(result === undefined ? {} : { result: result.name }),
    nodes: nodes.map(node => ({
      name: node.name,
      kind: node.kind,
      class: node.runnable.constructor.name,
      ...(node.advancers.length === 0 ? {} : { advancers: node.advancers.map(describeAdvancer) }),
      ...(node.errorAdvancers.length === 0 ? {} : { errorAdvancers: node.errorAdvancers.map(describeAdvancer) }),
      ...(node.parallelAdvances ? { parallelAdvances: true } : {}),
      ...(node.reruns === 0 ? {} : { reruns: node.reruns }),
      ...(node.allowDeadEnd ? { allowDeadEnd: true } : {}),
      ...(node.join === undefined ? {} : { join: { ...node.join } }),
      ...(node.runnable instanceof SubOrchestrationRunnable
        ? { inner: describe((node.runnable as SubOrchestrationRunnable<unknown, unknown>).orchestration.graph) }
        : {}),
    })),
  }
}

function describeAdvancer({ name, targets, converts }: GraphAdvancer): StoredAdvancer {
  return {
    name,
    ...(targets === undefined ? {} : { targets: targets.map(target => target.name) }),
    ...(converts ? { converts } : {}),
  }
}

/** What is different about a definition, one line each; empty if nothing is. */
export function differences(before: StoredDefinition, after: StoredDefinition, where = ''): readonly string[] {
  const found: string[] = []
  const old = new Map(before.nodes.map(node => [node.name, node]))
  const fresh = new Map(after.nodes.map(node => [node.name, node]))
  for (const name of old.keys()) if (!fresh.has(name)) found.push(`state "${where}${name}" is gone`)
  for (const name of fresh.keys()) if (!old.has(name)) found.push(`state "${where}${name}" is new`)
  if (before.entry !== after.entry)
    found.push(`${where}the run starts at "${after.entry}" instead of "${before.entry}"`)
  if (before.result !== after.result) {
    found.push(`${where}the result is that of ${named(after.result)} instead of ${named(before.result)}`)
  }
  for (const [name, node] of old) {
    const now = fresh.get(name)
    if (now !== undefined) found.push(...nodeDifferences(node, now, where))
  }
  if (found.length === 0 && JSON.stringify(before) !== JSON.stringify(after)) {
    found.push(`${where}the order of the states`)
  }
  return found
}

function nodeDifferences(before: StoredNode, after: StoredNode, where: string): readonly string[] {
  const found: string[] = []
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof StoredNode>
  for (const key of keys) {
    if (key === 'inner' && before.inner !== undefined && after.inner !== undefined) {
      found.push(...differences(before.inner, after.inner, `${where}${before.name}/`))
    } else if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) {
      found.push(`${key} of state "${where}${before.name}": ${shown(before[key])}, now ${shown(after[key])}`)
    }
  }
  return found
}

function named(state: string | undefined): string {
  return state === undefined ? 'the last terminal state' : `"${state}"`
}

function shown(value: unknown): string {
  if (value === undefined) return 'not set'
  if (!Array.isArray(value)) return JSON.stringify(value)
  const ways = (value as readonly StoredAdvancer[]).map(
    ({ name, targets }) => `${name} → ${targets === undefined ? '?' : targets.join(' | ')}`,
  )
  return `[${ways.join(', ')}]`
}
