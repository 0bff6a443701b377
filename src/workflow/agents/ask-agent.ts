import { A2aAgent, Agent, AgentRunner } from '../../agents/index.js'
import { Orchestration, type RunContext } from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'
import type { AgentFunction, WorkflowAgent } from '../workflow-environment.js'

/** How the agent of a node is asked. An orchestration is a state of its own, so that it is journalled and paused with the run. */
export type AgentAsked =
  | { readonly kind: 'orchestration'; readonly name: string; readonly orchestration: Orchestration<unknown, unknown> }
  | {
      readonly kind: 'call'
      readonly name: string
      /** Whether what it says while it is asked is its output: nobody knows that of a function. */
      readonly isSpoken: boolean
      /** `isDefault`: the payload is the input of the node with its config. */
      readonly ask: (payload: unknown, isDefault: boolean, context: RunContext) => unknown
    }

/** How an agent is asked; `undefined` for something that is none. */
export function askAgent(name: string, agent: WorkflowAgent): AgentAsked | undefined {
  if (agent instanceof Orchestration) {
    return { kind: 'orchestration', name, orchestration: agent as Orchestration<unknown, unknown> }
  }
  if (agent instanceof Agent) {
    return {
      kind: 'call',
      name,
      isSpoken: agent.outputFormat.schema === undefined,
      ask: async (payload, isDefault, context) => {
        const { output } = await AgentRunner.run(agent, promptOf(payload, isDefault), { context, key: 'state' })
        return output
      },
    }
  }
  if (agent instanceof A2aAgent)
    return { kind: 'call', name, isSpoken: false, ask: (...asked) => askRemote(agent, ...asked) }
  if (typeof agent !== 'function') return undefined
  const work: AgentFunction = agent
  return { kind: 'call', name, isSpoken: false, ask: (payload, _isDefault, context) => work(payload, context) }
}

/** Asks an agent behind a network. Its answer is JSON where it is an object or an array in JSON, else a text. */
export async function askRemote(
  agent: A2aAgent,
  payload: unknown,
  isDefault: boolean,
  context: RunContext,
): Promise<unknown> {
  const messageId = context.idempotencyKey
  const { state, text } = await agent.send(promptOf(payload, isDefault), { context, messageId })
  if (state === 'completed') return answerOf(text)
  throw new OrchestrationError(
    `Agent "${agent.name}" is not done: it says ${state}. A workflow cannot answer it. Give it all it needs, or ask a person with a human_approval before. It says: ${text}`,
    { code: 'TOOL_SERVER_FAILED', details: { agent: agent.name, state } },
  )
}

/** A text as it is, anything else as JSON; of the input of a node without `previous`, which is in it under its own name. */
function promptOf(payload: unknown, isDefault: boolean): string {
  if (typeof payload === 'string') return payload
  if (!isDefault) return JSON.stringify(payload)
  const { previous, ...rest } = payload as { readonly previous?: unknown }
  const isNamed = Object.entries(rest).some(([name, value]) => name !== 'input' && value === previous)
  return JSON.stringify(isNamed ? rest : payload)
}

function answerOf(text: string): unknown {
  const trimmed = text.trim()
  if (!/^[[{]/.test(trimmed)) return text
  try {
    return JSON.parse(trimmed) as unknown
  } catch {
    return text
  }
}
