import type { RunContext } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { type AgentFunction, WorkflowService, type WorkflowServiceSettings } from '../../src/workflow/index.js'

/** The first example of S2. */
export const researchPipeline = {
  name: 'Research Pipeline',
  description: 'Multi-agent research workflow',
  nodes: [
    { id: 'search', type: 'agent_call', agent_id: 'agent-search-001', config: { query: '{{input.topic}}' } },
    { id: 'summarize', type: 'agent_call', agent_id: 'agent-summary-001', config: { max_length: 500 } },
    { id: 'review', type: 'human_approval', config: { message: 'Approve research summary?' } },
  ],
  edges: [
    { from: 'search', to: 'summarize' },
    { from: 'summarize', to: 'review' },
  ],
}

/** The second one. */
export const parallelResearch = {
  name: 'Parallel Research',
  nodes: [
    { id: 'web', type: 'agent_call', agent_id: 'web-search' },
    { id: 'academic', type: 'agent_call', agent_id: 'academic-search' },
    { id: 'merge', type: 'agent_call', agent_id: 'summarizer' },
    { id: 'approve', type: 'human_approval', config: { message: 'Publish?' } },
  ],
  edges: [
    { from: 'web', to: 'merge' },
    { from: 'academic', to: 'merge' },
    { from: 'merge', to: 'approve' },
  ],
}

/** One agent that only answers. */
export const echoing = (name: string, agent = 'echo') => ({
  name,
  nodes: [{ id: 'say', type: 'agent_call', agent_id: agent, config: { text: '{{input.text}}' } }],
  edges: [],
})

/** The agents of both examples; each call is noted. */
export function scriptedAgents(costs: Readonly<Record<string, number>> = {}) {
  const calls: { readonly agent: string; readonly input: Readonly<Record<string, unknown>> }[] = []
  const answering =
    (agent: string): AgentFunction =>
    (input: Readonly<Record<string, unknown>>) => {
      calls.push({ agent, input })
      return { text: `${agent} says`, ...(costs[agent] === undefined ? {} : { _cost: costs[agent] }) }
    }
  const ids = ['agent-search-001', 'agent-summary-001', 'web-search', 'academic-search', 'summarizer']
  const agents: Record<string, AgentFunction> = Object.fromEntries(ids.map(id => [id, answering(id)]))
  agents['echo'] = ({ config }: { readonly config: { readonly text: unknown } }) => ({ echoed: config.text })
  return { agents, calls, called: () => calls.map(({ agent }) => agent) }
}

/** An agent that waits until it is let go, or its run is aborted. */
export function gate() {
  let open = (): void => undefined
  let arrived = (): void => undefined
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  const reached = new Promise<void>(resolve => {
    arrived = resolve
  })
  const agent: AgentFunction = async (_input: unknown, context: RunContext) => {
    arrived()
    await Promise.race([
      opened,
      new Promise((_, reject) =>
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error)),
      ),
    ])
    return 'through'
  }
  return { agent, open, reached }
}

/** A service on a store of its own, with the agents of both examples. */
export function service(settings: WorkflowServiceSettings & { readonly store?: MemoryJournalStore } = {}) {
  const { store = new MemoryJournalStore(), ...rest } = settings
  const scripted = scriptedAgents()
  return {
    store,
    ...scripted,
    service: new WorkflowService({ store, environment: { agents: scripted.agents }, ...rest }),
  }
}

/** The next service on what a store has, as after the end of a process. */
export async function reopened(store: MemoryJournalStore, settings: WorkflowServiceSettings): Promise<WorkflowService> {
  await store.close()
  return new WorkflowService({ store: store.reopen(), ...settings })
}

/** The error of something that is refused. */
export async function refused(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    value => {
      throw new Error(`not refused: ${JSON.stringify(value)}`)
    },
    (thrown: unknown) => thrown,
  )
}
