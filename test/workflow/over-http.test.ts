import 'reflect-metadata'
import { expect, test } from 'vitest'
import { Agent, AgentRegistry } from '../../src/agents/index.js'
import { nodeStatuses, parseWorkflow } from '../../src/workflow/index.js'
import { DemoServer } from '../demos/demo-server.js'
import { definition, ran } from './runs.js'

const server = new DemoServer()

test('S2-06, S2-16: language models behind HTTP are agents of a workflow, and what they use is priced', async () => {
  server.answers('You search.', 'two pages')
  server.answers('You summarise.', ({ text }) => `summary of ${JSON.parse(text).search}`)
  const registry = new AgentRegistry()
  registry.register(new Agent({ ...server.connection, name: 'web-search', instructions: 'You search.' }))
  registry.register(new Agent({ ...server.connection, name: 'summarizer', instructions: 'You summarise.' }))
  const json = definition(
    [
      { id: 'search', type: 'agent_call', agent_id: 'web-search', config: { payload: 'Search for {{input.topic}}.' } },
      { id: 'summarize', type: 'agent_call', agent_id: 'summarizer', config: { max_length: 500 } },
    ],
    ['search > summarize'],
  )
  const prices = {
    currency: 'USD',
    asOf: '2025-01-31',
    models: { 'gpt-4.1-mini': { inputPerMillion: 1000, outputPerMillion: 1000 } },
  }
  const { output, events } = await ran(json, { registry, prices, maxBudget: 1 }, { topic: 'tides' })
  expect(output.summarize).toBe('summary of two pages')
  expect(JSON.stringify(server.requestsOf('You search.')[0]?.messages)).toContain('Search for tides.')
  const { inputTokens, outputTokens } = server.reported
  const rows = nodeStatuses(parseWorkflow(json), events, prices)
  expect(rows.every(({ cost }) => cost > 0)).toBe(true)
  expect(rows.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo((inputTokens + outputTokens) / 1000)
  const broke = await ran(json, { registry, prices, maxBudget: 0.15 }, { topic: 'tides' })
  expect(broke.error.cause.message).toMatch(/^Budget exceeded: \$0\.\d+ > max \$0\.15 \(at node "\w+"\)$/)
})
