import type { Attributes, Context, Link } from '@opentelemetry/api'
import type { EventOfType, OrchestrationEvent } from '../core/index.js'
import { branchOf } from './event-run.js'
import { GenAi, GenAiOperation, SpanAttribute } from './span-attributes.js'
import { SpanScope, type TracingEnvironment } from './span-scope.js'
import { VisitTrace } from './visit-trace.js'

/** A run at its beginning, as far as its trace needs to know it. */
interface TracedStart {
  readonly runId: string
  readonly orchestration: string
  readonly input: unknown
  readonly at: number
}

/** The span of one run, nested or not, and those of the states it visits. */
export class RunTrace {
  readonly scope: SpanScope
  readonly #environment: TracingEnvironment
  /** The latest visit of each branch; of a branch that has just been opened, the one it comes from. */
  readonly #visits = new Map<string, VisitTrace>()
  /** What the visits of joins will be linked to, by token. */
  readonly #links = new Map<string, Link[]>()
  /** When it was last heard of. */
  #at: number

  constructor(environment: TracingEnvironment, parent: Context, { runId, orchestration, input, at }: TracedStart) {
    this.#environment = environment
    this.#at = at
    this.scope = new SpanScope(environment, {
      name: `${GenAiOperation.InvokeWorkflow} ${orchestration}`,
      at,
      parent,
      attributes: {
        [GenAi.OperationName]: GenAiOperation.InvokeWorkflow,
        [GenAi.WorkflowName]: orchestration,
        [SpanAttribute.Orchestration]: orchestration,
        [SpanAttribute.RunId]: runId,
        ...environment.options.runAttributes?.({ runId, orchestration, input }),
      },
    })
  }

  /** The visit that has a token, also if it is over and its output is being routed. */
  visit(token: string): VisitTrace | undefined {
    const visit = this.#visits.get(branchOf(token))
    return visit?.token === token ? visit : undefined
  }

  handle(event: OrchestrationEvent): void {
    const { at } = event
    this.#at = at
    switch (event.type) {
      case 'state.started':
        this.#open(event)
        return
      case 'state.completed':
        this.visit(event.token)?.end(at, { [SpanAttribute.Outcome]: 'completed' })
        return
      case 'state.skipped':
        this.visit(event.token)?.end(at, outcome('skipped', event.reason))
        return
      case 'state.failed':
        this.#fail(event)
        return
      case 'state.retrying':
        this.visit(event.token)?.handleRetry(event)
        return
      case 'branch.created': {
        const origin = this.#visits.get(branchOf(event.parent))
        if (origin !== undefined) this.#visits.set(event.branch, origin)
        return
      }
      case 'branch.completed':
        // A join that took it up links to it first.
        if (event.outcome !== 'joined') this.#visits.delete(event.branch)
        return
      case 'join.fired':
        this.#join(event)
        return
      case 'agent.usage':
      case 'agent.tool.called':
      case 'agent.tool.completed':
        this.visit(event.token)?.handleAgent(event)
        return
      default:
        this.#note(event)
    }
  }

  /** Ends the span of the run and whatever in it is still open. */
  end(at: number, attributes: Attributes): void {
    for (const visit of this.#visits.values()) visit.end(at, { [SpanAttribute.Outcome]: 'abandoned' })
    this.#visits.clear()
    this.scope.end(at, attributes)
  }

  /** Ends the span of the run, of whose end nobody has heard. */
  abandon(): void {
    this.end(this.#at, { [SpanAttribute.Outcome]: 'abandoned' })
  }

  #open(event: EventOfType<'state.started'>): void {
    const links = this.#links.get(event.token)
    this.#links.delete(event.token)
    this.#visits.set(branchOf(event.token), new VisitTrace(this.#environment, this.scope, event, links ?? []))
  }

  #fail(event: EventOfType<'state.failed'>): void {
    const { stateName, token, error, handled, at } = event
    const visit = this.visit(token)
    // Without a visit it is a join that lacks branches; with one that is over, its output could not be routed.
    const name = visit === undefined ? undefined : `advance ${stateName}`
    const failed = visit?.scope.isOpen === true ? visit : new VisitTrace(this.#environment, this.scope, event, [], name)
    failed.scope.fail(error, at)
    failed.end(at, { [SpanAttribute.Outcome]: 'failed', [SpanAttribute.Handled]: handled })
  }

  #join({ token, branches }: EventOfType<'join.fired'>): void {
    const joined = new Set<VisitTrace>()
    for (const branch of branches) {
      const visit = this.#visits.get(branch)
      if (visit !== undefined) joined.add(visit)
      if (branch !== branchOf(token)) this.#visits.delete(branch)
    }
    this.#links.set(
      token,
      [...joined].map(visit => ({ context: visit.scope.span.spanContext() })),
    )
  }

  /** Everything else is worth a line at most. */
  #note(event: OrchestrationEvent): void {
    const visit = 'token' in event ? this.visit(event.token) : undefined
    const attributes = noteOf(event)
    if (attributes !== undefined) (visit?.scope ?? this.scope).note(event.type, attributes, event.at)
  }
}

/** How a run or a visit came out, for the attributes of its span. */
export function outcome(name: string, reason: string): Attributes {
  return { [SpanAttribute.Outcome]: name, [SpanAttribute.Reason]: reason }
}

/** What a span notes of an event: never payloads. `undefined` for events that would only repeat what the tree of spans shows. */
function noteOf(event: OrchestrationEvent): Attributes | undefined {
  switch (event.type) {
    case 'state.waiting':
      return { 'advancer.kind': event.kind }
    case 'approval.answered':
      return { [SpanAttribute.Outcome]: event.outcome }
    case 'breaker.changed':
      return { 'advancer.breaker': event.breaker, 'advancer.from': event.from, 'advancer.to': event.to }
    case 'budget.warning':
    case 'budget.exceeded': {
      const { budget, limit, spent, max } = event
      return { 'advancer.budget': budget, 'advancer.limit': limit, 'advancer.spent': spent, 'advancer.max': max }
    }
    case 'hook.failed':
      return { [SpanAttribute.State]: event.stateName, 'advancer.error': event.error.message }
    case 'custom':
      return { 'advancer.name': event.name }
    case 'orchestration.paused':
    case 'orchestration.resumed':
      return {}
    default:
      return undefined
  }
}
