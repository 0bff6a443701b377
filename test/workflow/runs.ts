import type { Orchestration, OrchestrationEvent, OrchestrationRun, RunOptions } from '../../src/core/index.js'
import {
  type AgentFunction,
  compileWorkflow,
  parseWorkflow,
  type WorkflowEnvironment,
  WorkflowError,
  type WorkflowOutput,
} from '../../src/workflow/index.js'

type Loose = any // any: JSON that the test knows the form of

/** An agent call without anything special about it. */
export function call(id: string, more: object = {}): object {
  return { id, type: 'agent_call', agent_id: id, ...more }
}

/** A definition of nodes and edges, those written `a > b`. */
export function definition(nodes: readonly object[], edges: readonly string[] = [], more: object = {}): object {
  return {
    name: 'Test',
    nodes,
    edges: edges.map(edge => {
      const [from, to] = edge.split(' > ')
      return { from, to }
    }),
    ...more,
  }
}

/** Agents that answer with their names, unless they are given, and the calls that they got. */
export function agentsOf(given: Readonly<Record<string, AgentFunction>> = {}): {
  readonly agents: (id: string) => AgentFunction
  readonly calls: { readonly id: string; readonly input: any }[] // any: JSON that the test knows the form of
  readonly order: () => readonly string[]
} {
  const calls: { id: string; input: any }[] = [] // any: JSON that the test knows the form of
  const agents =
    (id: string): AgentFunction =>
    (input, context) => {
      calls.push({ id, input })
      return Object.hasOwn(given, id) ? (given[id] as AgentFunction)(input, context) : `${id} done`
    }
  return { agents, calls, order: () => calls.map(each => each.id) }
}

export function compiled(json: unknown, environment: WorkflowEnvironment): Orchestration<unknown, WorkflowOutput> {
  return compileWorkflow(parseWorkflow(json), environment)
}

/** A run that has come to its end, or to a stand at what it waits for, and all it has told. */
export async function ran(
  json: unknown,
  environment: WorkflowEnvironment,
  input: unknown = {},
  options: RunOptions = {},
): Promise<{ run: OrchestrationRun<WorkflowOutput>; events: OrchestrationEvent[]; output: Loose; error: Loose }> {
  const run = compiled(json, environment).start(input, options)
  const events: OrchestrationEvent[] = []
  run.events$.subscribe(event => events.push(event))
  const ended = await Promise.race([
    run.result.then(
      output => ({ output, error: undefined }),
      (error: unknown) => ({ output: undefined, error }),
    ),
    new Promise<{ output: undefined; error: undefined }>(resolve => {
      run.on('state.waiting', () => resolve({ output: undefined, error: undefined }))
    }),
  ])
  return { run, events, ...ended }
}

/** The faults of a definition, as `path: message advice`. */
export function faultsOf(json: unknown): readonly string[] {
  try {
    parseWorkflow(json)
    return []
  } catch (thrown) {
    if (!(thrown instanceof WorkflowError)) throw thrown
    return thrown.faults.map(({ path, message, advice }) => `${path}: ${message} ${advice}`.trimEnd())
  }
}

/** The names of the nodes that were started, in order. */
export function startedNodes(events: readonly OrchestrationEvent[]): readonly string[] {
  return events.flatMap(event =>
    event.type === 'state.started' && !event.stateName.includes('.') ? [event.stateName] : [],
  )
}
