import type { RunState } from './run-state.js'
import type { StepOutput } from './step-output.js'

/**
 * A run goes on where its journal ends: what was at work is invoked again, what was being routed is routed again, what was waited
 * for is waited for again, until the same moment. No identity changes, and nothing counts as a further step.
 */
export function takeUp(state: RunState, out: StepOutput): void {
  for (const branch of state.branches.values()) {
    const { phase, failure, output, asked } = branch
    if (asked !== undefined) out.commands.push({ type: 'reopen', branch })
    if (phase === 'working') out.commands.push({ type: 'start', branch })
    else if (phase === 'waiting') out.commands.push({ type: 'reopen', branch })
    else if (phase === 'routing') {
      if (failure === undefined) out.commands.push({ type: 'route', branch, output })
      else out.commands.push({ type: 'recover', branch, error: failure })
    }
  }
  for (const { key, due = out.at } of state.timedBarriers?.values() ?? []) {
    out.commands.push({ type: 'start-join-timer', barrier: key, ms: Math.max(0, due - out.at) })
  }
}
