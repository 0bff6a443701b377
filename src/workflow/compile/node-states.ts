import type { AnyRunnable, OrchestrationRunnable } from '../../core/index.js'
import { FunctionAdvancer } from '../../core/internal.js'

type Untyped = OrchestrationRunnable<unknown, unknown>

/** The states that a node is made of. */
export interface NodeStates {
  /** The one that gets the input of the node. */
  readonly entry: AnyRunnable
  /** Those whose failure is that of the node. */
  readonly states: readonly AnyRunnable[]
  /** Whether what agents say in it is its output, as it comes. @default false */
  readonly isSpoken?: boolean
  /** Leads on to the end of the layer, which gets the node's id. */
  readonly lead: (end: OrchestrationRunnable<unknown, unknown>) => void
}

/** A node that is one state. */
export function single(id: string, work: AnyRunnable): NodeStates {
  return { entry: work, states: [work], lead: end => leadsOn(work as Untyped, id, end) }
}

/** A node that is a run of its own, and the state that makes its input. */
export function prepared(id: string, prepare: OrchestrationRunnable<unknown, unknown>, run: Untyped): NodeStates {
  run.configure({ name: id })
  prepare.addAdvancer(run)
  return { entry: prepare, states: [prepare, run], lead: end => leadsOn(run, id, end) }
}

/** Leads on whatever comes of a state. */
function leadsOn(from: Untyped, id: string, end: Untyped): void {
  from.addAdvancer(new FunctionAdvancer<unknown, unknown>(end, undefined, () => id))
}
