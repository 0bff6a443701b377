import { OrchestrationError } from '../../errors/index.js'
import type { GraphNode } from '../graph.js'
import type { ResolvedJoinOptions } from '../join.js'
import { compareTokenOrder, type TokenOrder } from '../token-order.js'
import { cancelBranch, count, endBranch, lineUp, remove, reportEnd, setPhase } from './branches.js'
import { failBranch } from './ending.js'
import type { JoinScopes, StateSet } from './join-scopes.js'
import {
  type Barrier,
  type Branch,
  type CollectedFailure,
  enclosingFork,
  type Fork,
  type ForkTally,
  type RunState,
  tokenOf,
} from './run-state.js'
import { countStep } from './scheduling.js'
import type { StepOutput } from './step-output.js'

/** A branch comes to a join and waits there for the others of its fork. */
export function arrive(state: RunState, branch: Branch, out: StepOutput): void {
  setPhase(state, branch, 'joining')
  const { node } = branch
  const fork = forkClosedBy(state, branch)
  if (branch.missed?.has(barrierKey(fork, node)) === true) {
    endBranch(state, branch, 'joined', out)
    return
  }
  const barrier = barrierAt(state, fork, node, out)
  barrier.arrivals.push(branch)
  branch.barrier = barrier
  reportWaiting(state, branch, barrier, out)
  const { quorum } = optionsOf(node)
  if (quorum !== undefined && barrier.arrivals.length >= quorum) fire(state, barrier, true, undefined, out)
  else state.touched.push(fork)
}

/** Fires every join for which nobody else can arrive any more. */
export function settleJoins(state: RunState, out: StepOutput): void {
  for (let fork = state.touched.pop(); fork !== undefined; fork = state.touched.pop()) {
    for (const barrier of tallyOf(fork).barriers.values()) {
      // A join that closed just before may have failed the run.
      if (state.phase === 'ending') return
      if (!canGrow(state, barrier)) close(state, barrier, out)
    }
  }
}

/**
 * Every branch waits at a join, each join for a branch that waits at another: possible in graphs where joins lead to each other.
 * The one declared first goes on with what it has, and the others still count on theirs. False if there is none.
 */
export function breakStandstill(state: RunState, out: StepOutput): boolean {
  let first: Barrier | undefined
  for (const { barrier } of state.branches.values()) {
    if (barrier !== undefined && (first === undefined || isBefore(barrier, first))) first = barrier
  }
  if (first === undefined) return false
  close(state, first, out)
  return true
}

/** Of several barriers of one join an inner one is first, so that what it leads to can still come to the outer one. */
function isBefore(a: Barrier, b: Barrier): boolean {
  if (a.node !== b.node) return a.node.index < b.node.index
  const placeA = placeOf(a.fork)
  const placeB = placeOf(b.fork)
  return placeA.length === placeB.length ? compareTokenOrder(placeA, placeB) < 0 : placeA.length > placeB.length
}

function placeOf({ parent, step }: Fork): TokenOrder {
  return parent === undefined ? [] : [...parent.order, step]
}

/** The time limit of a join is over. */
export function timeOutJoin(state: RunState, key: string, out: StepOutput): void {
  const barrier = state.timedBarriers?.get(key)
  if (barrier === undefined) return
  const { node, arrivals } = barrier
  const { timeoutMs, onInsufficient } = optionsOf(node)
  const reason = `time is up after ${timeoutMs} ms with ${arrivals.length} arrived`
  fire(state, barrier, true, onInsufficient === 'fail' ? insufficient(node, reason) : undefined, out)
}

/** Nobody else can arrive: the join goes on if its policy is satisfied, and as `onInsufficient` says if not. */
function close(state: RunState, barrier: Barrier, out: StepOutput): void {
  const { node, arrivals } = barrier
  const { quorum, onInsufficient } = optionsOf(node)
  const failed = openFailures(state, barrier).length
  const missing = quorum === undefined ? failed > 0 : arrivals.length < quorum
  const wanted =
    quorum === undefined ? `${failed} of its branches failed` : `${quorum} needed, ${arrivals.length} arrived`
  fire(state, barrier, false, missing && onInsufficient === 'fail' ? insufficient(node, wanted) : undefined, out)
}

/** The join goes on with what arrived, or fails with `error`; `early` if others are still on their way. */
function fire(state: RunState, barrier: Barrier, early: boolean, error: Error | undefined, out: StepOutput): void {
  const { node, fork, key } = barrier
  tallyOf(fork).barriers.delete(node)
  if (state.timedBarriers?.delete(key) === true) out.commands.push({ type: 'stop-join-timer', barrier: key })
  const arrivals = barrier.arrivals.sort((a, b) => compareTokenOrder(a.order, b.order))
  for (const branch of arrivals) {
    branch.barrier = undefined
    remove(state, branch)
  }
  if (early) dismissRest(state, barrier, out)
  if (error === undefined) {
    for (const failure of openFailures(state, barrier)) failure.absorbed = true
  }
  const joined = joinedBranch(state, barrier, arrivals)
  // The one whose name the joined branch keeps is not over.
  for (const branch of arrivals) if (branch.id !== joined.id) reportEnd(state, branch, 'joined', out)
  for (const branch of arrivals) leaveForks(branch, joined.fork, node)
  state.branches.set(joined.id, joined)
  count(state, joined, 1)
  if (error === undefined) {
    reportFired(state, joined, arrivals, out)
    lineUp(state, joined)
  } else {
    // A join that fails is not invoked, but its onError may lead back to it.
    if (!countStep(state, node, out)) return
    setPhase(state, joined, 'working')
    failBranch(state, joined, error, out)
  }
}

