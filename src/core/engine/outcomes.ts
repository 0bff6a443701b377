import type { PropertyWrites } from '../properties.js'
import { compareTokenOrder } from '../token-order.js'
import { endBranch, setPhase } from './branches.js'
import { edit, edited } from './editing.js'
import type { AnsweredFact, AskedFact, CompletedFact, EditedFact, KeptFact, RepliedFact, WaitingFact } from './fact.js'
import { answerKey, type Branch, orderOf, questionId, type RunState } from './run-state.js'
import { reportAnswer, reportAsked, reportCompleted, reportDecision, reportWaiting } from './step-events.js'
import type { StepOutput } from './step-output.js'
import { addInnerUsage } from './usage-account.js'

/** A state has returned. */
export function onCompleted(state: RunState, fact: CompletedFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'working') return
  write(state, branch, fact.writes)
  handOn(state, branch, fact.output, out)
}

/** A state waits for somebody, or for a moment. */
export function onWaiting(state: RunState, fact: WaitingFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'working') return
  setPhase(state, branch, 'waiting')
  const { kind, message, until } = fact
  branch.wait = { kind, message, until }
  reportWaiting(state, branch, fact, out)
}

/** What a state was waiting for is there. */
export function onAnswered(state: RunState, fact: AnsweredFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'waiting') return
  branch.wait = undefined
  if (fact.usage !== undefined) addInnerUsage(state, branch.node.name, fact.usage)
  reportAnswer(state, branch, fact, out)
  handOn(state, branch, fact.output, out)
}

/** A state at work asks a person. */
export function onAsked(state: RunState, fact: AskedFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch?.phase !== 'working') return
  const { name, message, subject, until } = fact
  ;(branch.asked ??= new Map()).set(name, { message, subject, until })
  reportAsked(state, branch, fact, out)
}

/** A person has answered a state at work. */
export function onReplied(
  state: RunState,
  { branch: id, step: number, name, approval }: RepliedFact,
  out: StepOutput,
): void {
  const branch = live(state, { branch: id, step: number })
  const asked = branch?.asked?.delete(name) === true
  if (branch !== undefined && asked) {
    if (branch.asked?.size === 0) branch.asked = undefined
    ;(branch.kept ??= new Map()).set(answerKey(name), approval)
    reportDecision(state, branch, questionId(branch, name), approval, out)
  }
  out.commands.push({ type: 'kept', token: `${id}:${number}`, name: answerKey(name), kept: asked })
}

/** A step has done something that it must not do again. */
export function onKept(state: RunState, fact: KeptFact, out: StepOutput): void {
  const branch = live(state, fact)
  if (branch !== undefined) (branch.kept ??= new Map()).set(fact.name, fact.value)
  out.commands.push({ type: 'kept', token: `${fact.branch}:${fact.step}`, name: fact.name, kept: branch !== undefined })
}

/** Somebody has changed the run by hand. */
export function onEdited(state: RunState, fact: EditedFact, out: StepOutput): void {
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

/** Commits what a step has written. Of steps side by side, the later one in token order wins. */
export function write(state: RunState, branch: Branch, writes: PropertyWrites | undefined): void {
  if (writes === undefined) return
  const order = orderOf(branch)
  const properties = (state.properties ??= new Map())
  for (const [key, value] of writes) {
    const existing = properties.get(key)
    if (existing === undefined || compareTokenOrder(existing.order, order) <= 0) properties.set(key, { value, order })
  }
}

/** The branch a fact is about, if it is still at that step. */
export function live(state: RunState, fact: { readonly branch: string; readonly step: number }): Branch | undefined {
  const branch = state.branches.get(fact.branch)
  if (branch === undefined || branch.step !== fact.step) return undefined
  return branch.phase === 'working' || branch.phase === 'routing' || branch.phase === 'waiting' ? branch : undefined
}
