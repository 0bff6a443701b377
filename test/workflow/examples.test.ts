import 'reflect-metadata'
import { expect, test } from 'vitest'
import { toMermaid, verify } from '../../src/graph/index.js'
import { compileWorkflow, layersOf, parseWorkflow, workflowTemplates } from '../../src/workflow/index.js'
import { agentsOf, ran, startedNodes } from './runs.js'

const researchPipeline = {
  name: 'Research Pipeline',
  description: 'Multi-agent research workflow',
  nodes: [
    { id: 'search', type: 'agent_call', agent_id: 'agent-search-001', config: { query: '{{input.topic}}' } },
    { id: 'summarize', type: 'agent_call', agent_id: 'agent-summary-001', config: { max_length: 500 } },
    { id: 'review', type: 'human_approval', config: { message: 'Approve research summary?' } },
  ],
  edges: [
    { from: 'search', to: 'summarize' },
    { from: 'summarize', to: 'review' },
  ],
}

const parallelResearch = {
  name: 'Parallel Research',
  nodes: [
    { id: 'web', type: 'agent_call', agent_id: 'web-search' },
    { id: 'academic', type: 'agent_call', agent_id: 'academic-search' },
    { id: 'merge', type: 'agent_call', agent_id: 'summarizer' },
    { id: 'approve', type: 'human_approval', config: { message: 'Publish?' } },
  ],
  edges: [
    { from: 'web', to: 'merge' },
    { from: 'academic', to: 'merge' },
    { from: 'merge', to: 'approve' },
  ],
}

test('S2-01, S2-02, S2-03, S2-04, S2-05, S2-06, S2-10: the research pipeline runs, and waits for its approval', async () => {
  const { agents, calls } = agentsOf({
    'agent-search-001': ({ config }) => ({ found: [`about ${config.query}`] }),
    'agent-summary-001': ({ previous }) => `summary of ${previous.found[0]}`,
  })
  const { run, events } = await ran(researchPipeline, { agents }, { topic: 'tides' })
  expect(calls[0]).toEqual({
    id: 'agent-search-001',
    input: { input: { topic: 'tides' }, config: { query: 'tides' } },
  })
  expect(calls[1]?.input).toEqual({
    input: { topic: 'tides' },
    search: { found: ['about tides'] },
    previous: { found: ['about tides'] },
    config: { max_length: 500 },
  })
  expect(run.requests).toMatchObject([{ stateName: 'review', message: 'Approve research summary?' }])
  expect(events).toContainEqual(expect.objectContaining({ type: 'approval.requested', stateName: 'review' }))
  await run.approve('review', { by: 'ann', comment: 'good' })
  expect(await run.result).toEqual({
    search: { found: ['about tides'] },
    summarize: 'summary of about tides',
    review: { approved: true, outcome: 'approved', by: 'ann', comment: 'good' },
    output: { approved: true, outcome: 'approved', by: 'ann', comment: 'good' },
  })
})

test('S2-34, S2-38: parallel research fans out, and merges what both have found', async () => {
  const { agents, calls } = agentsOf({
    'web-search': () => 'web pages',
    'academic-search': () => 'papers',
    summarizer: ({ web, academic, previous }) => `${web} and ${academic}, ${previous}`,
  })
  const { run, events } = await ran(parallelResearch, { agents }, { topic: 'quantum computing' })
  expect(startedNodes(events)).toEqual(['web', 'academic', 'merge', 'approve'])
  expect(calls[2]?.input).toEqual({
    input: { topic: 'quantum computing' },
    web: 'web pages',
    academic: 'papers',
    config: {},
  })
  await run.approve('approve')
  expect((await run.result)['merge']).toBe('web pages and papers, undefined')
})

test('S2-12, S2-13: the nodes come in dependency layers', () => {
  expect(layersOf(parseWorkflow(parallelResearch))).toEqual([['web', 'academic'], ['merge'], ['approve']])
})

test('S2-14: a layer begins when all of the layer before is done, and its nodes are at work at once', async () => {
  const events: string[] = []
  let open: (() => void) | undefined
  const gate = new Promise<void>(resolve => (open = resolve))
  const work = (name: string, before: () => unknown) => async () => {
    events.push(`${name} begins`)
    await before()
    events.push(`${name} ends`)
  }
  const json = {
    name: 'Layers',
    nodes: ['slow', 'quick', 'afterQuick', 'afterSlow'].map(id => ({ id, type: 'agent_call', agent_id: id })),
    edges: [
      { from: 'quick', to: 'afterQuick' },
      { from: 'slow', to: 'afterSlow' },
    ],
  }
  compileWorkflow(parseWorkflow(json), {
    agents: {
      slow: work('slow', () => gate),
      quick: work('quick', () => undefined),
      afterQuick: work('afterQuick', () => undefined),
      afterSlow: work('afterSlow', () => undefined),
    },
  })
    .start({})
    .on('state.completed', ({ stateName }) => stateName === 'quick' && open?.())
  await expect.poll(() => events.length).toBe(8)
  expect(events.slice(0, 2)).toEqual(['slow begins', 'quick begins'])
  expect(events.indexOf('afterQuick begins')).toBeGreaterThan(events.indexOf('slow ends'))
})

test.each(workflowTemplates)('the orchestration of $key is sound, and can be drawn', ({ agents, workflow }) => {
  const orchestration = compileWorkflow(workflow(), { agents: Object.fromEntries(agents.map(id => [id, () => id])) })
  const report = verify(orchestration)
  expect(report.ok).toBe(true)
  expect(toMermaid(orchestration)).toContain(layersOf(workflow())[0]?.[0])
})
