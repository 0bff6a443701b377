import { OrchestrationError } from '../../errors/index.js'
import type { GraphNode } from '../graph.js'
import { compareTokenOrder } from '../token-order.js'
import { setPhase } from './branches.js'
import { finish } from './ending.js'
import { type Branch, type RunState, tokenOf } from './run-state.js'
import type { StepOutput } from './step-output.js'

/** Starts what may start: as many branches as there are slots, and in lockstep only when the layer before is done. */
export function dispatch(state: RunState, out: StepOutput): void {
  const { lockstep } = state.rules
  do {
    if (lockstep && isLayerDone(state)) {
      state.ready = state.nextLayer.sort((a, b) => compareTokenOrder([...a.order, a.step], [...b.order, b.step]))
      state.readyFrom = 0
      state.nextLayer = []
    }
    startReady(state, out)
    // All that was left of a layer may have been cancelled while it stood in line.
  } while (lockstep && state.phase === 'running' && isLayerDone(state))
}

function startReady(state: RunState, out: StepOutput): void {
  const { maxConcurrency } = state.rules
  while (state.phase === 'running' && state.active < maxConcurrency && state.readyFrom < state.ready.length) {
    const branch = state.ready[state.readyFrom++] as Branch
    // It may have been cancelled while it stood in line.
    if (branch.phase === 'ready') start(state, branch, out)
  }
  if (state.readyFrom > 0 && (state.readyFrom === state.ready.length || state.readyFrom > 1024)) {
    state.ready = state.ready.slice(state.readyFrom)
    state.readyFrom = 0
  }
}

function isLayerDone(state: RunState): boolean {
  const idle = state.active === 0 && state.waiting === 0 && state.readyFrom === state.ready.length
  return idle && state.nextLayer.length > 0
}

function start(state: RunState, branch: Branch, out: StepOutput): void {
  const { node } = branch
  if (!countStep(state, node, out)) return
  setPhase(state, branch, 'working')
  if (out.observed) {
    out.events.push({
      type: 'state.started',
      runId: state.runId,
      seq: 0,
      at: out.at,
      stateName: node.name,
      token: tokenOf(branch),
      input: branch.input,
    })
  } else out.unseen++
  out.commands.push({ type: 'start', branch })
}

/** Counts a step at a state. False if there have been too many; then the run is over. */
export function countStep(state: RunState, node: GraphNode, out: StepOutput): boolean {
  if (state.steps >= state.rules.maxSteps) {
    finish(state, { status: 'failed', failures: [{ error: neverCompletes(state) }] }, out)
    return false
  }
  state.steps++
  state.visits[node.index] = (state.visits[node.index] ?? 0) + 1
  return true
}

function neverCompletes(state: RunState): OrchestrationError {
  const { graph, rules, visits } = state
  const busiest = graph.nodes
    .map(node => ({ name: node.name, visits: visits[node.index] ?? 0 }))
    .filter(node => node.visits > 1)
    .sort((a, b) => b.visits - a.visits)
    .slice(0, 5)
  const list = busiest.map(node => `${node.name} (${node.visits} times)`).join(', ')
  return new OrchestrationError(
    `Orchestration never completes: "${graph.name}" has invoked ${rules.maxSteps} states, which is its maxSteps. ` +
      `${list === '' ? 'No state was visited twice' : `Visited most: ${list}`}. ` +
      'See that the conditions of its loop become false at some point, or raise maxSteps.',
    { code: 'NEVER_COMPLETES', details: { orchestration: graph.name, maxSteps: rules.maxSteps, visits: busiest } },
  )
}
