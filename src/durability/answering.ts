import { OrchestrationRunnable, SignalRunnable } from '../core/index.js'
import { type Branch, checkDecision, type DurableDefinition, directoryOf, type GivenAnswer } from '../core/internal.js'
import { OrchestrationError } from '../errors/index.js'
import { PayloadError, schemaOf } from '../schema/index.js'
import { JournalReader } from './journal-reader.js'
import type { JournalStore } from './journal-store.js'
import { requestIdOf, requestsAt } from './open-requests.js'
import { recordOf } from './record-of.js'
import type { RunTree, TreeNode } from './run-tree.js'
import { encodeAnswer } from './stored-answer.js'

/** An answer that somebody gives, and not the time. */
export type AnswerFromOutside = Exclude<GivenAnswer, { readonly kind: 'expired' }>

interface Open {
  readonly id: string
  readonly kind: 'approval' | 'signal'
  readonly node: TreeNode
  readonly branch: Branch
}

/**
 * Gives what a run waits for its answer, through the store, whoever drives the run.
 * @param request the request, its id, or its state
 * @throws REQUEST_UNKNOWN, PAYLOAD_INVALID, OPTION_INVALID; RUN_UNKNOWN, DEFINITION_CHANGED
 */
export async function answerRequest(
  { name, graph, clock }: Pick<DurableDefinition, 'name' | 'graph' | 'clock'>,
  store: JournalStore,
  runId: string,
  request: unknown,
  answer: AnswerFromOutside,
): Promise<void> {
  const record = await recordOf(store, { name }, runId)
  const reader = new JournalReader(store, record, graph)
  await reader.skipTo(record)
  await reader.read()
  const { tree } = reader
  const kind = answer.kind === 'decision' ? 'approval' : 'signal'
  const given = answer.kind === 'decision' ? { ...answer, decision: checkDecision(answer.decision) } : answer
  const open = openIn(tree).filter(each => each.kind === kind)
  const { id, node, branch } = find(open, request, kind)
  const checked = given.kind === 'signal' ? { ...given, payload: await payloadFor(branch, given.payload) } : given
  const outcome = await store.answer(runId, {
    requestId: id,
    data: encodeAnswer(checked, node.values),
    at: clock.now(),
  })
  if (outcome === 'accepted') return
  throw unknown(id, outcome === 'taken' ? 'somebody else has answered it' : 'it is no longer open', open)
}

function openIn(tree: RunTree): readonly Open[] {
  tree.prune(true)
  return [...tree.nodes].flatMap(node =>
    [...node.state.branches.values()].flatMap(branch =>
      requestsAt(branch).map(request => ({ id: requestIdOf(node, request), kind: request.kind, node, branch })),
    ),
  )
}

function find(open: readonly Open[], request: unknown, kind: string): Open {
  const { requestId, id } = (typeof request === 'object' && request !== null ? request : {}) as {
    readonly requestId?: string
    readonly id?: string
  }
  const isState = request instanceof OrchestrationRunnable || typeof request === 'function'
  const ref = isState ? undefined : String(requestId ?? id ?? request)
  const matching = open.filter(each => (isState ? isAt(each, request) : each.id === ref))
  const found = matching.length > 0 || isState ? matching : open.filter(({ branch }) => branch.node.name === ref)
  const [first, ...others] = found
  const name = ref ?? (request as { readonly name?: string }).name ?? request?.constructor.name ?? 'undefined'
  if (first === undefined) throw unknown(name, `no ${kind} is open there`, open)
  if (others.length > 0) throw unknown(name, `${found.length} are open there; say which by its id`, found)
  return first
}

function isAt({ node, branch }: Open, state: unknown): boolean {
  try {
    return directoryOf(node.graph).resolve(state, 'The request to be answered').node === branch.node
  } catch {
    // It is a state of another run of the tree, or of none.
    return false
  }
}

/** What is sent has to be what the state declares; if it is not, the state still waits. @throws PAYLOAD_INVALID */
export async function payloadFor({ node, runnable }: Branch, payload: unknown): Promise<unknown> {
  const state: unknown = runnable ?? node.runnable
  const { signalType } = state instanceof SignalRunnable ? state : { signalType: undefined }
  const schema = signalType === undefined ? node.output : schemaOf(signalType)
  try {
    return schema === undefined ? payload : await schema.check(payload)
  } catch (thrown) {
    throw thrown instanceof PayloadError ? thrown.at({ state: node.name, direction: 'signal' }) : thrown
  }
}

function unknown(name: string, why: string, open: readonly Open[]): OrchestrationError {
  const list = open.map(({ id, kind, branch }) => `${id} (${kind} of "${branch.node.name}")`).join(', ')
  return new OrchestrationError(
    `Request "${name}" cannot be answered: ${why}. Open now: ${list === '' ? 'none' : list}.`,
    { code: 'REQUEST_UNKNOWN', details: { request: name, open: open.map(({ id }) => id) } },
  )
}
