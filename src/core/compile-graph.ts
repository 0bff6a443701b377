import { ensureError, OrchestrationError } from '../errors/index.js'
import { type Schema, schemaOf, type TypeRef } from '../schema/index.js'
import { convertsOutput, type OrchestrationAdvancer } from './advancer.js'
import { createClassInterceptors } from './class-interceptors.js'
import type { AnyClass } from './class-metadata.js'
import { conversionAdvice, conversionMismatch } from './conversion.js'
import { DelayRunnable } from './delay.js'
import { type DraftAdvancer, draftAdvancer, isThunk } from './draft-advancer.js'
import type { GraphAdvancer, GraphNode, OrchestrationGraph } from './graph.js'
import { graphFaults } from './graph-faults.js'
import { JoinRunnable, resolveJoinOptions } from './join.js'
import { nestInterceptors, placed } from './nest-interceptors.js'
import { kindOf } from './node-kind.js'
import type { OrchestrationDeclaration } from './orchestration-options.js'
import { refusal } from './refused-graph.js'
import { WiringError } from './run-errors.js'
import { type AnyRunnable, OrchestrationRunnable } from './runnable.js'
import { runnableDeclaration } from './runnable-decorator.js'
import type { AdvancerClass, RunnableDeclaration } from './runnable-options.js'
import { SignalRunnable } from './signal.js'
import { SubOrchestrationRunnable } from './sub-orchestration.js'
import { uninvokedFaults } from './uninvoked-state.js'
import { wiringOf } from './wiring.js'
import type { WiringFault, WiringFaultCode } from './wiring-fault.js'

/** What a definition is made of before it is checked. */
export interface Definition {
  readonly name: string
  readonly declaration: OrchestrationDeclaration
  readonly initial: AnyRunnable | undefined
  readonly result: AnyRunnable | undefined
  readonly registered: readonly AnyRunnable[]
}

/**
 * Makes the plain graph of a definition and freezes its runnables.
 *
 * @throws WiringError that lists everything that is wrong
 */
export function compileGraph(definition: Definition): OrchestrationGraph {
  const graph = new GraphCompiler(definition).compile()
  for (const node of graph.nodes) wiringOf(node.runnable).frozenBy = graph.name
  return graph
}

type Draft = { -readonly [K in keyof GraphNode]: GraphNode[K] }

/** The ways on from a state. */
interface Ways {
  readonly node: Draft
  readonly normal: readonly DraftAdvancer[]
  readonly error: readonly DraftAdvancer[]
}

class GraphCompiler {
  readonly #definition: Definition
  readonly #faults: WiringFault[] = []
  readonly #nodes = new Map<AnyRunnable, Draft>()
  readonly #ways: Ways[] = []

  constructor(definition: Definition) {
    this.#definition = definition
  }

