import { tokenOf } from '../core/internal.js'
import type { StoredRequest } from './journal-records.js'
import type { TreeNode } from './run-tree.js'

/** What the branches of a run wait for from outside, as a store keeps it. */
export function openRequestsOf(nodes: Iterable<TreeNode>, openedAt: number): readonly StoredRequest[] {
  const open: StoredRequest[] = []
  for (const { path, state, values } of nodes) {
    for (const branch of state.branches.values()) {
      const { phase, wait, node, input } = branch
      if (phase !== 'waiting' || (wait?.kind !== 'approval' && wait?.kind !== 'signal')) continue
      const { kind, message = '', until } = wait
      open.push({
        requestId: [...path, tokenOf(branch)].join('/'),
        kind,
        stateName: node.name,
        message,
        ...(until === undefined ? {} : { until }),
        openedAt,
        input: JSON.stringify(values.encode(input)),
      })
    }
  }
  return open
}
