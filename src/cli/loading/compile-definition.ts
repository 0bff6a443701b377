import { basename } from 'node:path'
import { A2aAgent, Agent, AgentRegistry } from '../../agents/index.js'
import type { HostedOrchestration } from '../../durability/index.js'
import { compilePlan, MemoryRegistryClient } from '../../plan/index.js'
import { compileTopology } from '../../topology/index.js'
import { compileWorkflow, type Workflow, type WorkflowAgent, type WorkflowEnvironment } from '../../workflow/index.js'
import type { Definition } from './definition.js'

/** What a definition finds around it. */
export interface Around extends Pick<WorkflowEnvironment, 'allowUrl'> {
  readonly agents: ReadonlyMap<string, WorkflowAgent>
  readonly workflows?: ((id: string) => Workflow | undefined) | undefined
}

/** The orchestration that a definition comes to. @throws what the definition lacks: agents, workflows */
export function compileDefinition(definition: Definition, around: Around): HostedOrchestration {
  const { agents, workflows, allowUrl } = around
  switch (definition.kind) {
    case 'module':
      return definition.orchestration
    case 'workflow':
      return compileWorkflow(definition.workflow, {
        agents,
        ...(allowUrl === undefined ? {} : { allowUrl }),
        ...(workflows === undefined ? {} : { workflows }),
      })
    case 'plan':
      return compilePlan(definition.plan, { registry: workersOf(agents) })
    default:
      return compileTopology(definition.topology, { registry: registryOf(agents), name: nameOf(definition.file) })
  }
}

/** What a file is called without its directory and its ending; the id of a workflow. */
export function nameOf(file: string): string {
  return basename(file).replace(/\.[^.]+$/, '')
}

function workersOf(agents: ReadonlyMap<string, WorkflowAgent>): MemoryRegistryClient {
  const registry = new MemoryRegistryClient()
  for (const [name, agent] of agents) {
    if (!(agent instanceof A2aAgent)) registry.register(name, agent)
    else {
      registry.register(name, async (task, context) => {
        return (await agent.send(JSON.stringify(task), { context, messageId: task.id })).text
      })
    }
  }
  return registry
}

function registryOf(agents: ReadonlyMap<string, WorkflowAgent>): AgentRegistry {
  const registry = new AgentRegistry(AgentRegistry.global)
  for (const [name, agent] of agents) if (agent instanceof Agent) registry.register(agent, name)
  return registry
}
