import type { OpenRequest } from '../core/index.js'
import { type Branch, questionId, tokenOf } from '../core/internal.js'
import type { StoredRequest } from './journal-records.js'
import type { TreeNode } from './run-tree.js'

/** Something that a branch waits for from outside. */
export interface RequestAt {
  /** Unique in its run. */
  readonly id: string
  readonly kind: 'approval' | 'signal'
  readonly message: string
  readonly until: number | undefined
  readonly subject: unknown
}

/** What a branch waits for from outside: at a state that waits, or because its state, while at work, has asked. */
export function requestsAt(branch: Branch): readonly RequestAt[] {
  const { phase, wait, asked, input } = branch
  const requests = [...(asked ?? [])].map(([name, question]): RequestAt => {
    return { id: questionId(branch, name), kind: 'approval', ...question }
  })
  if (phase === 'waiting' && (wait?.kind === 'approval' || wait?.kind === 'signal')) {
    const { kind, message = '', until } = wait
    requests.push({ id: tokenOf(branch), kind, message, until, subject: input })
  }
  return requests
}

/** The id of a request, with the tokens that lead to its run. */
export function requestIdOf({ path }: TreeNode, { id }: RequestAt): string {
  return [...path, id].join('/')
}

/** A request as a store keeps it. */
export function storedRequest(node: TreeNode, branch: Branch, request: RequestAt, openedAt: number): StoredRequest {
  const { kind, message, until, subject } = request
  return {
    requestId: requestIdOf(node, request),
    kind,
    stateName: branch.node.name,
    message,
    ...(until === undefined ? {} : { until }),
    openedAt,
    input: JSON.stringify(node.values.encode(subject)),
  }
}

/** Everything that a run and those inside it wait for from outside, as the handle of that run lists it. */
export function openRequestsIn(nodes: Iterable<TreeNode>, path: readonly string[]): readonly OpenRequest[] {
  const inside = [...nodes].filter(node => path.every((token, index) => node.path[index] === token))
  return inside.flatMap(node =>
    [...node.state.branches.values()].flatMap(branch =>
      requestsAt(branch).map(request => {
        const { kind, message, until, subject: input } = request
        const id = [...node.path.slice(path.length), request.id].join('/')
        return { id, kind, stateName: branch.node.name, input, message, until }
      }),
    ),
  )
}

/** Everything that runs wait for from outside, as a store keeps it. */
export function openRequestsOf(nodes: Iterable<TreeNode>, openedAt: number): readonly StoredRequest[] {
  return [...nodes].flatMap(node =>
    [...node.state.branches.values()].flatMap(branch =>
      requestsAt(branch).map(request => storedRequest(node, branch, request, openedAt)),
    ),
  )
}
