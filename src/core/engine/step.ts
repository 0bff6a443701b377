import { OrchestrationError } from '../../errors/index.js'
import type { PropertyWrites } from '../properties.js'
import { compareTokenOrder } from '../token-order.js'
import { count, endBranch, lineUp, setPhase } from './branches.js'
import { edit, edited } from './editing.js'
import { failBranch, finish, giveUp, reportFailure } from './ending.js'
import type {
  AdvancedFact,
  AnsweredFact,
  AskedFact,
  CompletedFact,
  EditedFact,
  Fact,
  KeptFact,
  RepliedFact,
  ResumeFact,
  StartedFact,
  StuckFact,
  WaitingFact,
} from './fact.js'
import { enter, fanOut, goOn, openBranch } from './forking.js'
import { breakStandstill, settleJoins, timeOutJoin } from './joining.js'
import { answerKey, type Branch, orderOf, questionId, type RunState, tokenOf } from './run-state.js'
import { dispatch } from './scheduling.js'
import {
  reportAnswer,
  reportAsked,
  reportCompleted,
  reportDecision,
  reportEmitted,
  reportEnded,
  reportPhase,
  reportRerun,
  reportStarted,
  reportWaiting,
} from './step-events.js'
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

function onAsked(state: RunState, fact: AskedFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'working') return
  const { name, message, subject, until } = fact
  ;(branch.asked ??= new Map()).set(name, { message, subject, until })
  reportAsked(state, branch, fact, out)
}

function onReplied(state: RunState, { branch: id, step: number, name, approval }: RepliedFact, out: StepOutput): void {
  const branch = live(state, { branch: id, step: number })
  const asked = branch?.asked?.delete(name) === true
  if (branch !== undefined && asked) {
    if (branch.asked?.size === 0) branch.asked = undefined
    ;(branch.kept ??= new Map()).set(answerKey(name), approval)
    reportDecision(state, branch, questionId(branch, name), approval, out)
  }
  out.commands.push({ type: 'kept', token: `${id}:${number}`, name: answerKey(name), kept: asked })
}

function onEdited(state: RunState, fact: EditedFact, out: StepOutput): void {
  edit(state, fact)
  for (const each of fact.outputs) {
    const branch = edited(state, each)
    if (branch === undefined) continue
    const { phase } = branch
    if (phase !== 'working' && phase !== 'waiting' && phase !== 'routing') continue
    branch.wait = undefined
    branch.failure = undefined
    handOn(state, branch, each.value, out)
  }
}

function onKept(state: RunState, fact: KeptFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch !== undefined) (branch.kept ??= new Map()).set(fact.name, fact.value)
  out.commands.push({ type: 'kept', token: `${fact.branch}:${fact.step}`, name: fact.name, kept: branch !== undefined })
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

/** Nobody is at work, but for those that only wait for a person. */
function isAtRest({ active, branches }: RunState): boolean {
  if (active === 0) return true
  let asking = 0
  for (const { phase, asked } of branches.values()) if (phase === 'working' && asked !== undefined) asking++
  return active === asking
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

/** The branch a fact is about, if it is still at that step. */
function live(state: RunState, fact: { readonly branch: string; readonly step: number }): Branch | undefined {
  const branch = state.branches.get(fact.branch)
  if (branch === undefined || branch.step !== fact.step) return undefined
  return branch.phase === 'working' || branch.phase === 'routing' || branch.phase === 'waiting' ? branch : undefined
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

function onCompleted(state: RunState, fact: CompletedFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'working') return
  write(state, branch, fact.writes)
  handOn(state, branch, fact.output, out)
}

/** A state has its output: it is the result of a terminal state, and is routed otherwise. */
function handOn(state: RunState, branch: Branch, output: unknown, out: StepOutput): void {
  const { node } = branch
  const { result } = state.graph
  state.outputs[node.index] = output
  reportCompleted(state, branch, output, out)
  const terminal = node.advancers.length === 0
  if (result === undefined ? terminal : result === node)
    state.results.push({ node, order: orderOf(branch), value: output })
  if (terminal) {
    endBranch(state, branch, 'completed', out)
    return
  }
  setPhase(state, branch, 'routing')
  branch.output = output
  out.commands.push({ type: 'route', branch, output })
}

function onAdvanced(state: RunState, fact: AdvancedFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'routing') return
  if (fact.forked && fact.moves.length > state.rules.maxFanOut) {
    failBranch(state, branch, tooWide(state, branch, fact), out)
    return
  }
  write(state, branch, fact.writes)
  if (branch.failure !== undefined) reportFailure(state, branch, branch.failure, true, out)
  const first = fact.moves[0]
  if (first === undefined) endBranch(state, branch, 'ended', out)
  else if (fact.forked) fanOut(state, branch, fact.moves, out)
  else goOn(state, branch, first, out)
}

function tooWide({ rules: { maxFanOut } }: RunState, branch: Branch, { moves }: AdvancedFact): OrchestrationError {
  const { name: stateName } = branch.node
  const advancer = [...new Set(moves.map(move => move.advancer))].join(', ')
  return new OrchestrationError(
    `The output of "${stateName}" fans out to ${moves.length} branches, by ${advancer}; at most ${maxFanOut} are allowed. ` +
      'Raise maxFanOut, or send on fewer items at a time.',
    {
      code: 'FAN_OUT_TOO_WIDE',
      details: { stateName, token: tokenOf(branch), advancer, width: moves.length, maxFanOut },
    },
  )
}

function onStuck(state: RunState, fact: StuckFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'routing') return
  const { node } = branch
  if (branch.failure !== undefined) giveUp(state, branch, branch.failure, out)
  else if (branch.reruns < node.reruns) {
    // A new step: whoever recognises repeated calls by their identity must not take this one for a repetition.
    branch.step++
    branch.reruns++
    branch.output = undefined
    branch.kept = undefined
    branch.asked = undefined
    reportRerun(state, branch, out)
    setPhase(state, branch, 'ready')
    lineUp(state, branch)
  } else if (node.allowDeadEnd) endBranch(state, branch, 'ended', out)
  else failBranch(state, branch, unableToAdvance(branch), out)
}

function unableToAdvance(branch: Branch): OrchestrationError {
  const { node } = branch
  const asked = node.advancers.map(advancer => advancer.name).join(', ')
  const again = branch.reruns === 0 ? '' : ` after ${branch.reruns} reruns`
  return new OrchestrationError(
    `Unable to advance to next state from "${node.name}"${again}: none of its advancers (${asked}) matched the output. ` +
      'Check their conditions, add one that always matches, or set allowDeadEnd if the branch may end here.',
    { code: 'UNABLE_TO_ADVANCE', details: { stateName: node.name, token: tokenOf(branch) } },
  )
}

function onWaiting(state: RunState, fact: WaitingFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'working') return
  setPhase(state, branch, 'waiting')
  const { kind, message, until } = fact
  branch.wait = { kind, message, until }
  reportWaiting(state, branch, fact, out)
}

function onAnswered(state: RunState, fact: AnsweredFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'waiting') return
  branch.wait = undefined
  if (fact.usage !== undefined) addInnerUsage(state, branch.node.name, fact.usage)
  reportAnswer(state, branch, fact, out)
  handOn(state, branch, fact.output, out)
}

function write(state: RunState, branch: Branch, writes: PropertyWrites | undefined): void {
  if (writes === undefined) return
  const order = orderOf(branch)
  const properties = (state.properties ??= new Map())
  for (const [key, value] of writes) {
    const existing = properties.get(key)
    if (existing === undefined || compareTokenOrder(existing.order, order) <= 0) properties.set(key, { value, order })
  }
}
