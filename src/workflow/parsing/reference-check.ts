import { pathText } from '../templates/value-path.js'
import { type FaultList, quoted } from './fault-list.js'
import type { NodeTree, TreeNode } from './node-tree.js'
import type { Scope } from './scope.js'

/** Refuses paths that cannot exist where they are written. */
export class ReferenceCheck {
  readonly #tree: NodeTree
  readonly #faults: FaultList

  constructor(tree: NodeTree, faults: FaultList) {
    this.#tree = tree
    this.#faults = faults
  }

  check(path: readonly (string | number)[], place: string, reader: TreeNode, scope: Scope): void {
    const [root, key] = path as [string, string | number | undefined]
    if (root === 'nodes') {
      // All outputs at once, for ids that an expression cannot write.
      if (typeof key === 'string') this.check([key], place, reader, scope)
      return
    }
    if (scope.nodes.has(root) || scope.names.has(root)) return
    const written = quoted(pathText(path))
    if (root === 'previous') {
      this.#faults.add(place, `${written} does not exist: ${scope.noPrevious}.`, 'Name the node by its id.')
      return
    }
    if (root === 'item' || root === 'index' || root === 'last') {
      this.#faults.add(place, `${written} exists only in the body of a loop.`, 'Read it there.')
      return
    }
    const node = this.#tree.find(root)
    if (node === undefined) {
      const known = [...scope.names, ...scope.nodes.keys()]
      this.#faults.unknown(place, `${written} cannot exist:`, root, known, '')
    } else if (node === reader) {
      this.#faults.add(
        place,
        `${written} is the output of ${quoted(root)} itself.`,
        'It is not there before the node has run.',
      )
    } else if (node.graph !== reader.graph && node.graph.owner !== undefined) {
      const owner = node.graph.owner.id
      this.#faults.add(place, `${written} is inside of ${quoted(owner)}.`, `Read the output of ${quoted(owner)}.`)
    } else {
      const message = `${written} is not there yet: ${quoted(root)} does not run before ${quoted(reader.id)}.`
      this.#faults.add(place, message, `Lead an edge from ${quoted(root)} to ${quoted(reader.id)}.`)
    }
  }
}
