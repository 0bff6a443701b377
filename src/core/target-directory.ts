import { OrchestrationError } from '../errors/index.js'
import type { AnyClass } from './class-metadata.js'
import type { GraphNode, OrchestrationGraph } from './graph.js'
import { type AnyRunnable, OrchestrationRunnable } from './runnable.js'

/** What a target stands for: a state of the graph, and the fresh instance to invoke if the target was one. */
export interface ResolvedTarget {
  readonly node: GraphNode
  readonly runnable: AnyRunnable | undefined
}

/** Finds the state that an instance, a class or a name stands for. */
export class TargetDirectory {
  readonly #graph: OrchestrationGraph
  readonly #byInstance = new Map<unknown, ResolvedTarget>()
  readonly #byClass = new Map<unknown, GraphNode[]>()

  constructor(graph: OrchestrationGraph) {
    this.#graph = graph
    for (const node of graph.nodes) {
      this.#byInstance.set(node.runnable, { node, runnable: undefined })
      const ofClass = this.#byClass.get(node.runnable.constructor)
      if (ofClass === undefined) this.#byClass.set(node.runnable.constructor, [node])
      else ofClass.push(node)
    }
  }

  /** @throws UNKNOWN_TARGET if `ref` is not a state of the graph, or if several states are of its class */
  resolve(ref: unknown, namedBy: string): ResolvedTarget {
    const known = this.#byInstance.get(ref)
    if (known !== undefined) return known
    if (typeof ref === 'string') {
      const node = this.#graph.byName.get(ref)
      if (node === undefined) throw this.#unknown(`"${ref}"`, namedBy)
      return { node, runnable: undefined }
    }
    if (ref instanceof OrchestrationRunnable) {
      return { node: this.#ofClass(ref.constructor as AnyClass, namedBy), runnable: ref as AnyRunnable }
    }
    if (typeof ref === 'function')
      return { node: this.#ofClass(ref as unknown as AnyClass, namedBy), runnable: undefined }
    throw new OrchestrationError(
      `${namedBy} named something as the next state that is none: ${Object.prototype.toString.call(ref)}. ` +
        'Return a runnable, its class, its name, an array of these, or null.',
      { code: 'UNKNOWN_TARGET', details: { orchestration: this.#graph.name } },
    )
  }

  #ofClass(target: AnyClass, namedBy: string): GraphNode {
    const [node, ...others] = this.#byClass.get(target) ?? []
    if (node === undefined) throw this.#unknown(target.name, namedBy)
    if (others.length === 0) return node
    const names = [node, ...others].map(each => `"${each.name}"`).join(', ')
    throw new OrchestrationError(
      `${namedBy} named the class ${target.name}, but ${names} are all of that class. Name one of them by instance or name.`,
      { code: 'UNKNOWN_TARGET', details: { orchestration: this.#graph.name, target: target.name } },
    )
  }

  #unknown(target: string, namedBy: string): OrchestrationError {
    const states = this.#graph.nodes.map(node => node.name).join(', ')
    return new OrchestrationError(
      `${namedBy} named ${target} as a state, which orchestration "${this.#graph.name}" does not have. It has: ${states}. ` +
        'Add it with this.register(…), or name its class in @Advancer({ to }).',
      { code: 'UNKNOWN_TARGET', details: { orchestration: this.#graph.name, target } },
    )
  }
}

const directories = new WeakMap<OrchestrationGraph, TargetDirectory>()

/** The directory of a graph, made once. */
export function directoryOf(graph: OrchestrationGraph): TargetDirectory {
  let directory = directories.get(graph)
  if (directory === undefined) {
    directory = new TargetDirectory(graph)
    directories.set(graph, directory)
  }
  return directory
}
