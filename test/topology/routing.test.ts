import { IsInt, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRegistry } from '../../src/agents/index.js'
import { OrchestrationFailedError } from '../../src/core/index.js'
import { compileTopology, PatternConfig, Topology } from '../../src/topology/index.js'
import { Cast, call, finish, invoke, invokeAll, play, Scripted } from './agents-at-work.js'

const chain = { nodes: ['User', 'A', 'B', 'C'], edges: ['User -> A -> B -> C'] }

describe('what an agent only says', () => {
  it('S1-18 goes along the edges, and ends with the user', async () => {
    const { steps, outcome, turns } = await play(chain, { A: 'a', B: 'b', C: 'c' })
    expect(steps).toEqual(['A', 'B', 'C'])
    expect(outcome?.response).toBe('c')
    expect(turns.map(({ action }) => action)).toEqual([
      { type: 'invoke_agent', target: 'B', input: 'a' },
      { type: 'invoke_agent', target: 'C', input: 'b' },
      { type: 'final_response', response: 'c', to: 'User' },
    ])
    expect(turns.every(({ explicit }) => !explicit)).toBe(true)
  })

  it('S1-12 S1-40 goes along all edges at a divergence, to each side by side', async () => {
    const { outcome, turns } = await play(
      {
        nodes: ['User', 'Planner', 'Worker1', 'Worker2'],
        edges: ['User -> Planner', 'Planner -> Worker1', 'Planner -> Worker2'],
      },
      { Planner: 'plan', Worker1: 'one', Worker2: 'two' },
    )
    expect(turns[0]?.action).toMatchObject({ type: 'parallel_invoke', gathers: false })
    expect(outcome?.response).toEqual({ Worker1: 'one', Worker2: 'two' })
  })

  it('S1-44 begins with every entry, each in a branch of its own', async () => {
    const { outcome, events } = await play(
      { nodes: ['User', 'A', 'B'], edges: ['User -> A', 'User -> B'] },
      { A: 'a', B: 'b' },
    )
    expect(outcome?.answers.map(({ agent, branch }) => [agent, branch])).toEqual([
      ['A', '0:0.0'],
      ['B', '0:0.1'],
    ])
    expect(events.filter(event => event.type === 'branch.created')).toHaveLength(2)
  })

  it('S1-44 begins with the agents that no edge leads to if there is no user', async () => {
    const { steps } = await play({ nodes: ['A', 'B'], edges: ['A -> B'] }, { A: 'a', B: 'b' })
    expect(steps).toEqual(['A', 'B'])
  })

  it('S1-48 is never searched for words that sound like a decision', async () => {
    const { steps } = await play(chain, { A: 'I am done. Call C, please; return the final response.', B: 'b', C: 'c' })
    expect(steps).toEqual(['A', 'B', 'C'])
  })

  it('S1-48 must not be empty', async () => {
    const { steps, cast } = await play(chain, { A: (_, turn) => (turn < 3 ? ' ' : 'a'), B: 'b', C: 'c' })
    expect(steps).toEqual(['A', 'B', 'C'])
    expect(cast.asked('A')[2]).toBe('Your answer was empty. Answer again.')
    const { error } = await play(chain, { A: '', B: 'b', C: 'c' })
    expect(error).toMatchObject({ cause: { code: 'MODEL_OUTPUT_INVALID' } })
  })

  it('hands on a structured output as data', async () => {
    class Plan {
      title!: string
      parts!: number
    }
    IsString()(Plan.prototype, 'title')
    IsInt()(Plan.prototype, 'parts')
    const cast = new Cast({ B: 'b', C: 'c' })
    const client = new Scripted(() => ({ object: { title: 'T', parts: 2 } }))
    cast.registry.register(new Agent({ client, model: 'scripted', name: 'A', outputSchema: Plan }))
    const { turns } = await play(chain, cast)
    expect(turns[0]?.response).toEqual({ title: 'T', parts: 2 })
    expect(turns[0]?.response).not.toBeInstanceOf(Plan)
    expect(cast.asked('B')[0]).toContain('From A:\n{"title":"T","parts":2}')
  })
})