  compile(): OrchestrationGraph {
    const { name, declaration, initial, result, registered } = this.#definition
    if (initial === undefined) {
      const advice = 'set this.initialRunnable in its constructor'
      this.#faults.push({ code: 'NO_INITIAL_STATE', message: 'it has no initial runnable', advice })
    }
    for (const runnable of [initial, ...registered, result]) if (runnable !== undefined) this.#add(runnable)
    // Adding a state may bring in others, which are then appended.
    for (let i = 0; i < this.#ways.length; i++) this.#addTargetsOf(i)
    for (const { node, normal, error } of this.#ways) {
      node.join = this.#scoped(node)
      node.advancers = normal.map(way => this.#finished(node, way))
      node.errorAdvancers = error.map(way => this.#finished(node, way))
    }
    const nodes = [...this.#nodes.values()]
    const byName = this.#byName(nodes)
    const resultNode = result === undefined ? undefined : this.#nodes.get(result)
    const input = this.#schema(declaration.input, 'the input of the orchestration')
    const output = this.#schema(declaration.output, 'the output of the orchestration')
    const entry = initial === undefined ? undefined : this.#nodes.get(initial)
    this.#checkEnds(nodes, entry, resultNode, input, output)
    if (entry === undefined || this.#faults.length > 0) throw new WiringError(name, this.#faults)
    for (const node of nodes) Object.freeze(node)
    const graph = Object.freeze({
      name,
      nodes: Object.freeze(nodes),
      byName,
      classes: Object.freeze([...(declaration.classes ?? [])]),
      entry,
      result: resultNode,
      input,
      output,
    })
    const faults = graphFaults(graph)
    if (faults.length > 0) throw refusal(graph, faults)
    return graph
  }

  #fault(code: WiringFaultCode, stateName: string | undefined, message: string, advice: string): void {
    this.#faults.push({ code, ...(stateName === undefined ? {} : { stateName }), message, advice })
  }

  #add(runnable: AnyRunnable): void {
    if (this.#nodes.has(runnable)) return
    const ofClass = runnableDeclaration(runnable.constructor as AnyClass)
    const wiring = wiringOf(runnable)
    const declaration: RunnableDeclaration = { ...ofClass, ...wiring.declaration }
    const name = declaration.name ?? runnable.constructor.name
    if (name === '') {
      this.#fault(
        'UNNAMED_STATE',
        undefined,
        'a state of an anonymous class has no name',
        'give it one with configure({ name })',
      )
    }
    const kind = kindOf(runnable)
    this.#faults.push(...uninvokedFaults(name, kind, declaration.interceptors))
    const { input, output } = this.#payloadsOf(runnable, declaration, name)
    const node: Draft = {
      index: this.#nodes.size,
      name,
      kind,
      runnable,
      input,
      output,
      advancers: [],
      errorAdvancers: [],
      parallelAdvances: declaration.parallelAdvances ?? false,
      reruns: declaration.reruns ?? 0,
      allowDeadEnd: declaration.allowDeadEnd ?? false,
      interceptors: nestInterceptors(
        placed(this.#definition.declaration.interceptors),
        createClassInterceptors(runnable.constructor as AnyClass),
        placed(declaration.interceptors),
      ),
      join:
        runnable instanceof JoinRunnable
          ? this.#attempt(() => resolveJoinOptions(runnable.joinOptions), name, `state "${name}": `)
          : undefined,
    }
    this.#nodes.set(runnable, node)
    const own = wiring.advancers.length > 0 ? wiring.advancers : this.#declaredAdvancers(declaration, name)
    this.#ways.push({ node, normal: own.map(draftAdvancer), error: wiring.errorAdvancers.map(draftAdvancer) })
  }

  /** The options of a join with the state whose fan-outs it closes, which was not known before. */
  #scoped({ name, runnable, join }: Draft): Draft['join'] {
    const forkedBy = runnable instanceof JoinRunnable ? runnable.joinOptions.forkedBy : undefined
    if (join === undefined || forkedBy === undefined) return join
    const found =
      forkedBy instanceof OrchestrationRunnable
        ? [this.#nodes.get(forkedBy as AnyRunnable) ?? []].flat()
        : [...this.#nodes.values()].filter(node => node.runnable.constructor === forkedBy || node.name === forkedBy)
    const [origin] = found
    if (origin !== undefined && found.length === 1) return { ...join, forkedBy: origin.name }
    this.#fault(
      found.length === 0 ? 'UNKNOWN_TARGET' : 'AMBIGUOUS_TARGET',
      name,
      `join "${name}" is \`forkedBy\` ${found.length === 0 ? 'a state that is not there' : 'a class of several states'}`,
      'name one state of this orchestration, by its name or its instance',
    )
    return join
  }

  #payloadsOf(
    runnable: AnyRunnable,
    { input, output }: RunnableDeclaration,
    name: string,
  ): { readonly input: Schema | undefined; readonly output: Schema | undefined } {
    const inner =
      runnable instanceof SubOrchestrationRunnable
        ? this.#attempt(() => runnable.orchestration.graph, name, `state "${name}" cannot run: `)
        : undefined
    let outputRef = output
    if (runnable instanceof SignalRunnable) outputRef ??= runnable.signalType
    else if (runnable instanceof DelayRunnable) outputRef ??= input
    return {
      input: this.#schema(input, `the input of state "${name}"`, name) ?? inner?.input,
      output: this.#schema(outputRef, `the output of state "${name}"`, name) ?? inner?.output,
    }
  }

  #schema(ref: TypeRef | undefined, what: string, stateName?: string): Schema | undefined {
    return ref === undefined ? undefined : this.#attempt(() => schemaOf(ref), stateName, `${what}: `)
  }

  #declaredAdvancers(
    { advancers = [] }: RunnableDeclaration,
    stateName: string,
  ): readonly OrchestrationAdvancer<never, unknown>[] {
    return advancers.flatMap(entry => {
      const made = this.#attempt(
        () => {
          const advancerClass = isThunk(entry) ? (entry as () => AdvancerClass)() : (entry as AdvancerClass)
          return new advancerClass()
        },
        stateName,
        `an advancer that is declared for state "${stateName}" cannot be made: `,
      )
      return made ?? []
    })
  }

