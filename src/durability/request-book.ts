import type { Fact } from '../core/index.js'
import type { StoredRequest } from './journal-records.js'
import { requestIdOf, requestsAt, storedRequest } from './open-requests.js'
import type { TreeNode } from './run-tree.js'

interface OpenRequest {
  readonly node: TreeNode
  readonly branch: string
}

/** Which requests of a run, and of those inside it, are open; and what of that the store does not know yet. */
export class RequestBook {
  readonly #open = new Map<string, OpenRequest>()
  #opened = new Map<string, StoredRequest>()

  /** Whether anything is open. */
  get isEmpty(): boolean {
    return this.#open.size === 0
  }

  /** The run that a request belongs to, if it is open. */
  holderOf(requestId: string): TreeNode | undefined {
    return this.#open.get(requestId)?.node
  }

  /** Takes down what was open when the run was restored: the store has it. */
  restore(nodes: Iterable<TreeNode>): void {
    for (const node of nodes) {
      for (const branch of node.state.branches.values()) {
        for (const request of requestsAt(branch))
          this.#open.set(requestIdOf(node, request), { node, branch: branch.id })
      }
    }
  }

  /** Takes down the requests that facts have opened; they have been applied. */
  notice(node: TreeNode, facts: readonly Fact[], at: number): void {
    for (const fact of facts) {
      if (fact.type !== 'waiting' && fact.type !== 'asked') continue
      const branch = node.state.branches.get(fact.branch)
      if (branch?.step !== fact.step) continue
      for (const request of requestsAt(branch)) {
        const requestId = requestIdOf(node, request)
        if (this.#open.has(requestId)) continue
        this.#open.set(requestId, { node, branch: branch.id })
        this.#opened.set(requestId, storedRequest(node, branch, request, at))
      }
    }
  }

  /** What has changed since the last time; `all` closes every request. */
  changes(all: boolean): { readonly opened: readonly StoredRequest[]; readonly closed: readonly string[] } {
    const closed: string[] = []
    for (const [requestId, { node, branch: id }] of this.#open) {
      const branch = node.state.branches.get(id)
      const isOpen = branch !== undefined && requestsAt(branch).some(each => requestIdOf(node, each) === requestId)
      if (isOpen && !all) continue
      this.#open.delete(requestId)
      // One that was over before the store heard of it never was there.
      if (!this.#opened.delete(requestId)) closed.push(requestId)
    }
    const opened = [...this.#opened.values()]
    this.#opened = new Map()
    return { opened, closed }
  }
}