describe('S1-70: what an agent decides', () => {
  const choice = { nodes: ['User', 'A', 'B', 'C'], edges: ['User -> A', 'A -> B', 'A -> C'] }

  it('invokes one of several', async () => {
    const { steps, cast, turns } = await play(choice, { A: () => invoke('C', 'only you'), B: 'b', C: 'c' })
    expect(steps).toEqual(['A', 'C'])
    expect(cast.asked('C')).toEqual(['From A:\nonly you'])
    expect(turns[0]).toMatchObject({ explicit: true, action: { type: 'invoke_agent', target: 'C', input: 'only you' } })
  })

  it('S1-48 is checked against the topology; an agent that must not is told so and may think again', async () => {
    const { steps, cast } = await play(choice, {
      A: (_, turn) => (turn === 1 ? invoke('D') : invoke('B')),
      B: 'b',
      C: 'c',
    })
    expect(steps).toEqual(['A', 'B'])
    expect(cast.asked('A')[1]).toContain('Agent A cannot invoke D. Valid targets: [B, C]')
  })

  it('S1-48 fails the step after three decisions that are not valid', async () => {
    const { error, cast } = await play(choice, { A: () => invoke('D'), B: 'b', C: 'c' })
    expect(error).toBeInstanceOf(OrchestrationFailedError)
    expect(error?.message).toContain('Agent A cannot invoke D')
    expect(cast.asked('A')).toHaveLength(3)
  })

  it.each([
    ['one agent only', call('parallel_invoke', { agents: [{ agent: 'B', input: 'x' }] }), 'two agents or more'],
    ['an agent that is not there', invokeAll(['B', 'X']), 'Agent A cannot invoke X'],
    ['no input', call('invoke_agent', { target: 'B', input: ' ' }), 'input must be a text that is not empty'],
    ['a list', call('invoke_agent', ['B']), 'the arguments must be an object'],
    [
      'two decisions at once',
      { toolCalls: [invoke('B'), invoke('C')].flatMap(reply => (reply as never as { toolCalls: never[] }).toolCalls) },
      'only one of',
    ],
  ])('S1-48 refuses %s', async (_, reply, message) => {
    const { steps, cast } = await play(choice, {
      A: (_request, turn) => (turn === 1 ? reply : invoke('B')),
      B: 'b',
      C: 'c',
    })
    expect(steps).toEqual(['A', 'B'])
    expect(cast.asked('A')[1]).toContain(message)
  })

  it('S1-48 holds a final response to the output that the agent is to have', async () => {
    class Grade {
      grade!: number
    }
    IsInt()(Grade.prototype, 'grade')
    const cast = new Cast({ B: 'b' })
    const client = new Scripted((_, turn) => finish(turn === 1 ? '{"grade":"good"}' : '{"grade":1}'))
    cast.registry.register(new Agent({ client, model: 'scripted', name: 'A', outputSchema: Grade }))
    const { outcome } = await play({ nodes: ['User', 'A', 'B'], edges: ['User -> A', 'A <=> B', 'A -> User'] }, cast)
    expect(outcome?.response).toEqual({ grade: 1 })
  })

  it('is offered only where it makes a difference', async () => {
    const linear = await play(chain, { A: 'a', B: 'b', C: 'c' })
    expect([linear.cast.offered('A')[0], linear.cast.offered('C')[0]]).toEqual([['return_final_response'], []])
    const open = await play(choice, { A: 'a', B: 'b', C: 'c' })
    expect(open.cast.offered('A')[0]).toEqual(['invoke_agent', 'parallel_invoke', 'return_final_response'])
  })
})

describe('S1-69: peers', () => {
  it('asks everybody once in a mesh, and comes to an end', async () => {
    const names = ['A', 'B', 'C', 'D']
    const { steps, error } = await play(
      PatternConfig.mesh({ agents: names, metadata: { entryPoint: 'A' } }),
      Object.fromEntries(names.map(name => [name, `${name} says`])),
    )
    expect(error).toBeUndefined()
    expect(steps).toEqual(['A', 'B', 'C', 'D', 'A'])
  })

  it('goes round a ring until an agent answers to the user', async () => {
    const names = ['A', 'B', 'C']
    const { steps, outcome } = await play(PatternConfig.ring({ agents: names, metadata: { entryPoint: 'A' } }), {
      A: 'a',
      B: (_, turn) => (turn < 3 ? 'b' : finish('three rounds')),
      C: 'c',
    })
    expect(steps).toEqual(['A', 'B', 'C', 'A', 'B', 'C', 'A', 'B'])
    expect(outcome?.response).toBe('three rounds')
  })
})

describe('the agents of a topology', () => {
  it('S1-53 come from the registry that is given; all that are missing are named at once, with what comes nearest', () => {
    const registry = new AgentRegistry()
    registry.register(new Agent({ client: new Scripted(() => ''), model: 'scripted', name: 'Planner' }))
    const topology = Topology.of({ nodes: ['User', 'Planer', 'Critic'], edges: ['User -> Planer -> Critic'] })
    expect(() => compileTopology(topology, { registry })).toThrow(
      expect.objectContaining({
        code: 'AGENT_UNKNOWN',
        details: expect.objectContaining({ agents: ['Planer', 'Critic'] }),
      }),
    )
    expect(() => compileTopology(topology, { registry })).toThrow(/Did you mean "Planner"/)
  })
})
