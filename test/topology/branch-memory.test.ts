import { describe, expect, it } from 'vitest'
import { Agent, type ModelMessage, textOf, tool } from '../../src/agents/index.js'
import { compileTopology, PatternConfig, Topology } from '../../src/topology/index.js'
import { Cast, call, invoke, play, type Script, Scripted } from './agents-at-work.js'

/** What a model saw in a call, without instructions. */
const seen = (cast: Cast, agent: string, turn: number): readonly string[] =>
  (cast.models[agent]?.requests[turn - 1]?.messages ?? [])
    .filter(({ role }) => role !== 'system')
    .map(message => `${message.role}: ${textOf(message)}`)

const echo: Script = (_, turn) => `turn ${turn}`

describe('S1-56: what agents remember', () => {
  it('goes on with its own conversation when it is addressed again', async () => {
    const topology = {
      nodes: ['User', 'Writer', 'Reviewer'],
      edges: ['User -> Writer', 'Writer <-> Reviewer', 'Reviewer -> User'],
      rules: ['max_turns(Writer <-> Reviewer, 2)'],
    }
    const { cast } = await play(topology, { Writer: echo, Reviewer: echo })
    expect(seen(cast, 'Writer', 2)).toEqual(['user: The task', 'assistant: turn 1', 'user: From Reviewer:\nturn 1'])
    expect(seen(cast, 'Reviewer', 2)).toEqual([
      ...['user: Task: The task\n\nFrom Writer:\nturn 1', 'assistant: turn 1', 'user: From Writer:\nturn 2'],
    ])
  })

  it('goes on with its own memory after others have answered', async () => {
    const { cast } = await play(PatternConfig.hubAndSpoke({ hub: 'Hub', spokes: ['A', 'B'], parallelSpokes: true }), {
      Hub: echo,
      A: 'a',
      B: 'b',
    })
    expect(seen(cast, 'Hub', 2)).toEqual(['user: The task', 'assistant: turn 1', 'user: From A:\na\n\nFrom B:\nb'])
  })

  it('starts anew in a branch of its own: it sees what it is given there, nothing of other branches', async () => {
    const topology = {
      nodes: ['User', 'Planner', 'A', 'B', 'Checker'],
      edges: ['User -> Planner', 'Planner -> A', 'Planner -> B', 'A <=> Checker', 'B <=> Checker'],
    }
    const { cast } = await play(topology, { Planner: 'plan', A: 'a', B: 'b', Checker: 'checked' })
    const calls = [1, 2].map(turn => seen(cast, 'Checker', turn))
    expect(calls.map(messages => messages.length)).toEqual([1, 1])
    expect(calls.flat().sort()).toEqual(
      ['A', 'B'].map(name => `user: Task: The task\n\nFrom ${name}:\n${name.toLowerCase()}`),
    )
  })

  it('remembers across a loop through a place where branches come together', async () => {
    const topology = {
      nodes: ['User', 'Planner', 'A', 'B', 'Editor'],
      edges: [
        'User -> Planner',
        'Planner -> A',
        'Planner -> B',
        'A -> Editor',
        'B -> Editor',
        'Editor -> User',
        'Editor -> Planner',
      ],
    }
    const { cast, outcome } = await play(topology, {
      Planner: echo,
      A: 'a',
      B: 'b',
      Editor: (_, turn) =>
        turn < 3 ? invoke('Planner', 'again') : call('return_final_response', { response: 'done' }),
    })
    expect(outcome?.response).toBe('done')
    expect(seen(cast, 'Planner', 3)).toHaveLength(5)
    expect(seen(cast, 'A', 3)).toHaveLength(1)
  })

  it('keeps only what is new with each step', async () => {
    const cast = new Cast({ Writer: echo, Reviewer: echo })
    const topology = Topology.of({
      nodes: ['User', 'Writer', 'Reviewer'],
      edges: ['User -> Writer', 'Writer <-> Reviewer'],
      rules: ['max_turns(Writer <-> Reviewer, 20)'],
    })
    const run = compileTopology(topology, { registry: cast.registry }).start({ task: 'x' })
    await run.result
    const turns = Object.entries(run.properties).filter(([key]) => key.startsWith('topology.memory/'))
    expect(turns).toHaveLength(40)
    for (const [, kept] of turns) expect((kept as { messages: readonly ModelMessage[] }).messages).toHaveLength(2)
  })
})

describe('S1-51: the context', () => {
  it('S1-30 is in the first prompt of every agent, and in the properties of the run for its tools', async () => {
    const context = { style: 'technical', user_id: 'user_456' }
    const seenByTool: unknown[] = []
    const look = tool({
      name: 'look',
      description: 'Looks at the context',
      execute: (_, { run }) => {
        seenByTool.push(run?.properties.get('topology.context'))
        return 'seen'
      },
    })
    const cast = new Cast({ A: 'a' })
    const client = new Scripted((_, turn) => (turn === 1 ? call('look', {}) : 'b'))
    cast.registry.register(new Agent({ client, model: 'scripted', name: 'B', tools: [look] }))
    await play({ nodes: ['User', 'A', 'B'], edges: ['User -> A -> B'] }, cast, { context })
    expect(cast.asked('A')).toEqual(['The task\n\nContext: {"style":"technical","user_id":"user_456"}'])
    expect(textOf(client.requests[0]?.messages.at(-1))).toContain('Context: {"style":"technical","user_id":"user_456"}')
    expect(seenByTool).toEqual([context])
  })
})