/** What could still have arrived is cancelled, or, if the join says so, let go on without being waited for. */
function dismissRest(state: RunState, barrier: Barrier, out: StepOutput): void {
  const { node, fork } = barrier
  const { cancelRest } = optionsOf(node)
  const reaching = scopesOf(state).reaching(node, fork.origin)
  if (!canGrow(state, barrier) && (tallyOf(fork).live.get(node) ?? 0) === 0) return
  for (const branch of [...state.branches.values()]) {
    if (!(branch.node === node || reaching.has(branch.node)) || !isInside(branch, fork)) continue
    if (cancelRest) cancelBranch(state, branch, `join "${node.name}" no longer needs this branch`, out)
    else branch.missed = new Set([...(branch.missed ?? []), barrier.key])
  }
}

/**
 * The branch that goes on from a join: the one that forked, if nothing else of its fan-out is left. If others are still under
 * way it is the last of those that arrived: its name is free, and it comes after all of them in token order.
 */
function joinedBranch(state: RunState, barrier: Barrier, arrivals: readonly Branch[]): Branch {
  const { node } = barrier
  const heir = heirOf(state, barrier, arrivals)
  return {
    id: heir.branch.id,
    order: heir.branch.order,
    fork: heir.fork,
    step: heir.step,
    node,
    input: arrivals.map(branch => branch.input),
    checked: arrivals.every(branch => branch.checked !== undefined) ? node.input : undefined,
    runnable: undefined,
    reruns: 0,
    phase: 'joining',
    output: undefined,
    wait: undefined,
    kept: undefined,
    asked: undefined,
    failure: undefined,
    missed: missedByAny([heir.branch, ...arrivals]),
    barrier: undefined,
  }
}

/** Who goes on from a join, in which fork and at which step. */
interface Heir {
  readonly branch: Branch
  readonly fork: Fork
  readonly step: number
}

/**
 * The barrier's fork may be wider than the one the arrivals come from: where several fan-outs share a join, none of them is on
 * every path to it. Closing the narrow ones too keeps identities short when such a fan-out is part of a loop.
 */
function heirOf(state: RunState, { node, fork }: Barrier, arrivals: readonly Branch[]): Heir {
  const last = arrivals.at(-1) as Branch
  let heir: Heir = { branch: last, fork, step: last.step }
  let at: Fork | undefined = last.fork
  while (at !== undefined && !arrivals.every(branch => isInside(branch, at as Fork))) at = enclosingFork(at)
  while (at?.parent !== undefined && isOver(state, at, node)) {
    heir = { branch: at.parent, fork: at.parent.fork, step: at.step + 1 }
    if (at === fork) break
    at = enclosingFork(at)
  }
  return heir
}

/** For the fan-outs that a join leads out of, the branch is over, as if it had ended at the join. */
function leaveForks({ fork }: Branch, into: Fork, join: GraphNode): void {
  for (let at: Fork | undefined = fork; at !== undefined && !isWithin(into, at); at = enclosingFork(at)) {
    tallyOf(at).endedAt.add(join)
  }
}

/** The barriers that any of these branches need not wait at any more. */
function missedByAny(branches: readonly Branch[]): Branch['missed'] {
  let all: Branch['missed']
  for (const { missed } of branches) {
    if (missed !== undefined && missed !== all) all = all === undefined ? missed : new Set([...all, ...missed])
  }
  return all
}

/** Whether nothing of a fork is left, and nothing of it ended where it could not have come to `join`. */
function isOver(state: RunState, fork: Fork, join: GraphNode): boolean {
  const { live, endedAt } = tallyOf(fork)
  for (const branches of live.values()) if (branches > 0) return false
  const leading = leadingTo(state, join, fork)
  for (const node of endedAt) if (!leading.has(node)) return false
  return true
}

/**
 * Where somebody would have been waited for. Whoever is not waited for may have ended before a join fires or after it, and nothing may
 * depend on that.
 */
function leadingTo(state: RunState, join: GraphNode, { origin }: Fork): StateSet {
  const scopes = scopesOf(state)
  return optionsOf(join).forkedBy === undefined ? scopes.reaching(join, origin) : scopes.approaching(join)
}

