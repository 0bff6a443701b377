import { A2aAgent, Agent, AgentRegistry } from '../../agents/index.js'
import { Orchestration } from '../../core/index.js'
import type { WorkflowAgent } from '../../workflow/index.js'
import type { ModuleExports } from './load-module.js'
import { orchestrationsIn } from './orchestrations-in.js'

/**
 * The agents that a module exports, for definitions that call them by name: agents and orchestrations under their own names
 * and those of the exports, functions under those of the exports. `default` and `agents` may be objects, or an `AgentRegistry`, with more.
 */
export function agentsIn(exports: ModuleExports, file: string): ReadonlyMap<string, WorkflowAgent> {
  const found = new Map<string, WorkflowAgent>()
  for (const [name, orchestration] of orchestrationsIn(exports, file)) {
    if (name !== 'default') found.set(name, orchestration)
    found.set(orchestration.name, orchestration)
  }
  const add = (name: string, value: unknown): void => {
    if (value instanceof AgentRegistry) for (const each of value.list()) found.set(each, value.get(each))
    else if (isAgent(value)) {
      if (name !== 'default') found.set(name, value)
      if (typeof value !== 'function') found.set(value.name, value)
    }
  }
  for (const [name, value] of Object.entries(exports)) {
    add(name, value)
    if (name !== 'default' && name !== 'agents') continue
    const entries = value instanceof Map ? [...value] : isPlain(value) ? Object.entries(value) : []
    for (const [key, each] of entries) add(String(key), each)
  }
  return found
}

function isAgent(value: unknown): value is WorkflowAgent {
  if (value instanceof Agent || value instanceof A2aAgent || value instanceof Orchestration) return true
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value))
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