  #addTargetsOf(index: number): void {
    const { node, normal, error } = this.#ways[index] as Ways
    for (const way of [...normal, ...error]) {
      for (const target of [...(way.to ?? []), ...way.sends]) {
        if (target instanceof OrchestrationRunnable) this.#add(target as AnyRunnable)
        else if (typeof target === 'function') this.#addClass(target as unknown as AnyClass, node, way)
      }
    }
  }

  /** A class that is named as a target and needs no arguments is registered as if the user had done it. */
  #addClass(target: AnyClass, node: Draft, way: DraftAdvancer): void {
    if (this.#ofClass(target).length > 0) return
    const named = `advancer "${way.name}" of state "${node.name}" names ${target.name === '' ? 'an anonymous class' : target.name}`
    if (!(target.prototype instanceof OrchestrationRunnable)) {
      this.#fault('UNKNOWN_TARGET', node.name, `${named}, which is not a runnable`, 'name a class of runnables')
    } else if (target.length > 0) {
      this.#fault(
        'UNKNOWN_TARGET',
        node.name,
        `${named}, which is not registered, and its constructor needs arguments`,
        `this.register(new ${target.name}(…))`,
      )
    } else {
      const make = (): AnyRunnable => new (target as new () => AnyRunnable)()
      const made = this.#attempt(make, node.name, `${named}, which cannot be made: `)
      if (made !== undefined) this.#add(made)
    }
  }

  #ofClass(target: AnyClass): readonly Draft[] {
    return [...this.#nodes.values()].filter(node => node.runnable.constructor === target)
  }

  #finished(node: Draft, way: DraftAdvancer): GraphAdvancer {
    const { name, advancer } = way
    const converts = convertsOutput(advancer)
    const to = way.to?.flatMap(target => this.#targetNode(target, node, way))
    const sends = way.sends.flatMap(target => this.#targetNode(target, node, way))
    const known = way.to !== undefined || way.sends.length > 0
    const handsOnOutput = !converts && this.#ways[node.index]?.normal.includes(way) === true
    for (const target of handsOnOutput ? (to ?? []) : []) {
      const mismatch = conversionMismatch(node, target, name)
      if (mismatch !== undefined) this.#fault('TYPE_MISMATCH', node.name, mismatch, conversionAdvice)
    }
    return { name, advancer, targets: known ? [...(to ?? []), ...sends] : undefined, converts }
  }

  #targetNode(target: unknown, node: Draft, way: DraftAdvancer): readonly GraphNode[] {
    const named = `advancer "${way.name}" of state "${node.name}" names`
    if (target instanceof OrchestrationRunnable) return [this.#nodes.get(target as AnyRunnable) as Draft]
    if (typeof target === 'string') {
      const found = [...this.#nodes.values()].filter(each => each.name === target)
      if (found.length === 0) {
        const message = `${named} "${target}", and there is no state of that name`
        this.#fault('UNKNOWN_TARGET', node.name, message, 'correct the name, or register the state that is meant')
      }
      return found
    }
    const found = this.#ofClass(target as AnyClass)
    if (found.length > 1) {
      const names = found.map(each => `"${each.name}"`).join(', ')
      const message = `${named} the class ${(target as AnyClass).name}, but ${names} are all of it`
      this.#fault('AMBIGUOUS_TARGET', node.name, message, 'name one of them')
    }
    return found
  }

  #byName(nodes: readonly Draft[]): ReadonlyMap<string, GraphNode> {
    const byName = new Map<string, GraphNode>()
    for (const node of nodes) {
      if (byName.has(node.name)) {
        this.#fault(
          'DUPLICATE_NAME',
          node.name,
          `two states are called "${node.name}"`,
          'give one of them a name of its own with configure({ name })',
        )
      }
      byName.set(node.name, node)
    }
    return byName
  }

  #checkEnds(
    nodes: readonly Draft[],
    entry: Draft | undefined,
    result: Draft | undefined,
    input: Schema | undefined,
    output: Schema | undefined,
  ): void {
    if (input !== undefined && entry?.input !== undefined && !entry.input.accepts(input)) {
      this.#fault(
        'TYPE_MISMATCH',
        entry.name,
        `the orchestration takes ${input.name}, but its initial state "${entry.name}" takes ${entry.input.name}`,
        'declare the same class for both, or start with a state that takes what the orchestration takes',
      )
    }
    const ends = result === undefined ? nodes.filter(node => node.advancers.length === 0) : [result]
    for (const end of ends) {
      if (output === undefined || end.output === undefined || output.accepts(end.output)) continue
      this.#fault(
        'TYPE_MISMATCH',
        end.name,
        `the orchestration returns ${output.name}, but "${end.name}", where it can end, returns ${end.output.name}`,
        'lead on from there, or say with this.resultRunnable which state has the result',
      )
    }
  }

  #attempt<T>(make: () => T, stateName: string | undefined, prefix = ''): T | undefined {
    try {
      return make()
    } catch (thrown) {
      const { message } = ensureError(thrown)
      this.#fault(codeOf(thrown), stateName, prefix + message.replace(/\.$/, ''), adviceFor(thrown))
      return undefined
    }
  }
}

function codeOf(thrown: unknown): WiringFaultCode {
  if (thrown instanceof WiringError) {
    return thrown.faults.some(fault => fault.code === 'CONTAINS_ITSELF')
      ? 'CONTAINS_ITSELF'
      : 'SUB_ORCHESTRATION_INVALID'
  }
  const isOwn = OrchestrationError.isInstance(thrown) && thrown.code === 'WIRING_INVALID'
  return isOwn ? 'CONTAINS_ITSELF' : 'DECLARATION_INVALID'
}

function adviceFor(thrown: unknown): string {
  const code = codeOf(thrown)
  if (code === 'CONTAINS_ITSELF') return 'use a cycle of states, or call an orchestration of another instance'
  return code === 'SUB_ORCHESTRATION_INVALID' ? 'correct the inner orchestration' : 'correct the declaration'
}
