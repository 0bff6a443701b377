import type { GraphNode } from '../graph.js'
import { count, lineUp, remove, setPhase } from './branches.js'
import type { Move } from './fact.js'
import { arrive } from './joining.js'
import { type Branch, createFork, type Fork, type RunState, tokenOf } from './run-state.js'
import type { StepOutput } from './step-output.js'

/** A branch as it is opened, at its first state. */
export function openBranch(
  id: string,
  order: readonly number[],
  fork: Fork,
  node: GraphNode,
  move: Pick<Move, 'input' | 'checked' | 'runnable'>,
  missed: Branch['missed'],
): Branch {
  const { input, checked, runnable } = move
  return {
    id,
    order,
    fork,
    step: 0,
    node,
    input,
    checked,
    runnable,
    reruns: 0,
    phase: 'ready',
    output: undefined,
    wait: undefined,
    kept: undefined,
    asked: undefined,
    failure: undefined,
    missed,
    barrier: undefined,
  }
}

/** Lets a branch come to its state: at a join it arrives, for any other it stands in line. */
export function enter(state: RunState, branch: Branch, out: StepOutput): void {
  // A sibling that arrived just before may have fired a join that cancelled this branch, or have ended the run.
  if (branch.phase === 'gone') return
  if (branch.node.kind === 'join') arrive(state, branch, out)
  else lineUp(state, branch)
}

/** The branch goes on at another state. */
export function goOn(state: RunState, branch: Branch, move: Move, out: StepOutput): void {
  const from = branch.node
  count(state, branch, -1)
  setPhase(state, branch, 'ready')
  branch.step++
  branch.node = nodeNamed(state, move.to)
  branch.input = move.input
  branch.checked = move.checked
  branch.runnable = move.runnable
  branch.reruns = 0
  branch.output = undefined
  branch.kept = undefined
  branch.asked = undefined
  branch.failure = undefined
  count(state, branch, 1)
  if (out.observed) reportTransition(state, from, `${branch.id}:${branch.step - 1}`, branch, move, out)
  else out.unseen++
  enter(state, branch, out)
}

/** The branch fans out: it is over, and each move opens a branch of its own. */
export function fanOut(state: RunState, branch: Branch, moves: readonly Move[], out: StepOutput): void {
  remove(state, branch)
  branch.output = undefined
  const fork = createFork(branch, branch.step, branch.node, state.scopes !== undefined)
  const parentToken = tokenOf(branch)
  const parentOrder = [...branch.order, branch.step]
  const children: Branch[] = []
  for (const [index, move] of moves.entries()) {
    const node = nodeNamed(state, move.to)
    const child = openBranch(`${parentToken}.${index}`, [...parentOrder, index], fork, node, move, branch.missed)
    children.push(child)
    state.branches.set(child.id, child)
    count(state, child, 1)
    if (out.observed) {
      reportBranch(state, child, parentToken, out)
      reportTransition(state, branch.node, parentToken, child, move, out)
    } else out.unseen += 2
  }
  // Only now: a join has to see all siblings before the first of them arrives.
  for (const child of children) enter(state, child, out)
}

function nodeNamed(state: RunState, name: string): GraphNode {
  const node = state.graph.byName.get(name)
  if (node === undefined) throw new Error(`A recorded fact names state "${name}", which the graph does not have.`)
  return node
}

function reportTransition(
  state: RunState,
  from: GraphNode,
  fromToken: string,
  branch: Branch,
  move: Move,
  out: StepOutput,
): void {
  out.events.push({
    type: 'state.transition',
    runId: state.runId,
    seq: 0,
    at: out.at,
    fromState: from.name,
    toState: branch.node.name,
    advancer: move.advancer,
    fromToken,
    toToken: tokenOf(branch),
  })
}

function reportBranch(state: RunState, branch: Branch, parent: string, out: StepOutput): void {
  out.events.push({
    type: 'branch.created',
    runId: state.runId,
    seq: 0,
    at: out.at,
    branch: branch.id,
    parent,
    stateName: branch.node.name,
  })
}
