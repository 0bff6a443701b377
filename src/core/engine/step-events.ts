import type { ApprovalOutcome } from '../approval.js'
import { eventError } from '../event-error.js'
import type { OrchestrationEvent } from '../events.js'
import type { AnsweredFact, AskedFact, EmittedFact, EndedFact, WaitingFact } from './fact.js'
import { type Branch, questionId, type RunState, tokenOf } from './run-state.js'
import type { StepOutput } from './step-output.js'
import { addUsage } from './usage-account.js'

/** The run has its input. */
export function reportStarted(state: RunState, input: unknown, out: StepOutput): void {
  const { runId, graph } = state
  if (out.observed) {
    out.events.push({ type: 'orchestration.started', runId, seq: 0, at: out.at, orchestration: graph.name, input })
  } else out.unseen++
}

/** The run has been paused, or goes on. */
export function reportPhase(
  state: RunState,
  type: 'orchestration.paused' | 'orchestration.resumed',
  out: StepOutput,
): void {
  if (out.observed) {
    out.events.push({ type, runId: state.runId, seq: 0, at: out.at, orchestration: state.graph.name })
  } else out.unseen++
}

/** A state has its output. */
export function reportCompleted(state: RunState, branch: Branch, output: unknown, out: StepOutput): void {
  if (out.observed) {
    const { runId } = state
    const stateName = branch.node.name
    out.events.push({ type: 'state.completed', runId, seq: 0, at: out.at, stateName, token: tokenOf(branch), output })
  } else out.unseen++
}

/** A state is invoked once more because no advancer matched. */
export function reportRerun(state: RunState, branch: Branch, out: StepOutput): void {
  if (!out.observed) {
    out.unseen++
    return
  }
  out.events.push({
    type: 'state.rerun',
    runId: state.runId,
    seq: 0,
    at: out.at,
    stateName: branch.node.name,
    token: tokenOf(branch),
    rerun: branch.reruns,
    reruns: branch.node.reruns,
  })
}

/** A state waits for a person, a message or a moment. */
export function reportWaiting(state: RunState, branch: Branch, fact: WaitingFact, out: StepOutput): void {
  const { kind, message, until } = fact
  // The events of a run inside this one say that it is under way.
  if (kind === 'orchestration') return
  if (!out.observed) {
    out.unseen += kind === 'approval' ? 2 : 1
    return
  }
  const base = { runId: state.runId, seq: 0, at: out.at, stateName: branch.node.name, token: tokenOf(branch) }
  out.events.push({ type: 'state.waiting', ...base, kind, ...(until === undefined ? {} : { until }) })
  if (kind === 'approval') {
    const requestId = base.token
    out.events.push({ type: 'approval.requested', ...base, requestId, message: message ?? '', subject: branch.input })
  }
}

/** A state at work asks a person. */
export function reportAsked(state: RunState, branch: Branch, fact: AskedFact, out: StepOutput): void {
  if (!out.observed) {
    out.unseen++
    return
  }
  const { name, message, subject } = fact
  out.events.push({
    type: 'approval.requested',
    runId: state.runId,
    seq: 0,
    at: out.at,
    stateName: branch.node.name,
    token: tokenOf(branch),
    requestId: questionId(branch, name),
    message,
    subject,
  })
}

/** A person decided, or nobody did in time. */
export function reportAnswer(state: RunState, branch: Branch, { approval }: AnsweredFact, out: StepOutput): void {
  if (approval !== undefined) reportDecision(state, branch, tokenOf(branch), approval, out)
}

/** A request for approval is decided. */
export function reportDecision(
  state: RunState,
  branch: Branch,
  requestId: string,
  approval: ApprovalOutcome<unknown>,
  out: StepOutput,
): void {
  if (!out.observed) {
    out.unseen++
    return
  }
  const token = tokenOf(branch)
  const { by, comment } = approval.outcome === 'expired' ? {} : approval.decision
  out.events.push({
    type: 'approval.answered',
    runId: state.runId,
    seq: 0,
    at: out.at,
    stateName: branch.node.name,
    token,
    requestId,
    outcome: approval.outcome,
    ...(by === undefined ? {} : { by }),
    ...(comment === undefined ? {} : { comment }),
  })
}

/** User code or a policy said something. */
export function reportEmitted(state: RunState, { event }: EmittedFact, out: StepOutput): void {
  if (event.type === 'agent.usage') addUsage(state, event)
  if (!out.observed) out.unseen++
  else out.events.push({ ...event, runId: state.runId, seq: 0, at: out.at } as OrchestrationEvent)
}

/** The last events of the run: hooks that failed, then how it ended. */
export function reportEnded(state: RunState, fact: EndedFact, out: StepOutput): void {
  if (!out.observed) {
    out.unseen += fact.hookFailures.length + 1
    return
  }
  const base = { runId: state.runId, seq: 0, at: out.at }
  for (const { stateName, error } of fact.hookFailures) {
    out.events.push({ type: 'hook.failed', ...base, stateName, hook: 'cleanup', error: eventError(error) })
  }
  const orchestration = state.graph.name
  const { ending } = state
  if (ending?.status === 'cancelled') {
    out.events.push({ type: 'orchestration.cancelled', ...base, orchestration, reason: ending.reason })
    return
  }
  const failure = fact.failure ?? (ending?.status === 'failed' ? ending.failures[0] : undefined)
  if (failure === undefined) {
    const { output } = fact
    out.events.push({ type: 'orchestration.completed', ...base, orchestration, output, steps: state.steps })
    return
  }
  const { error, stateName } = failure
  out.events.push({
    type: 'orchestration.failed',
    ...base,
    orchestration,
    error: eventError(error),
    errorMessage: error.message,
    ...(stateName === undefined ? {} : { stateName }),
  })
}