function canGrow(state: RunState, barrier: Barrier): boolean {
  const { node, fork, arrivals } = barrier
  const reaching = scopesOf(state).reaching(node, fork.origin)
  for (const [at, branches] of tallyOf(fork).live) {
    if (!reaching.has(at) || branches <= (at === node ? arrivals.length : 0)) continue
    if (optionsOf(node).forkedBy === undefined) return true
    for (const branch of state.branches.values()) if (isComing(state, branch, barrier)) return true
    return false
  }
  return false
}

/** Whether a branch is still on its way to a join that names its fan-out: from where it is, or from where it leaves fan-outs inside. */
function isComing(state: RunState, branch: Branch, barrier: Barrier): boolean {
  const { node, fork } = barrier
  if (branch.barrier === barrier || !isInside(branch, fork)) return false
  const scopes = scopesOf(state)
  const approaching = scopes.approaching(node)
  if (branch.node === node) return true
  // Where it waits at a join of wider fan-outs, that join waits for this one.
  const waits = branch.barrier !== undefined && branch.node.join?.forkedBy !== optionsOf(node).forkedBy
  if (!waits && approaching.has(branch.node)) return true
  for (let at = branch.fork; at !== fork; at = enclosingFork(at) as Fork) {
    if (at.origin !== undefined && scopes.closing(at.origin).some(join => approaching.has(join))) return true
  }
  return false
}

/** The failures that have kept somebody from coming. */
function openFailures(state: RunState, { node, fork }: Barrier): readonly CollectedFailure[] {
  const { failures } = tallyOf(fork)
  if (failures.size === 0) return []
  const leading = leadingTo(state, node, fork)
  return [...failures].flatMap(([failure, place]) => (failure.absorbed || !leading.has(place) ? [] : failure))
}

/**
 * The innermost fan-out of the state that the join names; if it names none, the innermost that every path to it runs through. The
 * whole run if there is no such fan-out.
 */
function forkClosedBy(state: RunState, { node, fork: innermost }: Branch): Fork {
  const scopes = scopesOf(state)
  const { forkedBy } = optionsOf(node)
  const closes = (origin: GraphNode): boolean =>
    forkedBy === undefined ? scopes.closes(node, origin) : origin.name === forkedBy
  let fork = innermost
  while (fork.origin !== undefined && !closes(fork.origin)) fork = enclosingFork(fork) ?? state.root
  return fork
}

function barrierAt(state: RunState, fork: Fork, node: GraphNode, out: StepOutput): Barrier {
  const { barriers } = tallyOf(fork)
  let barrier = barriers.get(node)
  if (barrier === undefined) {
    const { timeoutMs } = optionsOf(node)
    const due = timeoutMs === undefined ? undefined : out.at + timeoutMs
    barrier = { key: barrierKey(fork, node), node, fork, arrivals: [], due }
    barriers.set(node, barrier)
    if (timeoutMs !== undefined) {
      state.timedBarriers ??= new Map()
      state.timedBarriers.set(barrier.key, barrier)
      out.commands.push({ type: 'start-join-timer', barrier: barrier.key, ms: timeoutMs })
    }
  }
  return barrier
}

function barrierKey({ parent, step }: Fork, node: GraphNode): string {
  return `${parent === undefined ? '' : `${parent.id}:${step}`}/${node.name}`
}

function isInside(branch: Branch, fork: Fork): boolean {
  return isWithin(branch.fork, fork)
}

function isWithin(inner: Fork, outer: Fork): boolean {
  for (let at: Fork | undefined = inner; at !== undefined; at = enclosingFork(at)) if (at === outer) return true
  return false
}

function insufficient(node: GraphNode, reason: string): OrchestrationError {
  return new OrchestrationError(
    `Join "${node.name}" did not get the branches it needs: ${reason}. ` +
      "Give it another policy or a longer timeout, let it go on with `onInsufficient: 'proceed'`, or add an onError() route.",
    { code: 'JOIN_INSUFFICIENT', details: { stateName: node.name, reason } },
  )
}

function reportWaiting(state: RunState, branch: Branch, barrier: Barrier, out: StepOutput): void {
  if (!out.observed) {
    out.unseen++
    return
  }
  out.events.push({
    type: 'join.waiting',
    runId: state.runId,
    seq: 0,
    at: out.at,
    stateName: barrier.node.name,
    token: tokenOf(branch),
    arrived: barrier.arrivals.length,
  })
}

function reportFired(state: RunState, joined: Branch, arrivals: readonly Branch[], out: StepOutput): void {
  if (!out.observed) {
    out.unseen++
    return
  }
  out.events.push({
    type: 'join.fired',
    runId: state.runId,
    seq: 0,
    at: out.at,
    stateName: joined.node.name,
    token: tokenOf(joined),
    branches: arrivals.map(branch => branch.id),
  })
}

function optionsOf(node: GraphNode): ResolvedJoinOptions {
  return node.join as ResolvedJoinOptions
}

/** Only graphs with joins get here, and those are counted. */
function tallyOf(fork: Fork): ForkTally {
  return fork.tally as ForkTally
}

function scopesOf(state: RunState): JoinScopes {
  return state.scopes as JoinScopes
}
