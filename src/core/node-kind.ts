import { ApprovalRunnable } from './approval.js'
import { DelayRunnable } from './delay.js'
import type { NodeKind } from './graph.js'
import { JoinRunnable } from './join.js'
import type { AnyRunnable } from './runnable.js'
import { SignalRunnable } from './signal.js'
import { SubOrchestrationRunnable } from './sub-orchestration.js'

/** What the engine does when a token reaches a state of this runnable. */
export function kindOf(runnable: AnyRunnable): NodeKind {
  if (runnable instanceof JoinRunnable) return 'join'
  if (runnable instanceof ApprovalRunnable) return 'approval'
  if (runnable instanceof SignalRunnable) return 'signal'
  if (runnable instanceof DelayRunnable) return 'delay'
  return runnable instanceof SubOrchestrationRunnable ? 'orchestration' : 'work'
}
