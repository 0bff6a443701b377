import { OrchestrationError } from '../../errors/index.js'
import { endBranch, lineUp, setPhase } from './branches.js'
import { failBranch, giveUp, reportFailure } from './ending.js'
import type { AdvancedFact, StuckFact } from './fact.js'
import { fanOut, goOn } from './forking.js'
import { live, write } from './outcomes.js'
import { type Branch, type RunState, tokenOf } from './run-state.js'
import { reportRerun } from './step-events.js'
import type { StepOutput } from './step-output.js'

/** It is decided where an output goes. */
export function onAdvanced(state: RunState, fact: AdvancedFact, out: StepOutput): void {
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

/** No advancer matched. */
export function onStuck(state: RunState, fact: StuckFact, out: StepOutput): void {
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
