import { describe, expect, it } from 'vitest'
import { Agent, AgentRegistry } from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

const agent = (name: string) => new Agent({ client: new ScriptedModel([]), model: 'scripted', name })

describe('a registry of agents', () => {
  it('keeps agents by name, and gives them back', () => {
    const registry = new AgentRegistry()
    const planner = registry.register(agent('Planner'))
    registry.register(planner, 'again')
    expect(registry.get('Planner')).toBe(planner)
    expect(registry.list()).toEqual(['Planner', 'again'])
    expect(registry.has('again')).toBe(true)
    expect(registry.unregister('again')).toBe(true)
    expect(registry.unregister('again')).toBe(false)
    expect(registry.has('again')).toBe(false)
  })

  it('refuses a name twice', () => {
    const registry = new AgentRegistry()
    registry.register(agent('Planner'))
    expect(() => registry.register(agent('Planner'))).toThrow(expect.objectContaining({ code: 'AGENT_EXISTS' }))
    expect(() => registry.register(agent('x'), ' ')).toThrow('Option `name`')
  })

  it('says which names come nearest to one that it does not know', () => {
    const registry = new AgentRegistry()
    expect(() => registry.get('Planner')).toThrow('None is registered.')
    for (const name of ['Planner', 'Writer', 'Painter']) registry.register(agent(name))
    expect(() => registry.get('planer')).toThrow('Did you mean "Planner"?')
    expect(() => registry.get('Accountant')).toThrow('There are: Painter, Planner, Writer.')
    expect(() => registry.get('planer')).toThrow(expect.objectContaining({ code: 'AGENT_UNKNOWN' }))
  })

  it('with a parent sees what that has, may shadow it, and leaves it alone', () => {
    const parent = new AgentRegistry()
    const scope = new AgentRegistry(parent)
    const [outer, inner] = [parent.register(agent('Planner')), scope.register(agent('Planner'))]
    parent.register(agent('Writer'))
    expect(scope.get('Planner')).toBe(inner)
    expect(parent.get('Planner')).toBe(outer)
    expect(scope.list()).toEqual(['Planner', 'Writer'])
    expect(scope.unregister('Writer')).toBe(false)
    scope.unregister('Planner')
    expect(scope.get('Planner')).toBe(outer)
  })

  it('is there for the whole process too', () => {
    const made = AgentRegistry.global.register(agent('test: of the process'))
    expect(new AgentRegistry(AgentRegistry.global).get('test: of the process')).toBe(made)
    AgentRegistry.global.unregister('test: of the process')
  })
})
