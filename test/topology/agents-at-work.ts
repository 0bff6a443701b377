import { Agent, AgentRegistry, type ModelClient, type ModelRequest, textOf } from '../../src/agents/index.js'
import type { OrchestrationEvent } from '../../src/core/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import {
  type AgentTurn,
  type CompileTopologyOptions,
  compileTopology,
  ensureTopology,
  type TopologyInput,
  type TopologyOutcome,
  type TopologyTask,
} from '../../src/topology/index.js'

/** What an agent does, by the number of the call, from 1. */
export type Script = (
  request: ModelRequest,
  call: number,
  signal?: AbortSignal,
) => ScriptedReply | Promise<ScriptedReply>

/** A model that answers every call with a function of the request. */
export class Scripted implements ModelClient {
  readonly requests: ModelRequest[] = []
  readonly #script: Script

  constructor(script: Script) {
    this.#script = script
  }

  async complete(...[request, options]: Parameters<ModelClient['complete']>): ReturnType<ModelClient['complete']> {
    this.requests.push(request)
    const reply = await this.#script(request, this.requests.length, options?.signal)
    return new ScriptedModel([reply]).complete(request, options)
  }
}

/** Agents with their scripts, in a registry of their own. */
export class Cast {
  readonly registry = new AgentRegistry()
  readonly models: Record<string, Scripted> = {}

  constructor(scripts: Readonly<Record<string, Script | string>>) {
    for (const [name, script] of Object.entries(scripts)) {
      const model = new Scripted(typeof script === 'string' ? () => script : script)
      this.models[name] = model
      this.registry.register(new Agent({ client: model, model: 'scripted', name, instructions: `You are ${name}.` }))
    }
  }

  /** What an agent was asked, call by call: its last message. */
  asked(name: string): readonly string[] {
    return (this.models[name]?.requests ?? []).map(({ messages }) => textOf(messages.at(-1)))
  }

  /** The routing tools that an agent was offered, call by call. */
  offered(name: string): readonly (readonly string[])[] {
    return (this.models[name]?.requests ?? []).map(({ tools = [] }) => tools.map(tool => tool.name))
  }
}

/** A run that is over. */
export interface Played {
  readonly cast: Cast
  readonly outcome: TopologyOutcome | undefined
  readonly error: Error | undefined
  readonly events: readonly OrchestrationEvent[]
  /** The agents in the order in which their steps completed. */
  readonly steps: readonly string[]
  readonly turns: readonly AgentTurn[]
}

/** Runs a topology with scripted agents to its end. */
export async function play(
  topology: TopologyInput,
  scripts: Readonly<Record<string, Script | string>> | Cast,
  { task = 'The task', context, ...options }: Partial<TopologyTask> & CompileTopologyOptions = {},
): Promise<Played> {
  const cast = scripts instanceof Cast ? scripts : new Cast(scripts)
  const compiled = compileTopology(ensureTopology(topology), { registry: cast.registry, ...options })
  const events: OrchestrationEvent[] = []
  const run = compiled.start({ task, ...(context && { context }) })
  run.events$.subscribe(event => events.push(event))
  let outcome: TopologyOutcome | undefined
  let error: Error | undefined
  try {
    outcome = await run.result
  } catch (thrown) {
    error = thrown as Error
  }
  const turns = turnsOf(events)
  return { cast, outcome, error, events, steps: turns.map(({ agent }) => agent), turns }
}

/** What agents have decided, in the order of the events. */
export function turnsOf(events: readonly OrchestrationEvent[]): readonly AgentTurn[] {
  return events.flatMap(event => {
    const output = event.type === 'state.completed' ? (event.output as Partial<AgentTurn> | undefined) : undefined
    return output?.action === undefined ? [] : [output as AgentTurn]
  })
}

/** A call of a routing tool. */
export function call(name: string, given: unknown): ScriptedReply {
  return { toolCalls: [{ name, arguments: given }] }
}

export const invoke = (target: string, input = `${target}, please`): ScriptedReply =>
  call('invoke_agent', { target, input })

export const invokeAll = (agents: readonly string[], waitForAll = true): ScriptedReply =>
  call('parallel_invoke', { agents: agents.map(agent => ({ agent, input: `${agent}, please` })), waitForAll })

export const finish = (response: string): ScriptedReply => call('return_final_response', { response })
