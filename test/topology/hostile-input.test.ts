import { describe, expect, it } from 'vitest'
import { Orchestra, PatternConfig } from '../../src/topology/index.js'
import { Cast, play } from './agents-at-work.js'
import { refused } from './refused.js'

const call = (name: string, given: unknown) => ({ toolCalls: [{ name, arguments: given as object }] })

describe('agents whose names every object has something for', () => {
  it('have the time that a rule gives to others, and not what objects have', async () => {
    const topology = {
      nodes: ['User', 'constructor', 'toString'],
      edges: ['User -> constructor -> toString'],
      rules: ['agent_timeout(toString: 5)'],
    }
    const { error, steps } = await play(topology, { constructor: 'c', toString: 't' })
    expect(error).toBeUndefined()
    expect(steps).toEqual(['constructor', 'toString'])
  })

  it('have a memory in the result', async () => {
    const names = ['constructor', '__proto__', 'valueOf']
    const { registry } = new Cast(Object.fromEntries(names.map(name => [name, name])))
    const topology = { nodes: ['User', ...names], edges: [`User -> ${names.join(' -> ')} -> User`] }
    const { success, branchResults } = await Orchestra.run({ task: 'x', topology, agentRegistry: registry })
    expect(success).toBe(true)
    expect(Object.keys(branchResults[0]?.branchMemory ?? {})).toEqual(names)
  })
})

describe('agents that answer nonsense', () => {
  it('fail their step at the third decision whose arguments are no object', async () => {
    const nonsense = [null, [], 5, null, null]
    const topology = { nodes: ['User', 'A', 'B', 'C'], edges: ['User -> A', 'A <=> B', 'A <=> C'] }
    const { error, cast } = await play(topology, {
      A: (_request, at) => call('invoke_agent', nonsense[at - 1]),
      B: 'b',
      C: 'c',
    })
    expect(error?.message).toContain('the arguments must be an object, not 5')
    expect(cast.models['A']?.requests).toHaveLength(3)
    expect(cast.asked('A').slice(1)).toEqual([
      expect.stringContaining('must be an object, not null'),
      expect.stringContaining('must be an object, not a list of 0'),
    ])
  })
})

describe('an orchestra that is called like that of S1', () => {
  it('is told that it takes one object', async () => {
    const run = Orchestra.run as unknown as (...given: unknown[]) => Promise<unknown>
    for (const given of [[], ['Analyze', { nodes: ['A'] }]]) {
      await expect(run.apply(Orchestra, given)).rejects.toThrow('Option `work` must be an object { task, topology, … }')
    }
  })
})

describe('a pattern', () => {
  it('tells of a timeout where its metadata has it, together with all else', () => {
    const options = { broadcaster: 'A', receivers: ['B', ''], metadata: { timeout: -1 } }
    expect(refused(() => PatternConfig.broadcast(options))).toEqual([
      'receivers[1].name: A name is missing. A name is a text that is not empty and has none of < > , ( ).',
      'metadata.timeout: Is -1. Expected is a number of seconds, more than 0.',
    ])
  })
})
