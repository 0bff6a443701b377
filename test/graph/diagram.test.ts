import { Graphviz } from '@hpcc-js/wasm-graphviz'
import OpenAI from 'openai'
import { beforeAll, describe, expect, it } from 'vitest'
import { DocumentLibrary } from '../../samples/research/document-library.js'
import { ResearchOrchestration } from '../../samples/research/research-orchestration.js'
import { type Orchestration, OrchestrationRunnable } from '../../src/core/index.js'
import { type DiagramSource, toDot, toMermaid, toPlantUml, toSvg } from '../../src/graph/index.js'
import { machine, pass, say } from '../core/machines.js'
import { kinds, linear, nested, outlined, review, undeclared } from './diagram-machines.js'
import { strayLines } from './mermaid-grammar.js'
import { descendants, parseXml } from './xml.js'

let graphviz: Graphviz

beforeAll(async () => {
  graphviz = await Graphviz.load()
})

async function research(): Promise<Orchestration<string, unknown>> {
  const client = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:9/v1' })
  return new ResearchOrchestration({ client, model: 'none', library: await DocumentLibrary.open('docs') })
}

const machines: Readonly<Record<string, () => DiagramSource | Promise<DiagramSource>>> = {
  linear,
  review,
  nested,
  undeclared,
  kinds,
  research,
  outlined,
}

describe.each(Object.entries(machines))('the diagram of %s', (_, make) => {
  it('is Mermaid of nothing but the statements it needs', async () => {
    expect(strayLines(toMermaid(await make()))).toEqual([])
  })

  it('is DOT that Graphviz draws (S4-37)', async () => {
    expect(graphviz.layout(toDot(await make()), 'svg', 'dot')).toContain('</svg>')
  })

  it('is PlantUML (S4-37)', async () => {
    expect(toPlantUml(await make())).toMatch(/^@startuml\n[\s\S]*\[\*\] --> n0\n[\s\S]*@enduml\n$/)
  })

  it('is well-formed SVG', async () => {
    const root = parseXml(toSvg(await make()))
    expect(root.name).toBe('svg')
    expect(descendants(root).length).toBeGreaterThan(8)
  })

  it('is the same each time', async () => {
    for (const write of [toMermaid, toDot, toPlantUml, toSvg]) expect(write(await make())).toBe(write(await make()))
  })
})

