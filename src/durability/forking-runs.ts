import { Approved, Expired, OrchestrationRunnable, Rejected } from '../core/index.js'
import type { Branch, DurableDefinition, EditedFact, EditedValue } from '../core/internal.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import { PayloadError } from '../schema/index.js'
import { payloadFor } from './answering.js'
import { damagedJournal } from './damaged-journal.js'
import { journalFormat, type StoredTurn } from './journal-format.js'
import { JournalReader } from './journal-reader.js'
import type { JournalEntry, RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { checkName } from './names.js'
import { openRequestsOf } from './open-requests.js'
import type { RunTree, TreeNode } from './run-tree.js'
import { statusOf } from './run-view.js'

/**
 * What is different in a fork. A step is named by its token (`0:3`; inside a sub-orchestration `0:1/0:0`), or by the name of its
 * state if only one branch is there.
 */
export interface RunEdits {
  /** Properties of the run; `undefined` deletes one. */
  readonly properties?: Readonly<Record<string, unknown>>
  /** What steps that have no output yet are given instead. */
  readonly inputs?: Readonly<Record<string, unknown>>
  /** What steps under way have returned instead of being invoked, or in place of what is being routed. */
  readonly outputs?: Readonly<Record<string, unknown>>
}

/** Where a fork leaves its run, and what is different from there on. */
export interface ForkOptions {
  /** The last entry that both have in common, or the name of a checkpoint. @default the last entry there is */
  readonly at?: number | string
  readonly edits?: RunEdits
  /** The id of the fork. @default a random UUID */
  readonly runId?: string
  /** Labels of the fork. @default those of the run */
  readonly tags?: Readonly<Record<string, string>>
}

/** Copies a run up to an entry, edits it, and leaves it to be taken up. */
export async function forkRun(
  store: JournalStore,
  definition: DurableDefinition,
  record: RunRecord,
  forkId: string,
  at: number | undefined,
  { edits = {}, tags }: ForkOptions,
): Promise<void> {
  checkName('runId', forkId)
  checkEdits(edits)
  const { runId } = record
  const reader = new JournalReader(store, record, definition.graph)
  const entries: JournalEntry[] = []
  // What is added meanwhile is not part of it.
  const last = at ?? Math.max(1, record.seq)
  await reader.read(last, entry => entries.push(entry))
  const { tree } = reader
  // What runs inside it that it had no use for any more is not taken up.
  tree.prune(true)
  const now = definition.clock.now()
  for (const { node, fact } of await editsOf(tree, edits, runId)) {
    const facts = [node.facts.encode(fact, node.state)]
    const turn: StoredTurn = { ...(node.path.length === 0 ? {} : { run: node.path }), facts }
    tree.apply(node, facts, now, false)
    entries.push({ seq: entries.length + 1, at: now, data: JSON.stringify(turn) })
  }
  tree.prune(true)
  const root = tree.root as TreeNode
  const status = statusOf(root.state)
  const ended = status === 'completed' || status === 'failed' || status === 'cancelled'
  const fingerprint = reader.fingerprint as string
  const data = await store.definition(fingerprint)
  if (data === undefined) throw damagedJournal(runId, 'its definition', new Error('it is not in the store.'))
  await store.create({
    runId: forkId,
    orchestration: record.orchestration,
    format: journalFormat,
    definition: { fingerprint, version: reader.version, data },
    tags: tags ?? record.tags,
    parent: { runId, seq: last },
    createdAt: now,
    entries,
    change: {
      // Nobody drives it yet; whoever does takes it up.
      status: ended ? status : 'paused',
      states: [...new Set([...root.state.branches.values()].map(branch => branch.node.name))],
      opened: openRequestsOf(tree.nodes, now),
      closed: [],
    },
  })
  await store.release(forkId)
}

const kindsOfEdits = ['properties', 'inputs', 'outputs']

/** An edit that nobody would look at must not pass for one that has been made. @throws OPTION_INVALID */
function checkEdits(edits: RunEdits): void {
  const kinds = kindsOfEdits.join(', ')
  if (!isRecord(edits)) throw new OptionError('edits', `an object with any of ${kinds}`, edits)
  for (const [kind, values] of Object.entries(edits)) {
    if (!kindsOfEdits.includes(kind)) throw new OptionError('edits', `an object with nothing but ${kinds}`, kind)
    if (values !== undefined && !isRecord(values)) throw new OptionError(`edits.${kind}`, 'an object', values)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined
  return prototype === Object.prototype || prototype === null
}

interface NodeEdit {
  readonly node: TreeNode
  readonly fact: EditedFact
}

/** The edits as facts, one for each run that they are about. */
async function editsOf(tree: RunTree, edits: RunEdits, runId: string): Promise<readonly NodeEdit[]> {
  const { properties, inputs = {}, outputs = {} } = edits
  const drafts = new Map<TreeNode, { inputs: EditedValue[]; outputs: EditedValue[] }>()
  const draftOf = (node: TreeNode): { inputs: EditedValue[]; outputs: EditedValue[] } => {
    const draft = drafts.get(node) ?? { inputs: [], outputs: [] }
    drafts.set(node, draft)
    return draft
  }
  for (const [ref, value] of Object.entries(inputs)) {
    const { node, branch } = stepAt(tree, ref, runId)
    if (branch.phase === 'routing') throw notEditable(ref, 'its state has returned already; edit its output', runId)
    if (branch.wait?.kind === 'orchestration') {
      throw notEditable(ref, 'the run inside it has begun; edit a step of that, or fork at an earlier entry', runId)
    }
    draftOf(node).inputs.push(await editedValue(branch, value, 'input'))
  }
  for (const [ref, value] of Object.entries(outputs)) {
    const { node, branch } = stepAt(tree, ref, runId)
    const { phase } = branch
    if (phase !== 'working' && phase !== 'waiting' && phase !== 'routing') {
      throw notEditable(ref, `it is not at work but ${phase}; edit its input, or fork at a later entry`, runId)
    }
    draftOf(node).outputs.push(await editedValue(branch, value, 'output'))
  }
  const root = tree.root as TreeNode
  if (properties !== undefined) draftOf(root)
  return [...drafts].map(([node, draft]) => {
    if (node.state.phase === 'ending' || node.state.phase === 'ended') throw hasEnded(runId)
    const writes = node === root && properties !== undefined ? new Map(Object.entries(properties)) : undefined
    return { node, fact: { type: 'edited', writes, ...draft } }
  })
}

/** The step that a token or the name of a state stands for. */
function stepAt(tree: RunTree, ref: string, runId: string): { readonly node: TreeNode; readonly branch: Branch } {
  const steps = [...tree.nodes].flatMap(node => [...node.state.branches.values()].map(branch => ({ node, branch })))
  const tokenAt = ({ node, branch }: { readonly node: TreeNode; readonly branch: Branch }): string =>
    [...node.path, `${branch.id}:${branch.step}`].join('/')
  const byToken = steps.find(step => tokenAt(step) === ref)
  if (byToken !== undefined) return byToken
  const [step, ...others] = steps.filter(({ branch }) => branch.node.name === ref)
  if (step !== undefined && others.length === 0) return step
  if (steps.length === 0) throw hasEnded(runId)
  const list = steps.map(each => `${tokenAt(each)} ("${each.branch.node.name}")`).join(', ')
  throw new OptionError('edits', `steps that run "${runId}" is at there (by token or state): ${list}`, ref)
}

async function editedValue(branch: Branch, value: unknown, direction: 'input' | 'output'): Promise<EditedValue> {
  const { id, step } = branch
  return { branch: id, step, value: await checked(branch, value, direction) }
}

async function checked(branch: Branch, value: unknown, direction: 'input' | 'output'): Promise<unknown> {
  const { node, phase } = branch
  const where = { state: node.name, direction } as const
  if (direction === 'output' && node.kind === 'signal') return payloadFor(branch, value)
  // What stands in for a state of another definition has no class, and neither have its values.
  const isApproval = node.kind === 'approval' && node.runnable instanceof OrchestrationRunnable
  if (direction === 'output' && isApproval && !outcomes.some(outcome => value instanceof outcome)) {
    throw new OptionError(`edits.outputs of "${node.name}"`, 'an instance of Approved, Rejected or Expired', value)
  }
  const schema = node[direction]
  if (schema === undefined) return value
  try {
    // A join that has fired has the array of what its branches had.
    if (direction === 'input' && node.kind === 'join' && phase !== 'joining') {
      if (!Array.isArray(value)) throw new OptionError(`edits.inputs of "${node.name}"`, 'an array', value)
      return await Promise.all(value.map(item => schema.check(item)))
    }
    return await schema.check(value)
  } catch (thrown) {
    throw thrown instanceof PayloadError ? thrown.at(where) : thrown
  }
}

const outcomes = [Approved, Rejected, Expired]

function notEditable(ref: string, why: string, runId: string): OrchestrationError {
  return new OrchestrationError(`Step "${ref}" of run "${runId}" cannot be edited so: ${why}.`, {
    code: 'OPTION_INVALID',
    details: { runId, step: ref },
  })
}

function hasEnded(runId: string): OrchestrationError {
  return new OrchestrationError(
    `Run "${runId}" is over at that entry, so there is nothing left to edit. Fork it at an earlier entry; history() lists them.`,
    { code: 'RUN_ENDED', details: { runId } },
  )
}
