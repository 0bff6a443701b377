import type { NodeKind, OrchestrationEvent, OrchestrationGraph } from '../../core/index.js'
import type { NodeReport } from '../run-kind.js'

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type StepEvent = Extract<OrchestrationEvent, { readonly stateName: string; readonly token: string }>

/**
 * What the states of an orchestration have come to in a run, from its events: one report for each state that was reached, those inside
 * sub-orchestrations as `Outer/Inner`, then the states that were not. Of a state that was visited several times the last visit counts,
 * and all attempts and costs.
 */
export function stateReports(
  graph: OrchestrationGraph | undefined,
  events: readonly OrchestrationEvent[],
): readonly NodeReport[] {
  const reports = new Map<string, Writable<NodeReport>>()
  for (const event of events) {
    if (event.type === 'orchestration.resumed' && event.path === undefined) resume(reports.values())
    if (!('stateName' in event) || !('token' in event)) continue
    const { path = [], stateName } = event
    const nodeId = [...path, stateName].join('/')
    let report = reports.get(nodeId)
    if (report === undefined) {
      const parent = path.length === 0 ? {} : { parent: path.join('/') }
      report = { nodeId, nodeType: kindOf(graph, path, stateName), ...parent, status: 'pending', cost: 0, attempts: 0 }
      reports.set(nodeId, report)
    }
    apply(report, event as StepEvent)
    if (event.type === 'agent.usage') addCost(reports, path, event.cost ?? 0)
  }
  const end = events.findLast(event => event.path === undefined && endings.has(event.type))
  for (const report of reports.values()) {
    // What was at work when the run ended will not complete any more.
    if (end !== undefined && unfinished.has(report.status))
      Object.assign(report, { status: 'skipped', completedAt: end.at })
  }
  const missing = (graph?.nodes ?? []).filter(({ name }) => !reports.has(name))
  return [
    ...reports.values(),
    ...missing.map(({ name, kind }): NodeReport => {
      const status = end === undefined ? 'pending' : 'skipped'
      return { nodeId: name, nodeType: kind, status, cost: 0, attempts: 0 }
    }),
  ]
}

const endings: ReadonlySet<string> = new Set([
  'orchestration.completed',
  'orchestration.failed',
  'orchestration.cancelled',
])
const unfinished: ReadonlySet<string> = new Set(['pending', 'running', 'waiting'])

function apply(report: Writable<NodeReport>, event: StepEvent): void {
  switch (event.type) {
    case 'state.started':
      begin(report, event.at, event.input)
      break
    case 'join.waiting':
    case 'state.waiting':
      if (report.status !== 'running' && report.status !== 'waiting') begin(report, event.at)
      report.status = 'waiting'
      break
    case 'approval.requested':
      if (report.status !== 'running') report.input = event.subject
      break
    case 'state.retrying':
      report.attempts++
      break
    case 'state.completed':
      if (report.startedAt === undefined) begin(report, event.at)
      Object.assign(report, { status: 'completed', output: event.output, completedAt: event.at })
      break
    case 'state.failed':
      Object.assign(report, { status: 'failed', errorMessage: event.errorMessage, completedAt: event.at })
      break
    case 'state.skipped':
      Object.assign(report, { status: 'skipped', completedAt: event.at })
      break
    case 'agent.usage':
      report.cost += event.cost ?? 0
      break
    default:
  }
}

/** What was under way when a run is taken up is done again, apart from runs, which are taken up themselves. */
function resume(reports: Iterable<Writable<NodeReport>>): void {
  for (const report of reports) if (report.status === 'running' && report.nodeType === 'work') report.attempts++
}

function begin(report: Writable<NodeReport>, at: number, input?: unknown): void {
  delete report.output
  delete report.completedAt
  delete report.errorMessage
  report.status = 'running'
  report.startedAt = at
  report.attempts++
  if (input !== undefined) report.input = input
}

/** What is spent inside a state is spent by that state too. */
function addCost(reports: ReadonlyMap<string, Writable<NodeReport>>, path: readonly string[], cost: number): void {
  for (let depth = 1; depth <= path.length; depth++) {
    const around = reports.get(path.slice(0, depth).join('/'))
    if (around !== undefined) around.cost += cost
  }
}

function kindOf(graph: OrchestrationGraph | undefined, path: readonly string[], stateName: string): NodeKind {
  let inside = graph
  for (const name of path) {
    const runnable = inside?.byName.get(name)?.runnable as
      | { readonly orchestration?: { readonly graph: OrchestrationGraph } }
      | undefined
    inside = runnable?.orchestration?.graph
  }
  return inside?.byName.get(stateName)?.kind ?? 'work'
}
