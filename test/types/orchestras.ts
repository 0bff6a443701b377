import { AgentRegistry } from '../../src/agents/index.js'
import { MemoryJournalStore, StateManager } from '../../src/durability/index.js'
import { Orchestra, type OrchestraResult } from '../../src/topology/index.js'

const topology = { nodes: ['User', 'Writer'], edges: ['User -> Writer'] } as const
const orchestra = new Orchestra(new AgentRegistry(), { stateManager: new StateManager(new MemoryJournalStore()) })

orchestra.eventBus.subscribe('StepCompleted', ({ agent, durationMs }) => `${agent.trim()} ${durationMs.toFixed(1)}`)
// @ts-expect-error no event has this name
orchestra.eventBus.subscribe('StepComplete', () => undefined)
// @ts-expect-error the event of a branch has no response
orchestra.eventBus.subscribe('BranchCompleted', ({ response }) => response)

void orchestra.execute({ task: 't', topology })
// @ts-expect-error a task has a topology
void orchestra.execute({ task: 't' })
// @ts-expect-error names are in camelCase
void Orchestra.run({ task: 't', topology, max_steps: 3 })
// @ts-expect-error what an orchestra is made of is given to its constructor
void orchestra.execute({ task: 't', topology, agentRegistry: new AgentRegistry() })

export async function read(): Promise<readonly string[]> {
  const result: OrchestraResult = await orchestra.resumeSession('s', { topology })
  // @ts-expect-error nothing of a result can be changed
  result.success = true
  return result.branchResults.map(({ branchId }) => branchId)
}
