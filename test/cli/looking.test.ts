import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, emptyDirectory, fixture, ownStore } from './command-lines.js'

describe('advancer verify', () => {
  it('finds nothing that keeps a sound definition from running, and ends with 0', async () => {
    const { code, out } = await cli(['verify', 'article.ts'])
    expect(out).toContain('✓ Article (4 states)')
    expect(code).toBe(0)
  })

  it('ends with 3 for one that cannot run, and with --strict for warnings and what is missing', async () => {
    const broken = await cli(['verify', 'broken.ts'])
    expect(broken.code).toBe(3)
    expect(broken.out).toContain('error')
    expect(broken.out).toContain('Nowhere')
    expect(broken.out).toContain('✗ Broken')
    const lacking = await cli(['verify', 'search.json'])
    expect(lacking.out).toContain('missing agent "searcher" is not at hand; give it with --agents.')
    expect(lacking.code).toBe(0)
    expect(await cli(['verify', 'search.json', '--strict'])).toMatchObject({ code: 3 })
    expect(await cli(['verify', 'search.json', '--strict', '--agents', 'agents.ts'])).toMatchObject({ code: 0 })
  })

  it('lists everything that is wrong with a JSON definition, with places', async () => {
    const { code, err } = await cli(['verify', 'wrong.json'])
    expect(code).toBe(3)
    expect(err).toContain('nodes[0].type')
    expect(err).toContain('edges[0]')
    const { code: again, out } = await cli(['verify', 'wrong.json', '--json'])
    expect(again).toBe(3)
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      error: { code: 'WORKFLOW_INVALID', faults: expect.any(Array) },
    })
  })

  it('reads plans and topologies by what they look like', async () => {
    const plan = await cli(['verify', 'plan.json', '--agents', 'workers.ts', '--json'])
    expect(JSON.parse(plan.out)).toMatchObject({ valid: true, missing: [] })
    const team = await cli(['verify', 'team.json', '--json'])
    expect(JSON.parse(team.out)).toMatchObject({
      valid: true,
      orchestration: 'team',
      missing: [
        { kind: 'agent', name: 'Writer' },
        { kind: 'agent', name: 'Editor' },
      ],
    })
    expect(await cli(['verify', 'plan.json'])).toMatchObject({ code: 0 })
    expect(await cli(['verify', 'plan.json', '--kind', 'workflow'])).toMatchObject({ code: 3 })
  })
})

describe('advancer diagram', () => {
  it('draws in four forms', async () => {
    const drawn = async (...args: readonly string[]) => (await cli(['diagram', 'article.ts', ...args])).out
    expect(await drawn()).toMatch(/^flowchart /)
    expect(await drawn('--format', 'dot')).toMatch(/^digraph /)
    expect(await drawn('--format', 'plantuml')).toMatch(/^@startuml/)
    expect(await drawn('-f', 'svg', '--theme', 'dark')).toMatch(/^<svg [^]*<\/svg>\n$/)
    expect((await cli(['diagram', 'search.json'])).code).toBe(0)
  })

  it('writes a file in the form that its ending says', async () => {
    const cwd = emptyDirectory()
    const { code, out, err } = await cli(['diagram', fixture('article.ts'), '--out', 'a.svg'], { cwd })
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: 'Wrote a.svg.\n' })
    expect(readFileSync(join(cwd, 'a.svg'), 'utf8')).toMatch(/^<svg /)
    expect(await cli(['diagram', fixture('article.ts'), '--out', 'a.png'], { cwd })).toMatchObject({ code: 2 })
    expect((await cli(['diagram', 'article.ts', '--format', 'svgg'])).err).toContain('Did you mean "svg"?')
  })

  it('draws the nodes of a workflow, and a run of it by them, whatever it lacks', async () => {
    const call = (id: string) => ({ id, type: 'agent_call', agent_id: 'search' })
    const sub = { id: 'sub', type: 'subworkflow', config: { workflow_id: 'elsewhere' } }
    const loop = { id: 'each', type: 'loop', config: { for_each: [1, 2], body: [call('look')] } }
    const cwd = emptyDirectory()
    writeFileSync(join(cwd, 'a.json'), JSON.stringify({ name: 'A', nodes: [loop, sub] }))
    const { code, out } = await cli(['diagram', 'a.json'], { cwd })
    expect(code).toBe(0)
    expect(out).toMatch(/subgraph n0\["each[^]*look[^]*workflow: elsewhere/)
    expect(out).not.toContain('workflow.')
    writeFileSync(join(cwd, 'b.json'), JSON.stringify({ name: 'B', nodes: [loop] }))
    writeFileSync(join(cwd, 'agents.mjs'), 'export const search = () => 1')
    const store = ownStore()
    const run = await cli(['run', 'b.json', '--agents', 'agents.mjs', '--run-id', 'r1', ...store], { cwd })
    expect(run.err).toMatch(/✓ each \/ look completed/)
    expect(run.err).not.toContain('workflow.')
    const drawn = await cli(['diagram', 'b.json', '--agents', 'agents.mjs', '--run', 'r1', ...store], { cwd })
    expect(drawn.out).toContain('look<br/>«agent: search»<br/>2 visits')
  })

  it('draws a run onto its definition', async () => {
    const store = ownStore()
    await cli(['run', 'article.ts', '--input-text', 'tides', '--run-id', 'r1', ...store])
    const plain = await cli(['diagram', 'article.ts'])
    const run = await cli(['diagram', 'article.ts', '--run', 'r1', ...store])
    expect(run.code).toBe(0)
    expect(run.out).not.toBe(plain.out)
  })
})
