import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Graphviz } from '@hpcc-js/wasm-graphviz'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineSamples } from '../samples/machine-samples.js'
import { strayLines } from './mermaid-grammar.js'
import { parseXml } from './xml.js'

interface Drawn {
  readonly mermaid: string
  readonly dot: string
  readonly plantUml: string
  readonly svg: string
}

let folder = ''
let graphviz: Graphviz

async function diagramsOf(sample: string): Promise<{ name: string; definition: Drawn; run: Drawn }[]> {
  const file = join(folder, `${sample}.json`)
  const preloads = ['--import', 'tsx', '--import', './test/fixtures/capture-diagrams.ts']
  const env = { ...process.env, OPENAI_API_KEY: '', DIAGRAMS: file }
  const child = spawn(process.execPath, [...preloads, `samples/${sample}/main.ts`], { env, stdio: 'ignore' })
  const [code] = (await once(child, 'close')) as [number | null]
  expect(code).toBe(0)
  return JSON.parse(readFileSync(file, 'utf8'))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'diagrams-'))
  graphviz = await Graphviz.load()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the diagrams of the samples, of the definition and of a run', () => {
  it('are of all samples that run one', () => expect(machineSamples.length).toBeGreaterThanOrEqual(14))

  it.each(machineSamples)('%s: accepted as DOT, Mermaid and XML', async sample => {
    const diagrams = await diagramsOf(sample)
    expect(diagrams.length).toBeGreaterThan(0)
    for (const { definition, run } of diagrams) {
      for (const { dot, mermaid, plantUml, svg } of [definition, run]) {
        expect(graphviz.layout(dot, 'svg', 'dot')).toContain('<svg')
        expect(strayLines(mermaid)).toEqual([])
        expect(plantUml).toMatch(/^@startuml[\s\S]*@enduml\s*$/)
        expect(parseXml(svg)).toBeDefined()
      }
      expect(run.dot).not.toBe(definition.dot)
    }
  })
})
