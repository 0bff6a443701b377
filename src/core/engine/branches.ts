import type { BranchOutcome } from '../events.js'
import type { GraphNode } from '../graph.js'
import {
  type Barrier,
  type Branch,
  enclosingFork,
  type Fork,
  type ForkTally,
  type RunState,
  tokenOf,
} from './run-state.js'
import type { StepOutput } from './step-output.js'

/** Puts a branch in line for being started. */
export function lineUp(state: RunState, branch: Branch): void {
  branch.phase = 'ready'
  if (state.rules.lockstep) state.nextLayer.push(branch)
  else state.ready.push(branch)
}

/** A branch changes its phase; the numbers of those at work and of those that wait follow. */
export function setPhase(state: RunState, branch: Branch, phase: Branch['phase']): void {
  if (branch.phase === 'working' || branch.phase === 'routing') state.active--
  else if (branch.phase === 'waiting') state.waiting--
  if (phase === 'working' || phase === 'routing') state.active++
  else if (phase === 'waiting') state.waiting++
  branch.phase = phase
}

/** Keeps count, for joins, of where the branches of each fork are. */
export function count(state: RunState, branch: Branch, change: 1 | -1): void {
  if (state.scopes === undefined) return
  for (let fork: Fork | undefined = branch.fork; fork?.tally !== undefined; fork = enclosingFork(fork)) {
    const { live, barriers } = fork.tally
    live.set(branch.node, (live.get(branch.node) ?? 0) + change)
    if (barriers.size > 0) state.touched.push(fork)
  }
}

/** Takes a branch out of the run without a word. */
export function remove(state: RunState, branch: Branch): void {
  count(state, branch, -1)
  setPhase(state, branch, 'gone')
  state.branches.delete(branch.id)
}

/** The branch is over, and no join took it up. */
export function endBranch(state: RunState, branch: Branch, outcome: BranchOutcome, out: StepOutput): void {
  remove(state, branch)
  seenFromForks(state, branch, ({ endedAt }, place) => void endedAt.add(place))
  reportEnd(state, branch, outcome, out)
}

/**
 * The state at which a branch is, for each fork around it. Whoever is inside a fan-out that a join names comes out of it at that join
 * only: from outside, it is at the state that has opened the outermost such fan-out, like somebody who is inside a call.
 */
export function seenFromForks(
  { scopes }: RunState,
  branch: Branch,
  see: (tally: ForkTally, place: GraphNode) => void,
): void {
  let place = branch.node
  for (let fork: Fork | undefined = branch.fork; fork?.tally !== undefined; fork = enclosingFork(fork)) {
    see(fork.tally, place)
    const { origin } = fork
    if (origin !== undefined && scopes?.isNamed(origin) === true) place = origin
  }
}

/** Tells that a branch that was opened by a fan-out is over. */
export function reportEnd(state: RunState, branch: Branch, outcome: BranchOutcome, out: StepOutput): void {
  // The one that the run began with is over with the run; others may have come to its level at a join.
  if (branch.order.length === 1) return
  if (!out.observed) {
    out.unseen++
    return
  }
  const { id, node } = branch
  out.events.push({
    type: 'branch.completed',
    runId: state.runId,
    seq: 0,
    at: out.at,
    branch: id,
    outcome,
    stateName: node.name,
  })
}

/** Stops a branch that nobody needs any more. */
export function cancelBranch(state: RunState, branch: Branch, reason: string, out: StepOutput): void {
  stop(state, branch, reason, out)
  if (branch.barrier !== undefined) leaveBarrier(state, branch, branch.barrier, out)
  remove(state, branch)
  reportEnd(state, branch, 'cancelled', out)
}

/** A branch no longer waits at a join; one at which nobody waits is as if nobody had come. */
function leaveBarrier(state: RunState, branch: Branch, { key, node, fork, arrivals }: Barrier, out: StepOutput): void {
  arrivals.splice(arrivals.indexOf(branch), 1)
  if (arrivals.length > 0) return
  fork.tally?.barriers.delete(node)
  if (state.timedBarriers?.delete(key) === true) out.commands.push({ type: 'stop-join-timer', barrier: key })
}

/** Tells a branch's state to stop, if it is at work or waits. */
export function stop(state: RunState, branch: Branch, reason: string, out: StepOutput): void {
  const { phase } = branch
  if (phase !== 'working' && phase !== 'routing' && phase !== 'waiting') return
  out.commands.push({ type: 'abort', branch, reason })
  if (!out.observed) {
    out.unseen++
    return
  }
  const stateName = branch.node.name
  out.events.push({
    type: 'state.skipped',
    runId: state.runId,
    seq: 0,
    at: out.at,
    stateName,
    token: tokenOf(branch),
    reason,
  })
}

/** Nobody is at work, but for those that only wait for a person. */
export function isAtRest({ active, branches }: RunState): boolean {
  if (active === 0) return true
  let asking = 0
  for (const { phase, asked } of branches.values()) if (phase === 'working' && asked !== undefined) asking++
  return active === asking
}
