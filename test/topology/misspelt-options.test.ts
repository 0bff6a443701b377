import { describe, expect, it } from 'vitest'
import { AgentRegistry } from '../../src/agents/index.js'
import { MemoryJournalStore, StateManager } from '../../src/durability/index.js'
import { analyzeTopology, compileTopology, Orchestra, PatternConfig } from '../../src/topology/index.js'
import { scripted } from './scripted-agents.js'

const topology = () => ({ nodes: ['User', scripted('A', 'a')], edges: ['User -> A -> User'] })
const kept = () => new Orchestra(new AgentRegistry(), { stateManager: new StateManager(new MemoryJournalStore()) })
const work = (more: object) => ({ task: 't', topology: topology(), ...more })

describe('misspelt options from plain JavaScript', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['Orchestra.run()', () => Orchestra.run(work({ max_steps: 1 })), 'maxSteps'],
    ['Orchestra.run(), in lower case', () => Orchestra.run(work({ maxsteps: 1 })), 'maxSteps'],
    ['Orchestra.run(), the registry', () => Orchestra.run(work({ agent_registry: 1 })), 'agentRegistry'],
    ['an orchestra', () => new Orchestra(new AgentRegistry(), { state_manager: 1 } as object), 'stateManager'],
    ['execute()', () => kept().execute(work({ enable_pause: true })), 'enablePause'],
    ['a session', () => kept().createSession({ task: 't', session_id: 's' } as { task: string }), 'sessionId'],
    [
      'a run of a session',
      async () => (await kept().createSession({ task: 't' })).run(topology(), { max_steps: 1 } as object),
      'maxSteps',
    ],
    [
      'taking up',
      async () => (await kept().createSession({ task: 't' })).resume({ allow_modified: true } as object),
      'allowModified',
    ],
    ['compileTopology()', () => compileTopology(topology(), { max_steps: 1 } as object), 'maxSteps'],
  ])('are refused by %s, with what was meant', async (_of, action, meant) => {
    const refusal = { code: 'OPTION_INVALID', message: expect.stringContaining(`Did you mean "${meant}"?`) }
    await expect((async () => action())()).rejects.toMatchObject(refusal)
  })
})

describe('a node that is called almost like the boundary', () => {
  it('is told that User may be meant', async () => {
    const run = Orchestra.run({ task: 't', topology: { nodes: ['user', scripted('A', 'a')], edges: ['user -> A'] } })
    await expect(run).rejects.toThrow('"user": Did you mean "User"?')
  })

  it('is no boundary where there is one', async () => {
    const edges = ['User -> Users -> User']
    const run = Orchestra.run({
      task: 't',
      topology: { nodes: ['User', 'Users'], edges },
      agentRegistry: new AgentRegistry(),
    })
    await expect(run).rejects.toThrow('"Users": None is registered.')
  })
})

describe('what takes a topology', () => {
  it('S1-37 takes it in every notation', async () => {
    expect(analyzeTopology(topology()).entries).toEqual(['A'])
    expect((await compileTopology(topology()).run({ task: 't' })).response).toBe('a')
    expect(analyzeTopology(PatternConfig.broadcast({ broadcaster: 'B', receivers: ['C', 'D'] })).entries).toEqual(['B'])
    expect(() => analyzeTopology('A -> B' as never)).toThrow('Invalid topology format: "A -> B"')
  })
})
