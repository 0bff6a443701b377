import { Edge, type EdgeKind } from '../edge.js'
import { flag, isPlainObject, kindOf, knownFields, list, seconds } from '../field-checks.js'
import { nodeOf, TopologyNode, userName } from '../node.js'
import { ProblemList } from '../problem-list.js'
import { ParallelRule } from '../rules/parallel-rule.js'
import type { Rule } from '../rules/rule.js'
import { readRule } from '../rules/rule-reading.js'
import { TimeoutRule } from '../rules/timeout-rule.js'
import type { TopologyDefinition, TopologyMetadata } from '../topology-definition.js'

/** What a pattern is put together from. Whatever is wrong with its options is told where the options have it. */
export class PatternParts {
  readonly problems = new ProblemList()
  readonly options: Readonly<Record<string, unknown>>
  readonly rules: Rule[] = []
  readonly #pattern: string
  readonly #nodes = new Map<string, { readonly place: string; readonly node: TopologyNode }>()
  readonly #edges: Edge[] = []

  constructor(pattern: string, options: unknown, known: readonly string[]) {
    this.#pattern = pattern
    this.options = knownFields(options, [...known, 'rules', 'metadata'], this.problems)
    if (!isPlainObject(options)) this.problems.settle()
    list('rules', this.options['rules'] ?? [], this.problems).forEach((input, index) => {
      const rule = this.problems.attempt(`rules[${index}]`, () => readRule(input))
      if (rule !== undefined) this.rules.push(rule)
    })
  }

  flag(option: string, otherwise: boolean): boolean {
    return flag(option, this.options[option], otherwise, this.problems)
  }

  /** Takes an agent that is not there yet, and returns its name; empty if it is none. */
  agent(place: string, input: unknown): string {
    const node = this.problems.attempt(place, () => nodeOf(input))
    if (node === undefined) return ''
    const { name } = node
    const first = this.#nodes.get(name)
    if (node.type === 'user')
      this.problems.add(place, `"${userName}" is the boundary, no agent.`, 'Leave it out: it is added.')
    else if (first !== undefined)
      this.problems.add(place, `"${name}" is there already, as ${first.place}.`, 'Name it once.')
    else this.#nodes.set(name, { place, node })
    return name
  }

  /** Takes a list of agents that are not there yet. */
  agents(place: string, input: unknown, least: number): readonly string[] {
    const names = list(place, input, this.problems).map((each, index) => this.agent(`${place}[${index}]`, each))
    if (Array.isArray(input) && names.length < least) {
      const expected = least === 1 ? 'one agent' : `${least} agents`
      this.problems.add(place, `Is ${kindOf(input)}.`, `Expected is ${expected} or more.`)
    }
    return names
  }

  has(name: string): boolean {
    return this.#nodes.has(name)
  }

  /** Connects everyone with everyone. */
  connect(sources: readonly string[], kind: EdgeKind, targets: readonly string[]): void {
    // Names that are wrong have been told already, and make no edges.
    if (this.problems.any) return
    for (const source of sources) {
      for (const target of targets) this.#edges.push(new Edge({ source, target, kind }))
    }
  }

  /** Lets the user address some agents. */
  begin(targets: readonly string[]): void {
    if (this.problems.any) return
    this.#nodes.set(userName, { place: '', node: new TopologyNode({ name: userName }) })
    this.connect([userName], 'oneWay', targets)
  }

  /** Lets several agents begin at once. */
  together(agents: readonly string[]): void {
    if (!this.problems.any && agents.length > 1) this.rules.push(new ParallelRule({ agents }))
  }

  /** Whom the user addresses in a pattern that has no natural beginning. */
  entryPoint(): readonly string[] {
    const { entryPoint = this.metadata['entryPoint'] } = this.options
    if (entryPoint === undefined) return []
    const names: readonly unknown[] = Array.isArray(entryPoint) ? entryPoint : [entryPoint]
    const unknown = names.filter(name => typeof name !== 'string' || !this.has(name))
    for (const name of unknown) {
      const advice = `Expected is one of ${[...this.#nodes.keys()].join(', ')}.`
      this.problems.add('entryPoint', `There is no agent ${kindOf(name)}.`, advice)
    }
    return names as readonly string[]
  }

  get metadata(): Readonly<Record<string, unknown>> {
    const { metadata } = this.options
    return isPlainObject(metadata) ? metadata : {}
  }

  /** The whole. @throws TOPOLOGY_INVALID */
  definition(): TopologyDefinition {
    const { metadata } = this.options
    if (metadata !== undefined && !isPlainObject(metadata)) {
      this.problems.add('metadata', `Is ${kindOf(metadata)}.`, 'Expected is an object of plain data.')
    }
    const maxDuration = this.metadata['timeout']
    if (maxDuration !== undefined && !this.rules.some(({ type }) => type === 'timeout')) {
      this.rules.push(new TimeoutRule({ maxDuration: seconds('metadata.timeout', maxDuration, this.problems) }))
    }
    this.problems.settle()
    const nodes = [...this.#nodes.values()].map(({ node }) => node)
    return {
      nodes: [...nodes.filter(({ type }) => type === 'user'), ...nodes.filter(({ type }) => type !== 'user')],
      edges: this.#edges,
      rules: this.rules,
      metadata: { pattern: this.#pattern, ...this.metadata } as TopologyMetadata,
    }
  }
}
