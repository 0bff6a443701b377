import { Graphviz } from '@hpcc-js/wasm-graphviz'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineAdvancer, OrchestrationAdvancer, SubOrchestrationRunnable } from '../../src/core/index.js'
import { summaryOf, toDot, toMermaid, toPlantUml, toSvg, traceOf } from '../../src/graph/index.js'
import { machine, pass, say } from '../core/machines.js'
import { eventsOf } from './diagram-machines.js'
import { labelsOf, strayLines } from './mermaid-grammar.js'
import { descendants, parseXml } from './xml.js'

/** Names that cannot be shown as they are. */
const unshowable = ['\u202Eevil\u202C', '\0\u0007\u001b[31m', '\ud800 alone', '\ufffe\uffff', 'x'.repeat(700)]

const showable = [
  '"quoted" \'name\'',
  '<script>alert(1)</script>',
  '</text></svg><b>&amp;&quot;&#39;',
  'a --> b',
  'a -> b; c { d } [e] (f)',
  'line\nbreak\r\n\ttab',
  'end',
  'subgraph x',
  'n0',
  '1. first',
  '- item',
  '`code` **bold** __under__ ~~gone~~ //it//',
  '%%{init: {"theme": "dark"}}%%',
  '%% comment',
  "' comment",
  '@enduml',
  '!include /etc/hosts',
  '[[http://example.org link]]',
  '\\N \\G \\" \\n \\',
  '#quot; #35; #',
  '|pipe|',
  'Übergröße ß ﬂ',
  '状態 → 完了 😀👩‍👩‍👧',
  'مرحبا بالعالم',
  '--',
  '---',
  '<<choice>>',
  '[*]',
  '{{mustache}} ${x} <%= y %>',
  '«double» “curly” „low“',
  'CamelCase'.repeat(12),
  ']]>',
  ':::class',
  '@{ shape: circle }',
]

const nasty = [...showable, ...unshowable]

const names = fc
  .oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }))
  .filter(name => name.trim() !== '')

/** The state machine that has these names everywhere a name can stand. */
function named(name: string, advancer: string, inner: string) {
  class Routes extends OrchestrationAdvancer<unknown> {
    getNextRunnable(): string {
      return `${inner} `
    }
  }
  defineAdvancer(Routes, { name: advancer, to: [`${inner} `] })
  const nested = machine(pass(inner))
  nested.configure({ name: advancer })
  const sub = new SubOrchestrationRunnable<unknown, unknown>(nested).configure({ name: `${inner} ` })
  const orchestration = machine(pass(`${name}  `).addAdvancer(new Routes()), sub.addAdvancer(say('Last')))
  orchestration.configure({ name })
  return orchestration
}

let graphviz: Graphviz

beforeAll(async () => {
  graphviz = await Graphviz.load()
})

/** What a name looks like in a diagram: on one line, without what cannot be drawn. */
function seen(name: string): string {
  return name.replaceAll(/[\s\u0085]+/g, ' ').trim()
}

describe('whatever states and advancers are called', () => {
  const anyNames = fc.tuple(names, names, names)

  it('Mermaid keeps its structure and shows the names', () => {
    fc.assert(
      fc.property(anyNames, ([name, advancer, inner]) => {
        const diagram = toMermaid(named(name, advancer, inner))
        expect(strayLines(diagram)).toEqual([])
        expect(diagram.split('\n').filter(line => line.includes('-->'))).toHaveLength(4)
      }),
      { numRuns: 300 },
    )
  })

  it.each(showable)('each format shows %j as it is', name => {
    const orchestration = named(name, name, name)
    const inMermaid = labelsOf(toMermaid(orchestration)).map(seen)
    expect(inMermaid.filter(label => label === seen(name)).length).toBeGreaterThanOrEqual(3)
    expect(graphvizTexts(toDot(orchestration)).map(seen)).toContain(seen(name))
    const titles = descendants(parseXml(toSvg(orchestration))).filter(element => element.name === 'title')
    expect(titles.map(({ text }) => seen(text))).toContain(seen(name))
    const uml = toPlantUml(orchestration).replaceAll(/<U\+([0-9A-F]+)>/g, (_, code: string) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    )
    expect(seen(uml)).toContain(`title ${seen(name)}`)
  })

  it('DOT is drawn by Graphviz', () => {
    fc.assert(
      fc.property(anyNames, ([name, advancer, inner]) => {
        const { objects, edges } = graphvizJson(toDot(named(name, advancer, inner)))
        expect(edges).toHaveLength(4)
        expect(objects).toHaveLength(6)
      }),
      { numRuns: 150 },
    )
  })

  it('SVG is well-formed and cannot be broken out of', () => {
    fc.assert(
      fc.property(anyNames, ([name, advancer, inner]) => {
        const elements = descendants(parseXml(toSvg(named(name, advancer, inner))))
        const known = ['svg', 'title', 'desc', 'rect', 'path', 'polygon', 'circle', 'g', 'text']
        for (const element of elements) expect(known).toContain(element.name)
      }),
      { numRuns: 150 },
    )
  })

  it('PlantUML has one statement a line, and no markup, macro or directive in a name', () => {
    const text = '(?:[\\p{L}\\p{M}\\p{N} →×·.,()[\\]]|<U\\+[0-9A-F]{4,6}>|\\\\n)'
    const statements = [
      '@startuml|@enduml|hide .*|top to bottom direction|skinparam state \\{|\\}',
      '  \\w+<<\\w+>> #\\w+',
      `title ${text}*`,
      `state "${text}*" as [nu][\\d_]+ <<\\w+>>(?: \\{)?`,
      `(?:\\[\\*\\]|n[\\d_]+) --> (?:\\[\\*\\]|n[\\d_]+)(?: : ${text}*)?`,
    ].map(pattern => new RegExp(`^ *(?:${pattern})$`, 'u'))
    fc.assert(
      fc.property(anyNames, ([name, advancer, inner]) => {
        const lines = toPlantUml(named(name, advancer, inner))
          .trimEnd()
          .split('\n')
        expect(lines.filter(line => !statements.some(statement => statement.test(line)))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('a run finds its states and transitions again', async () => {
    for (const name of nasty) {
      const orchestration = named(name, name, name)
      const trace = traceOf(await eventsOf(orchestration, 1))
      const diagram = toMermaid(orchestration, { trace })
      expect(strayLines(diagram)).toEqual([])
      expect(diagram).not.toContain('untouched')
      expect(summaryOf(trace).trimEnd().split('\n')).toHaveLength(7)
    }
  })
})

interface GraphvizJson {
  readonly objects: readonly unknown[]
  readonly edges: readonly unknown[]
}

function graphvizJson(dot: string): GraphvizJson {
  return JSON.parse(graphviz.layout(dot, 'json', 'dot')) as GraphvizJson
}

/** The lines of text that Graphviz draws. */
function graphvizTexts(dot: string): readonly string[] {
  const texts = graphviz.layout(dot, 'svg', 'dot').matchAll(/<text[^>]*>([^<]*)<\/text>/g)
  const named: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' }
  return [...texts].map(([, text = '']) =>
    text
      .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replaceAll(/&(?:lt|gt|quot|amp);/g, entity => named[entity] as string),
  )
}
