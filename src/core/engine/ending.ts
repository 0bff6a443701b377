import { eventError } from '../event-error.js'
import { compareTokenOrder } from '../token-order.js'
import { endBranch, reportEnd, seenFromForks, setPhase, stop } from './branches.js'
import { type Branch, type CollectedFailure, type Ending, type RunState, tokenOf } from './run-state.js'
import type { StepOutput } from './step-output.js'

/** The state of a branch failed: its `onError` routes are asked, and if it has none it has failed for good. */
export function failBranch(state: RunState, branch: Branch, error: Error, out: StepOutput): void {
  branch.wait = undefined
  if (branch.failure === undefined && branch.node.errorAdvancers.length > 0) {
    setPhase(state, branch, 'routing')
    branch.failure = error
    out.commands.push({ type: 'recover', branch, error })
    return
  }
  giveUp(state, branch, error, out)
}

/** The state of a branch failed and no route takes over. */
export function giveUp(state: RunState, branch: Branch, error: Error, out: StepOutput): void {
  // A route that failed itself must not hide what it was asked about.
  const errors = branch.failure === undefined || branch.failure === error ? [error] : [branch.failure, error]
  for (const each of errors) reportFailure(state, branch, each, false, out)
  const failures = errors.map(each => ({ error: each, stateName: branch.node.name, token: tokenOf(branch) }))
  if (state.rules.failFast) {
    finish(state, { status: 'failed', failures }, out)
    return
  }
  const collected: CollectedFailure = { failures, node: branch.node, absorbed: false }
  state.failures.push(collected)
  seenFromForks(state, branch, (tally, place) => void tally.failures.set(collected, place))
  endBranch(state, branch, 'failed', out)
}

/** Tells that a state failed. */
export function reportFailure(state: RunState, branch: Branch, error: Error, handled: boolean, out: StepOutput): void {
  if (!out.observed) {
    out.unseen++
    return
  }
  out.events.push({
    type: 'state.failed',
    runId: state.runId,
    seq: 0,
    at: out.at,
    stateName: branch.node.name,
    token: tokenOf(branch),
    error: eventError(error),
    errorMessage: error.message,
    handled,
  })
}

/** Decides how the run ends. Everything still under way is stopped; nothing that it does from here on counts. */
export function finish(state: RunState, ending: Ending, out: StepOutput): void {
  state.ending = ending
  state.phase = 'ending'
  state.results.sort((a, b) => compareTokenOrder(a.order, b.order))
  const reason = ending.status === 'cancelled' ? ending.reason : 'the run has failed'
  for (const branch of state.branches.values()) {
    // The branch whose failure ends the run has stopped by itself.
    const failedHere = ending.status === 'failed' && ending.failures[0]?.token === tokenOf(branch)
    if (!failedHere) stop(state, branch, reason, out)
    reportEnd(state, branch, failedHere ? 'failed' : 'cancelled', out)
    branch.phase = 'gone'
  }
  state.branches.clear()
  state.active = 0
  state.waiting = 0
  state.ready = []
  state.readyFrom = 0
  state.nextLayer = []
  state.touched = []
  for (const barrier of state.timedBarriers?.keys() ?? []) out.commands.push({ type: 'stop-join-timer', barrier })
  state.timedBarriers = undefined
  out.commands.push({ type: 'finish' })
}
