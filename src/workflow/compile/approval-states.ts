import { type ApprovalOutcome, ApprovalRunnable, Approved, Rejected, type RunContext } from '../../core/index.js'
import { FunctionAdvancer } from '../../core/internal.js'
import { OrchestrationError } from '../../errors/index.js'
import { state } from '../../graph/index.js'
import type { GraphPlan, HumanApprovalPlan } from '../definition/node-plan.js'
import { GraphRecord } from './graph-record.js'
import type { NodeStates } from './node-states.js'
import { refusalText } from './refusal-text.js'
import type { RunEnds } from './run-ends.js'
import { prepareState, refusedState } from './state-names.js'

/** What a person is asked about. */
interface ApprovalSubject {
  readonly message: string
  readonly input: unknown
}

/** An approval: a state that waits, after one that makes its message, and before one that ends the run if nothing takes a rejection up. */
export function approvalStates(node: HumanApprovalPlan, graph: GraphPlan, ends: RunEnds): NodeStates {
  const { id, timeoutMs } = node
  const prepare = state(prepareState(id), (input: unknown, context): ApprovalSubject => {
    const message = node.message.render(id, new GraphRecord(graph, context).valuesOf(node))
    return { message: typeof message === 'string' ? message : JSON.stringify(message), input }
  })
  const approval = new ApprovalRunnable<ApprovalSubject>({
    message: subject => subject.message,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  }).configure({ name: id })
  prepare.addAdvancer(approval)
  const refused = state(refusedState(id), (outcome: ApprovalOutcome<ApprovalSubject>, context) =>
    refuse(id, outcome, context, ends),
  )
  const goesOn = (outcome: ApprovalOutcome<ApprovalSubject>): boolean => {
    if (outcome instanceof Approved) return true
    return outcome instanceof Rejected ? node.routesRejection : node.routesExpiry
  }
  const goesOnAlways = node.routesRejection && node.routesExpiry
  return {
    entry: prepare,
    states: goesOnAlways ? [prepare, approval] : [prepare, approval, refused],
    lead: end => {
      approval.addAdvancer(goesOn, end, () => id)
      if (goesOnAlways) return
      approval.addAdvancer(refused)
      refused.addAdvancer(new FunctionAdvancer<unknown, unknown>(end, undefined, () => id))
    },
  }
}

/** A rejection ends the run; that nobody has decided in time fails it. */
async function refuse(id: string, outcome: unknown, context: RunContext, ends: RunEnds): Promise<never> {
  const text = refusalText(id, outcome)
  if (outcome instanceof Rejected && ends.cancel(context.runId, text)) {
    await new Promise((_, reject) => {
      const end = (): void => reject(context.signal.reason as Error)
      if (context.signal.aborted) end()
      else context.signal.addEventListener('abort', end, { once: true })
    })
  }
  throw new OrchestrationError(`${text} Lead on with \`on_reject\` or \`on_timeout\`.`, {
    code: 'STATE_TIMED_OUT',
    details: { node: id },
  })
}