describe('a diagram of a definition', () => {
  it('shows what states take and return', async () => {
    const diagram = toMermaid(await research())
    expect(diagram).toContain('n0["Planning<br/>(string → SearchPlan)"]')
    expect(diagram).toContain('(Finding[] → Report)')
  })

  it('shows no types if they are not wanted', async () => {
    expect(toMermaid(await research(), { types: false })).toContain('n0["Planning"]')
  })

  it('labels a way on with its advancer, and says when it sends values of its own', async () => {
    expect(toMermaid(await research())).toContain('n0 -->|"SearchInParallel sends"| n1')
  })

  it('labels a way on with its condition and conversion', () => {
    const diagram = toDot(review())
    expect(diagram).toContain('n0 -> n0 [label="[isWeak] / converts"]')
    expect(diagram).toMatch(/n0 -> n2 \[label="\[draft\.score ?>= ?5\]"\]/)
  })

  it('draws a route for failures dashed', () => {
    expect(toDot(review())).toMatch(/n0 -> n1 \[label="on error", style=dashed/)
    expect(toMermaid(review())).toContain('n0 -.->|"on error"| n1')
    expect(toPlantUml(review())).toMatch(/n0 -\[#\w+,dashed\]-> n1 : on error/)
    expect(toSvg(review())).toContain('stroke-dasharray="5 4"')
  })

  it('tells the kinds of states apart', () => {
    const diagram = toMermaid(kinds())
    expect(diagram).toMatch(/\{\{"Sum<br\/>«join#58; all»|\{\{"Sum<br\/>«join: all»/)
    expect(diagram).toMatch(/\("Delay<br\/>«delay»/)
    expect(diagram).toMatch(/>"Reply<br\/>«signal»/)
    expect(toMermaid(review())).toMatch(/\[\/"Approval<br\/>«approval»/)
  })

  it('draws instances of one class as states of their own', () => {
    class Same extends OrchestrationRunnable<unknown, unknown> {
      invoke(input: unknown): unknown {
        return input
      }
    }
    const [first, second] = [new Same().configure({ name: 'One' }), new Same().configure({ name: 'Two' })]
    const diagram = toMermaid(machine(first.addAdvancer(second)))
    expect(diagram).toContain('n0["One"]')
    expect(diagram).toContain('n1(["Two"])')
    expect(diagram).toContain('n0 --> n1')
  })

  it('draws orchestrations inside of orchestrations nested', () => {
    expect(toMermaid(nested())).toMatch(
      /subgraph n1\[[\s\S]*subgraph n1_1\[[\s\S]*n1_1_0\(\["Deep"\]\)[\s\S]*end[\s\S]*end/,
    )
    expect(toDot(nested())).toMatch(/subgraph cluster_n1 \{[\s\S]*subgraph cluster_n1_1 \{/)
    expect(toPlantUml(nested())).toMatch(/ as n1 <<plain>> \{[\s\S]* as n1_1 <<plain>> \{/)
    const groups = descendants(parseXml(toSvg(nested()))).filter(({ name }) => name === 'g')
    const title = (group: (typeof groups)[number]) => group.children.find(({ name }) => name === 'title')?.text ?? ''
    const outer = groups.find(group => title(group).startsWith('Level 1'))
    expect(descendants(outer as never).some(({ text }) => text === 'Deep')).toBe(true)
  })

  it('draws them as plain states from a depth on', () => {
    expect(toMermaid(nested(), { depth: 1 })).toContain('n1_1[["Level 2')
    expect(toMermaid(nested(), { depth: 0 })).toContain('n1[["Level 1')
  })

  it('says where an advancer does not declare its targets', () => {
    expect(toMermaid(undeclared())).toContain('n0 -->|"Anywhere"| u0')
  })

  it('is drawn of a graph as of its orchestration', () => {
    const orchestration = review()
    expect(toMermaid(orchestration.graph)).toBe(toMermaid(orchestration))
  })

  it('goes to the right if that is wanted', () => {
    expect(toMermaid(linear(), { direction: 'right' })).toMatch(/^flowchart LR\n/)
    const [width, height] = sizeOf(toSvg(linear(), { direction: 'right' }))
    expect(width).toBeGreaterThan(height)
  })

  it('of several hundred states does not take long', () => {
    const states = Array.from({ length: 300 }, (_, index) => pass(`State ${index}`))
    for (const [index, state] of states.entries()) state.addAdvancer(states[index + 1] ?? say('End'))
    expect(parseXml(toSvg(machine(states[0] as never))).name).toBe('svg')
  })

  it.each([
    ['direction', { direction: 'up' }],
    ['depth', { depth: -1 }],
    ['depth', { depth: 1.5 }],
    ['theme', { theme: 'blue' }],
    ['id', { id: '"><script>' }],
  ])('refuses a wrong %s', (name, options) => {
    expect(() => toSvg(linear(), options as never)).toThrow(name)
  })
})

describe('an SVG', () => {
  it('tells a page which parts are which state and which way on, also inside of others', () => {
    const named = (source: Parameters<typeof toSvg>[0]) =>
      descendants(parseXml(toSvg(source))).filter(({ name }) => name === 'g')
    const ways = named(review()).map(({ attributes }) => attributes)
    const [first] = ways.filter(each => each.get('data-from') === '')
    expect(first?.get('data-to')).toBe('Writing')
    expect(ways.filter(each => each.get('data-on-error') === 'true').map(each => each.get('data-to'))).toContain(
      'Apology',
    )
    const outer = named(nested()).find(({ attributes }) => attributes.get('data-state') === 'Level 1')
    expect(descendants(outer as never).some(({ attributes }) => attributes.get('data-state') === 'Inner')).toBe(true)
  })

  it('has a role, a title and a description for screen readers', () => {
    const root = parseXml(toSvg(review(), { id: 'review' }))
    expect(root.attributes.get('role')).toBe('img')
    expect(root.attributes.get('aria-labelledby')).toBe('review-title review-desc')
    const [title, desc] = root.children
    expect(title?.attributes.get('id')).toBe('review-title')
    expect(desc?.text).toBe('State machine that starts at Writing. States: Writing, Apology, Approval, Publish.')
  })

  it('holds no script, style sheet, style attribute or link', () => {
    for (const { name, attributes } of descendants(parseXml(toSvg(nested())))) {
      expect(['script', 'style', 'a', 'foreignObject', 'image', 'use']).not.toContain(name)
      for (const attribute of attributes.keys()) expect(attribute).not.toMatch(/^(style|on\w+|href|xlink:href)$/)
    }
  })

  it('keeps everything inside of its own box', () => {
    for (const source of [review(), nested(), kinds()]) {
      const svg = toSvg(source, { depth: 0 })
      const [width, height] = sizeOf(svg)
      for (const { name, attributes } of descendants(parseXml(svg))) {
        if (name !== 'rect') continue
        const [x, y, w, h] = ['x', 'y', 'width', 'height'].map(key => Number(attributes.get(key) ?? 0)) as Box
        expect(x).toBeGreaterThanOrEqual(0)
        expect(y).toBeGreaterThanOrEqual(0)
        expect(x + w).toBeLessThanOrEqual(width + 0.1)
        expect(y + h).toBeLessThanOrEqual(height + 0.1)
      }
    }
  })

  it('can be dark', () => {
    expect(toSvg(linear(), { theme: 'dark' })).toContain('fill="#0d1117"')
  })
})

type Box = [number, number, number, number]

function sizeOf(svg: string): readonly [number, number] {
  const { attributes } = parseXml(svg)
  return [Number(attributes.get('width')), Number(attributes.get('height'))]
}
