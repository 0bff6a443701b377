import { Graphviz } from '@hpcc-js/wasm-graphviz'
import { describe, expect, it } from 'vitest'
import { summaryOf, toDot, toMermaid, toPlantUml, toSvg, traceOf } from '../../src/graph/index.js'
import { fail, machine, pass, slow, step } from '../core/machines.js'
import { eventsOf, kinds, nested, review, undeclared } from './diagram-machines.js'
import { strayLines } from './mermaid-grammar.js'
import { parseXml } from './xml.js'

/** Rejected once, then approved. */
async function reviewed() {
  const orchestration = review()
  const events = await eventsOf(orchestration, 'topic', async ({ run, clock }) => {
    await clock.advance(10)
    await run.reject('Approval')
    await clock.advance(2000)
    await run.approve('Approval')
    await run.result
  })
  return { orchestration, events, trace: traceOf(events) }
}

describe('the trace of a run (S4-37)', () => {
  it('counts visits and adds up their time', async () => {
    const { trace } = await reviewed()
    expect(trace.outcome).toBe('completed')
    expect(trace.durationMs).toBe(2010)
    expect(trace.states.map(({ stateName, visits, totalMs }) => [stateName, visits, totalMs])).toEqual([
      ['Writing', 2, 0],
      ['Approval', 2, 2010],
      ['Publish', 1, 0],
    ])
  })

  it('counts the transitions that were taken', async () => {
    const { trace } = await reviewed()
    expect(trace.transitions.map(({ fromState, toState, count }) => [fromState, toState, count])).toEqual([
      ['Writing', 'Approval', 2],
      ['Approval', 'Writing', 1],
      ['Approval', 'Publish', 1],
    ])
  })

  it('knows what went over a route for failures, what failed and what was used', async () => {
    const trace = traceOf(await eventsOf(nested(), 1))
    expect(trace.transitions.filter(({ onError }) => onError)).toEqual([
      { path: [], fromState: 'Broken', toState: 'Gather', advancer: '→ Gather', onError: true, count: 1 },
    ])
    expect(trace.states.find(({ stateName }) => stateName === 'Broken')).toMatchObject({ failures: 1, completed: 0 })
    expect(trace).toMatchObject({ inputTokens: 120, outputTokens: 30, cost: 0.004 })
  })

  it('tells states of inner orchestrations by their path', async () => {
    const trace = traceOf(await eventsOf(nested(), 1))
    expect(trace.states.find(({ stateName }) => stateName === 'Deep')).toMatchObject({
      path: ['Level 1', 'Level 2'],
      totalMs: 1500,
    })
  })

  it('shows how far a run got that has not ended', async () => {
    const { events } = await reviewed()
    const trace = traceOf(events.slice(0, 6))
    expect(trace.outcome).toBe('running')
    expect(trace.states.find(({ stateName }) => stateName === 'Approval')).toMatchObject({ visits: 1, unfinished: 1 })
  })

  it('says why a run failed', async () => {
    const events = await eventsOf(machine(fail('Bad', 'no luck')), 1)
    expect(traceOf(events)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('no luck') })
  })

  it('adds up several runs', async () => {
    const orchestration = machine(slow('Work', 100))
    const events = [...(await eventsOf(orchestration, 1)), ...(await eventsOf(orchestration, 2))]
    expect(traceOf(events).states).toMatchObject([{ visits: 2, totalMs: 200 }])
  })

  it('of no events is empty', () => {
    expect(traceOf([])).toMatchObject({ orchestration: '', outcome: 'running', durationMs: 0, states: [] })
  })

  it('survives JSON', async () => {
    const { trace, orchestration } = await reviewed()
    const stored = JSON.parse(JSON.stringify(trace)) as typeof trace
    expect(toMermaid(orchestration, { trace: stored })).toBe(toMermaid(orchestration, { trace }))
  })
})

