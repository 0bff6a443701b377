import type { AgentDescription } from '../registry-client.js'
import type { PlanFault } from './plan-fault.js'
import { faultsInWords } from './plan-invalid-error.js'

/** How plans are made, for a model. */
export const plannerInstructions = `You plan work that other agents do. You are told what is to be achieved and which agents there are. \
Answer with a plan as JSON: its steps, each a task for one agent.
- Use only the agents that are offered, and ask each only for what it can do.
- Give every step all it needs to know in its parameters. It gets the results of the steps among its dependencies besides.
- Name as dependencies only the steps whose results a step needs: steps that do not depend on each other can run side by side.
- Take as few steps as the work needs.
- Use a condition, a loop, a fallback or a retry only where the work calls for it.`

/** What a model is asked for a plan. */
export function planRequest(intent: string, context: unknown, agents: readonly AgentDescription[]): string {
  const known = typeof context === 'string' ? context : context === undefined ? undefined : JSON.stringify(context)
  return [
    `To be achieved: ${intent}`,
    ...(known === undefined || known === '' ? [] : [`To be known: ${known}`]),
    `The agents:\n${agents.map(agent => JSON.stringify(offered(agent))).join('\n')}`,
  ].join('\n\n')
}

/** What a model is told of a plan that has faults. */
export function repairRequest(faults: readonly PlanFault[]): string {
  return `The plan cannot be used: ${faultsInWords(faults)}\nAnswer with the whole plan, corrected.`
}

/** An agent as it is offered, in the words of the plan's JSON. */
function offered({ agentId, description, capabilities }: AgentDescription): object {
  return {
    agent_id: agentId,
    description,
    task_types: capabilities.map(({ name, category, description: about, inputSchema, outputSchema }) => ({
      task_type: name,
      category,
      description: about,
      parameters: inputSchema,
      result: outputSchema,
    })),
  }
}
