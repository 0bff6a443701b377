import { describe, expect, it } from 'vitest'
import { Agent, AgentRegistry } from '../../src/agents/index.js'
import { Orchestra, PatternConfig } from '../../src/topology/index.js'
import { DemoServer, type Line } from '../demos/demo-server.js'

const server = new DemoServer()

/** Agents with the official client, whose server gives them these answers. */
function crew(script: Readonly<Record<string, readonly [Line, ...Line[]]>>): AgentRegistry {
  const registry = new AgentRegistry()
  for (const [name, lines] of Object.entries(script)) {
    const instructions = `You are ${name}.`
    server.answers(instructions, ...lines)
    registry.register(new Agent({ ...server.connection, name, instructions }))
  }
  return registry
}

describe('the examples of S1 over HTTP', () => {
  it('S1-12 S1-20 S1-40 string notation with parallel workers', async () => {
    const agentRegistry = crew({ Planner: ['the plan'], Worker1: ['done by 1'], Worker2: ['done by 2'] })
    const topology = {
      nodes: ['User', 'Planner', 'Worker1', 'Worker2'],
      edges: ['User -> Planner', 'Planner -> Worker1', 'Planner -> Worker2'],
      rules: ['parallel(Worker1, Worker2)'],
    }
    const result = await Orchestra.run({ task: 'Analyze data', topology, agentRegistry })
    expect(result.finalResponse).toEqual({ Worker1: 'done by 1', Worker2: 'done by 2' })
    const { inputTokens, outputTokens } = result.metadata.usage.total
    expect([inputTokens, outputTokens]).toEqual([server.reported.inputTokens, server.reported.outputTokens])
  })

  it('S1-16 a hub with parallel spokes', async () => {
    const agentRegistry = crew({
      Coordinator: ['split it', ({ text }) => `together: ${/\bone\b/.test(text)} ${/\btwo\b/.test(text)}`],
      Worker1: ['one'],
      Worker2: ['two'],
      Worker3: ['three'],
    })
    const spokes = ['Worker1', 'Worker2', 'Worker3']
    const topology = PatternConfig.hubAndSpoke({ hub: 'Coordinator', spokes, parallelSpokes: true })
    const result = await Orchestra.run({ task: 'Distributed processing', topology, agentRegistry })
    expect([result.finalResponse, result.totalSteps]).toEqual(['together: true true', 5])
  })

  it('S1-17 a hierarchy of three levels, whose results come back up', async () => {
    const agentRegistry = crew({
      Manager: ['write it', ({ text }) => `all: ${text.includes('part one')} ${text.includes('part two')}`],
      TeamLead1: ['first part', 'part one'],
      TeamLead2: ['second part', 'part two'],
      Dev1: ['a'],
      Dev2: ['b'],
      Dev3: ['c'],
      Dev4: ['d'],
    })
    const tree = { Manager: ['TeamLead1', 'TeamLead2'], TeamLead1: ['Dev1', 'Dev2'], TeamLead2: ['Dev3', 'Dev4'] }
    const topology = PatternConfig.hierarchical({ tree })
    const result = await new Orchestra(agentRegistry).execute({ task: 'Document', topology, maxSteps: 50 })
    expect([result.error, result.finalResponse, result.totalSteps]).toEqual([undefined, 'all: true true', 10])
  })

  it('S1-21 S1-65 the complete workflow, with three turns of review', async () => {
    const agentRegistry = crew({
      ResearchAgent: ['research'],
      AnalystAgent: ['analysis'],
      WriterAgent: ['draft 1', 'draft 2', 'draft 3'],
      ReviewAgent: ['again', 'once more', ({ text }) => `good: ${/draft \d/.exec(text)?.[0]}`],
    })
    const nodes = ['User', 'ResearchAgent', 'AnalystAgent', 'WriterAgent', 'ReviewAgent']
    const result = await Orchestra.run({
      task: 'Write a comprehensive report on AI safety',
      topology: {
        nodes,
        edges: [
          'User -> ResearchAgent',
          'ResearchAgent -> AnalystAgent',
          'AnalystAgent -> WriterAgent',
          'WriterAgent <-> ReviewAgent',
          'ReviewAgent -> User',
        ],
        rules: ['max_turns(WriterAgent <-> ReviewAgent, 3)', 'timeout(300)'],
      },
      agentRegistry,
      context: { style: 'technical', length: 'detailed', audience: 'researchers' },
      maxSteps: 50,
    })
    expect([result.success, result.finalResponse]).toEqual([true, 'good: draft 3'])
    expect(server.requestsOf('You are ReviewAgent.')).toHaveLength(3)
    for (const name of nodes.slice(1)) {
      expect(JSON.stringify(server.requestsOf(`You are ${name}.`)[0]?.messages)).toContain('researchers')
    }
  })

  it('S1-42 S1-58 a server that fails, as a result with an error', async () => {
    const agentRegistry = crew({ Planner: ['the plan'], Worker1: [{ status: 500, message: 'The server is down' }] })
    const topology = { nodes: ['User', 'Planner', 'Worker1'], edges: ['User -> Planner -> Worker1 -> User'] }
    const result = await Orchestra.run({ task: 'Analyze data', topology, agentRegistry })
    expect([result.success, result.finalResponse]).toEqual([false, 'the plan'])
    expect(result.error).toContain('The server is down')
  })
})