describe('the diagram of a run (S4-37)', () => {
  it('shows visits, time, tokens and failures on the states', async () => {
    const diagram = toDot(nested(), { trace: traceOf(await eventsOf(nested(), 1)) })
    expect(diagram).toMatch(/n1_1_0 \[label="Deep\\n1 visit · 1\.5 s"/)
    expect(diagram).toMatch(/n3 \[label="Counted\\n1 visit · 0 ms\\n150 tokens · cost 0\.004"/)
    expect(diagram).toMatch(/n2 \[label="Broken\\n1 visit · 0 ms\\n1 failed".*fillcolor="#ffe9e7"/)
  })

  it('shows how often a transition was taken, and draws the others grey', async () => {
    const { orchestration, trace } = await reviewed()
    expect(toDot(orchestration, { trace })).toMatch(/n0 -> n2 \[label="[^"]*\\n×2", color="#1a7f37"/)
    expect(toDot(orchestration, { trace })).toMatch(/n0 -> n1 \[label="on error", style=dashed, color="#57606a"/)
    expect(toMermaid(orchestration, { trace })).toMatch(/linkStyle 1,3,6 stroke:#afb8c1/)
    expect(toPlantUml(orchestration, { trace })).toMatch(/n0 -\[#afb8c1,dashed\]-> n1 : on error/)
    expect(toSvg(orchestration, { trace })).toContain('stroke="#afb8c1"')
  })

  it('greys states that were not reached', async () => {
    const { orchestration, trace } = await reviewed()
    expect(toMermaid(orchestration, { trace })).toMatch(/class n1 untouched/)
  })

  it('marks states that are still at work', async () => {
    const diagram = toMermaid(kinds(), { trace: traceOf(await eventsOf(kinds(), 1)) })
    expect(diagram).toMatch(/Reply<br\/>«signal»<br\/>.*1 unfinished/)
    expect(diagram).toMatch(/class n\d active/)
  })

  it('draws where an advancer led that had not declared it', async () => {
    const trace = traceOf(await eventsOf(undeclared(), 1))
    expect(toMermaid(undeclared(), { trace })).toContain('n0 -->|"Anywhere<br/>×1"| n1')
  })

  it('shows ways of one name between the same states as one edge', async () => {
    const target = pass('Target')
    const orchestration = machine(
      step<number>('Start', value => value)
        .addAdvancer(value => value > 5, target as never)
        .addAdvancer(value => value < 5, target as never)
        .addAdvancer(target as never),
    )
    const trace = traceOf(await eventsOf(orchestration as never, 3 as never))
    const edges = toDot(orchestration, { trace })
      .split('\n')
      .filter(line => line.includes('n0 -> n1'))
    expect(edges).toHaveLength(1)
    expect(edges[0]).toMatch(/value ?> ?5\]\\n\[value ?< ?5\]\\n×1/)
  })

  it('is valid in every format', async () => {
    const graphviz = await Graphviz.load()
    for (const make of [nested, kinds, undeclared]) {
      const trace = traceOf(await eventsOf(make(), 1))
      expect(strayLines(toMermaid(make(), { trace }))).toEqual([])
      expect(graphviz.layout(toDot(make(), { trace }), 'svg', 'dot')).toContain('</svg>')
      expect(parseXml(toSvg(make(), { trace })).name).toBe('svg')
      expect(toPlantUml(make(), { trace })).toMatch(/^@startuml\n/)
    }
  })

  it('tells screen readers how the run went', async () => {
    const trace = traceOf(await eventsOf(nested(), 1))
    expect(toSvg(nested(), { trace })).toContain('Run: completed, 1.5 s. Failures in: Broken.</desc>')
  })
})

describe('the summary of a run (S4-37)', () => {
  it('lists the states, those with most tokens first, then the slowest', async () => {
    const lines = summaryOf(traceOf(await eventsOf(nested(), 1))).split('\n')
    expect(lines[0]).toBe('Machine: completed, 1.5 s, 150 tokens, cost 0.004')
    expect(lines[2]).toMatch(/^state +visits +time +failures +tokens in +tokens out +cost$/)
    expect(lines[3]).toMatch(/^Counted +1 +0 ms +0 +120 +30 +0\.004$/)
    expect(lines[4]).toMatch(/^Level 1 +1 +1\.5 s/)
    expect(lines.some(line => line.startsWith('Level 1 / Level 2 / Deep'))).toBe(true)
  })

  it('leaves out columns that have nothing in them', async () => {
    const text = summaryOf(
      traceOf(await eventsOf(machine(slow('Work', 90_000)), 1, async ({ clock }) => clock.advance(90_000))),
    )
    expect(text).toBe(
      'Machine: completed, 1 min 30 s\n\nstate  visits  time\nWork        1  1 min 30 s\n'.replace(
        'time\n',
        '      time\n',
      ),
    )
  })

  it('names the reason of a failure', async () => {
    expect(summaryOf(traceOf(await eventsOf(machine(fail('Bad', 'no\nluck')), 1)))).toMatch(/failed \(.*no luck/)
  })
})
