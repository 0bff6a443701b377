import { type Interceptor, type RunContext, SubOrchestrationRunnable } from '../../core/index.js'
import { state } from '../../graph/index.js'
import type { AgentAsked } from '../agents/ask-agent.js'
import type { AgentCallPlan, GraphPlan } from '../definition/node-plan.js'
import { agentPolicies } from './agent-policies.js'
import { within } from './bounded-orchestration.js'
import { GraphRecord } from './graph-record.js'
import { type NodeStates, prepared, single } from './node-states.js'
import { plainOutput } from './plain-output.js'
import { prepareState } from './state-names.js'
import { tellingNodes } from './telling-nodes.js'

/** An agent call: a state with policies of its own, or a run inside the run. */
export function agentStates(
  node: AgentCallPlan,
  graph: GraphPlan,
  asked: AgentAsked,
  breakerOf: (agent: string) => Interceptor,
): NodeStates {
  const { id } = node
  const payloadOf = (input: unknown, context: RunContext): { payload: unknown; isDefault: boolean } => {
    const values = new GraphRecord(graph, context).valuesOf(node)
    if (node.payload !== undefined) return { payload: node.payload.render(id, values), isDefault: false }
    return { payload: { ...(input as object), config: node.config.render(id, values) }, isDefault: true }
  }
  if (asked.kind === 'orchestration') {
    const prepare = state(prepareState(id), (input: unknown, context) => payloadOf(input, context).payload)
    const run = new SubOrchestrationRunnable(within(id, asked.orchestration, node.timeoutMs))
    return {
      ...prepared(
        id,
        prepare,
        tellingNodes(run, () => id),
      ),
      isSpoken: true,
    }
  }
  const interceptors = agentPolicies(node, graph, breakerOf(asked.name))
  const work = state(id, { interceptors }, async (input: unknown, context: RunContext) => {
    const { payload, isDefault } = payloadOf(input, context)
    const output = plainOutput(await asked.ask(payload, isDefault, context), id)
    const cost = costIn(output)
    if (cost !== undefined) context.usage({ agent: asked.name, model: asked.name, cost })
    return output
  })
  return { ...single(id, work), isSpoken: asked.isSpoken }
}

/** What an output says that it has cost (S2-42). */
function costIn(output: unknown): number | undefined {
  if (typeof output !== 'object' || output === null || !Object.hasOwn(output, '_cost')) return undefined
  const { _cost: cost } = output as { readonly _cost?: unknown }
  return typeof cost === 'number' && cost >= 0 ? cost : undefined
}
