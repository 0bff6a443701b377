import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { Orchestration, type OrchestrationEvent } from '../../src/core/index.js'
import { toDot, toMermaid, toPlantUml, toSvg, traceOf } from '../../src/graph/index.js'
import { nodeTraceOf, outlineOf, parseWorkflow } from '../../src/workflow/index.js'
import { nodesViewOf } from '../../src/workflow/internal.js'
import { pass } from '../core/machines.js'
import { launchAgents, launching } from '../serving/monitor-machines.js'
import { agentsOf, call, compiled, definition, ran } from './runs.js'

class InCode extends Orchestration<unknown, unknown> {
  override initialRunnable = pass('Parse').addAdvancer(pass('Rank') as never)
}

const names = (outline: unknown): unknown =>
  JSON.parse(
    JSON.stringify(outline, (key, value: unknown) =>
      ['nodes', 'inner', 'name', ''].includes(key) || /^\d+$/.test(key) ? value : undefined,
    ),
  )

describe('a workflow is drawn as its nodes', () => {
  it('with its edges by what decides about them, and bodies inside of their nodes', () => {
    const outline = outlineOf(parseWorkflow(launching))
    expect(outline.nodes.map(({ name, kindText }) => `${name}: ${kindText}`)).toEqual([
      'search: agent: web-search',
      'enough: condition: search.count > 1',
      'sources: group: all',
      'markets: loop: for each',
      'apologise: agent: writer',
      'review: approval',
      'publish: agent: writer',
      'archive: agent: writer',
    ])
    expect(outline.nodes[3]?.inner).toMatchObject({ ways: [{ from: 'translate', to: 'check', advancer: '→ check' }] })
    expect(outline.ways).toContainEqual({
      from: 'review',
      to: 'archive',
      advancer: 'on_reject',
      label: 'rejected',
      onError: true,
    })
    for (const drawn of [toMermaid(outline), toDot(outline), toPlantUml(outline), toSvg(outline)]) {
      expect(drawn).toContain('translate')
      expect(drawn).not.toContain('workflow.')
    }
  })

  it('that begin at once, each with a way in', () => {
    const mermaid = toMermaid(
      outlineOf(parseWorkflow(definition([call('a'), call('b'), call('c')], ['a > c', 'b > c']))),
    )
    expect(mermaid).toContain('  s --> n0\n  s --> n1\n  n0 --> n2\n  n1 --> n2\n')
  })

  it('and, once it is compiled, with what is inside of other workflows and orchestrations in code', () => {
    const json = definition([
      { id: 's', type: 'subworkflow', timeout: 9, config: { workflow_id: 'inner' } },
      call('code', { timeout: 9 }),
    ])
    const inner = parseWorkflow(definition([{ id: 'l', type: 'loop', config: { for_each: [1], body: [call('x')] } }]))
    const orchestration = compiled(json, {
      agents: id => (id === 'code' ? new InCode() : () => 1),
      workflows: () => inner,
    })
    const outline = outlineOf(orchestration)
    expect(names({ nodes: [outline?.nodes[0]] })).toMatchObject({
      nodes: [{ name: 's', inner: { nodes: [{ name: 'l', inner: { nodes: [{ name: 'x' }] } }] } }],
    })
    expect(toMermaid(outline as never)).toMatch(/code[^]*Parse[^]*Rank/)
    expect(outlineOf(new InCode())).toBeUndefined()
  })
})

