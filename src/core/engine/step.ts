import { OrchestrationError } from '../../errors/index.js'
import { count, isAtRest } from './branches.js'
import { onAdvanced, onStuck } from './decisions.js'
import { failBranch, finish } from './ending.js'
import type { Fact, ResumeFact, StartedFact } from './fact.js'
import { enter, openBranch } from './forking.js'
import { breakStandstill, settleJoins, timeOutJoin } from './joining.js'
import { live, onAnswered, onAsked, onCompleted, onEdited, onKept, onReplied, onWaiting } from './outcomes.js'
import type { RunState } from './run-state.js'
import { dispatch } from './scheduling.js'
import { reportEmitted, reportEnded, reportPhase, reportStarted } from './step-events.js'
import type { StepOutput } from './step-output.js'
import { takeUp } from './taking-up.js'
import { addInnerUsage } from './usage-account.js'

/**
 * Applies one fact to a run and writes into `out` what follows: commands for the driver, and events, whose time is `out.at`.
 *
 * There is no clock, no promise, no randomness and no I/O in here. The same facts in the same order give the same state, the
 * same commands and the same events; replay, resume and time travel rest on that. A fact about a step that is over, or about a
 * run that has ended, changes nothing.
 */
export function step(state: RunState, fact: Fact, out: StepOutput): void {
  if (state.phase === 'ended') return
  if (fact.type === 'emitted') return reportEmitted(state, fact, out)
  if (state.phase === 'ending') return windUp(state, fact, out)
  apply(state, fact, out)
  goAhead(state, out)
}

/** What still matters once it is decided how the run ends. */
function windUp(state: RunState, fact: Fact, out: StepOutput): void {
  if (fact.type === 'ended') {
    state.phase = 'ended'
    state.outcome = { output: fact.output, failure: fact.failure }
    reportEnded(state, fact, out)
    out.commands.push({ type: 'settle' })
  } else if (fact.type === 'kept') {
    onKept(state, fact, out)
  } else if (fact.type === 'resume' && fact.takenUp === true) {
    reportPhase(state, 'orchestration.resumed', out)
    out.commands.push({ type: 'finish' })
  }
}

function isOpen({ phase }: RunState): boolean {
  return phase === 'running' || phase === 'pausing' || phase === 'paused'
}

function apply(state: RunState, fact: Fact, out: StepOutput): void {
  switch (fact.type) {
    case 'completed':
      return onCompleted(state, fact, out)
    case 'advanced':
      return onAdvanced(state, fact, out)
    case 'started':
      return onStarted(state, fact, out)
    case 'failed': {
      const branch = live(state, fact)
      if (branch !== undefined && fact.usage !== undefined) addInnerUsage(state, branch.node.name, fact.usage)
      if (branch !== undefined) failBranch(state, branch, fact.error, out)
      return
    }
    case 'stuck':
      return onStuck(state, fact, out)
    case 'waiting':
      return onWaiting(state, fact, out)
    case 'answered':
      return onAnswered(state, fact, out)
    case 'join.timed-out':
      return timeOutJoin(state, fact.barrier, out)
    case 'pause':
      if (state.phase === 'running') state.phase = 'pausing'
      else if (state.phase === 'created') state.pauseAtStart = true
      return
    case 'resume':
      return onResume(state, fact, out)
    case 'asked':
      return onAsked(state, fact, out)
    case 'replied':
      return onReplied(state, fact, out)
    case 'kept':
      return onKept(state, fact, out)
    case 'edited':
      return onEdited(state, fact, out)
    case 'cancel':
      return finish(state, { status: 'cancelled', reason: fact.reason }, out)
    case 'abandon':
      return finish(state, { status: 'failed', failures: [fact.failure] }, out)
    case 'ended':
    case 'emitted':
      return
  }
}

function onResume(state: RunState, { takenUp = false }: ResumeFact, out: StepOutput): void {
  state.pauseAtStart = false
  if (state.phase === 'paused' || takenUp) reportPhase(state, 'orchestration.resumed', out)
  if (state.phase === 'pausing' || state.phase === 'paused') state.phase = 'running'
  if (takenUp) takeUp(state, out)
}

/** Fires the joins that are ready, starts what may start, and notices when the run stands still, is paused or is over. */
function goAhead(state: RunState, out: StepOutput): void {
  while (isOpen(state)) {
    settleJoins(state, out)
    if (isOpen(state)) dispatch(state, out)
    if (!isOpen(state)) return
    const idle = state.active + state.waiting + (state.ready.length - state.readyFrom) + state.nextLayer.length === 0
    if (idle && state.branches.size === 0) return conclude(state, out)
    if (!idle || !breakStandstill(state, out)) break
  }
  if (state.phase === 'pausing' && isAtRest(state)) {
    state.phase = 'paused'
    reportPhase(state, 'orchestration.paused', out)
  }
}

/** No branch is left. */
function conclude(state: RunState, out: StepOutput): void {
  const failures = state.failures.flatMap(({ failures: each, absorbed }) => (absorbed ? [] : each))
  if (failures.length > 0) {
    finish(state, { status: 'failed', failures }, out)
    return
  }
  if (state.results.length > 0) finish(state, { status: 'completed' }, out)
  else finish(state, { status: 'failed', failures: [{ error: noOutput(state) }] }, out)
}

function noOutput({ graph }: RunState): OrchestrationError {
  const wanted =
    graph.result === undefined ? 'no terminal state was reached' : `state "${graph.result.name}" did not complete`
  return new OrchestrationError(
    `Orchestration "${graph.name}" ended without output: every branch ended, but ${wanted}. ` +
      'An advancer that returns null or an empty array ends its branch; so does allowDeadEnd.',
    { code: 'NO_OUTPUT', details: { orchestration: graph.name } },
  )
}

function onStarted(state: RunState, fact: StartedFact, out: StepOutput): void {
  if (state.phase !== 'created') return
  state.phase = state.pauseAtStart ? 'pausing' : 'running'
  state.startedAt = out.at
  const { input, checked } = fact
  const branch = openBranch('0', [0], state.root, state.graph.entry, { input, checked, runnable: undefined }, undefined)
  state.branches.set(branch.id, branch)
  count(state, branch, 1)
  reportStarted(state, input, out)
  enter(state, branch, out)
}
