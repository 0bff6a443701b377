import { Agent, AgentRegistry, type ModelMessage, textOf } from '../../src/agents/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'

/** An agent that says these things, one after the other. */
export function scripted(name: string, ...replies: readonly ScriptedReply[]): Agent {
  return new Agent({ name, client: new ScriptedModel(replies), model: 'scripted' })
}

/** A registry of agents that say these things. */
export function registryOf(script: Readonly<Record<string, readonly ScriptedReply[]>>): AgentRegistry {
  const registry = new AgentRegistry()
  for (const [name, replies] of Object.entries(script)) registry.register(scripted(name, ...replies))
  return registry
}

/** What was said to an agent in each of its turns: the last message. */
export function heard(registry: AgentRegistry, name: string): readonly string[] {
  const { client } = registry.get(name)
  return (client as ScriptedModel).requests.map(({ messages }) => textOf(messages.at(-1) as ModelMessage))
}