describe('a run of a workflow is told by its nodes', () => {
  async function launched() {
    const orchestration = compiled(launching, { agents: launchAgents as never })
    const run = orchestration.start({ topic: 'bees', markets: ['FR', 'JP'] })
    const events: OrchestrationEvent[] = []
    run.events$.subscribe(event => events.push(event))
    await new Promise(resolve => run.on('state.waiting', resolve))
    return { orchestration, run, events }
  }

  it('in figures: visits, failures, what was skipped, and which edges were taken how often', async () => {
    const { orchestration, run, events } = await launched()
    await run.reject('review')
    await run.result
    const { states, transitions } = nodeTraceOf(orchestration, events)
    const figures = states.map(({ path, stateName, visits, completed, failures, skipped }) => {
      return [[...path, stateName].join('/'), visits, completed, failures, skipped].join(' ')
    })
    expect(figures.sort()).toEqual([
      'apologise 0 0 0 1',
      'archive 1 1 0 0',
      'enough 1 1 0 0',
      'markets 1 1 0 0',
      'markets/check 2 2 0 0',
      'markets/translate 2 2 0 0',
      'publish 0 0 0 1',
      'review 1 0 1 0',
      'search 1 1 0 0',
      'sources 1 1 0 0',
      'sources/news 1 1 0 0',
      'sources/papers 1 0 1 0',
    ])
    expect(
      transitions.map(({ path, fromState, toState, onError, count }) => [...path, fromState, toState, onError, count]),
    ).toEqual([
      ['search', 'enough', false, 1],
      ['enough', 'sources', false, 1],
      ['sources', 'markets', false, 1],
      ['markets', 'translate', 'check', false, 2],
      ['markets', 'review', false, 1],
      ['review', 'archive', true, 1],
    ])
    const drawn = toMermaid(outlineOf(orchestration) as never, { trace: nodeTraceOf(orchestration, events) })
    expect(drawn).toMatch(/translate<br\/>«agent: translator»<br\/>2 visits/)
    expect(drawn).toContain('-.->|"rejected<br/>×1"|')
  })

  it('event by event, with nothing of what leads from node to node', async () => {
    const { orchestration, run, events } = await launched()
    const read = nodesViewOf(orchestration)?.reader()
    const told = events.flatMap(event => read?.(event) ?? [])
    run.cancel('enough')
    const words = told.map(event => {
      const name = 'stateName' in event ? [...(event.path ?? []), event.stateName].join('/') : ''
      return `${event.type} ${name}`.trim()
    })
    expect(words.filter(each => !/papers|news/.test(each))).toEqual([
      'orchestration.started',
      'state.started search',
      'state.completed search',
      'state.started enough',
      'state.completed enough',
      'state.skipped apologise',
      'state.started sources',
      'state.completed sources',
      'state.started markets',
      'state.started markets/translate',
      'state.completed markets/translate',
      'state.started markets/check',
      'state.completed markets/check',
      'state.started markets/translate',
      'state.completed markets/translate',
      'state.started markets/check',
      'state.completed markets/check',
      'state.completed markets',
      'state.started review',
      'state.waiting review',
      'approval.requested review',
    ])
    const seqs = told.map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
    expect(told.find(event => 'stateName' in event && event.stateName === 'markets')).toMatchObject({
      input: { sources: { news: 'read' } },
      ledBy: [{ from: 'sources', advancer: '→ markets', error: false }],
    })
    expect(told.findLast(event => event.type === 'state.completed')).toMatchObject({
      stateName: 'markets',
      output: { iterations: 2, results: ['read', 'read'] },
    })
  })

  it('where a node fails before its own state begins, and where states in code are inside of it', async () => {
    const json = definition([
      { id: 'l', type: 'loop', on_error: 'code', config: { for_each: '{{input.nothing}}', body: [call('x')] } },
      call('code', { timeout: 9 }),
    ])
    const { agents } = agentsOf()
    const environment = { agents: (id: string) => (id === 'code' ? new InCode() : agents(id)) }
    const { events } = await ran(json, environment)
    const { states, transitions } = nodeTraceOf(compiled(json, environment), events)
    expect(states.map(({ path, stateName, visits, failures }) => [...path, stateName, visits, failures])).toEqual([
      ['l', 1, 1],
      ['code', 1, 0],
      ['code', 'Parse', 1, 0],
      ['code', 'Rank', 1, 0],
    ])
    expect(transitions.map(({ path, fromState, toState }) => [...path, fromState, toState])).toEqual([
      ['l', 'code'],
      ['code', 'Parse', 'Rank'],
    ])
  })

  it('and of an orchestration in code as `traceOf` tells it', async () => {
    const run = new InCode().start(1)
    const events: OrchestrationEvent[] = []
    run.events$.subscribe(event => events.push(event))
    await run.result
    expect(nodeTraceOf(new InCode(), events)).toEqual(traceOf(events))
    expect(nodesViewOf(new InCode())).toBeUndefined()
  })
})
