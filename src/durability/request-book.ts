import type { Fact } from '../core/index.js'
import { tokenOf } from '../core/internal.js'
import type { StoredRequest } from './journal-records.js'
import type { TreeNode } from './run-tree.js'

interface OpenRequest {
  readonly node: TreeNode
  readonly branch: string
  readonly step: number
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
        const { phase, wait, id, step } = branch
        if (phase !== 'waiting' || (wait?.kind !== 'approval' && wait?.kind !== 'signal')) continue
        const requestId = requestIdOf(node, tokenOf(branch))
        this.#open.set(requestId, { node, branch: id, step })
      }
    }
  }

  /** Takes down the requests that facts have opened; they have been applied. */
  notice(node: TreeNode, facts: readonly Fact[], at: number): void {
    for (const fact of facts) {
      if (fact.type !== 'waiting' || (fact.kind !== 'approval' && fact.kind !== 'signal')) continue
      const branch = node.state.branches.get(fact.branch)
      if (branch?.phase !== 'waiting' || branch.step !== fact.step) continue
      const { kind, message = '', until } = fact
      const requestId = requestIdOf(node, tokenOf(branch))
      this.#open.set(requestId, { node, branch: branch.id, step: branch.step })
      this.#opened.set(requestId, {
        requestId,
        kind,
        stateName: branch.node.name,
        message,
        ...(until === undefined ? {} : { until }),
        openedAt: at,
        input: JSON.stringify(node.values.encode(branch.input)),
      })
    }
  }

  /** What has changed since the last time; `all` closes every request. */
  changes(all: boolean): { readonly opened: readonly StoredRequest[]; readonly closed: readonly string[] } {
    const closed: string[] = []
    for (const [requestId, { node, branch: id, step }] of this.#open) {
      const branch = node.state.branches.get(id)
      if (!all && branch?.phase === 'waiting' && branch.step === step) continue
      this.#open.delete(requestId)
      // One that was over before the store heard of it never was there.
      if (!this.#opened.delete(requestId)) closed.push(requestId)
    }
    const opened = [...this.#opened.values()]
    this.#opened = new Map()
    return { opened, closed }
  }
}

function requestIdOf({ path }: TreeNode, token: string): string {
  return [...path, token].join('/')
}
