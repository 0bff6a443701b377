import { describe, expect, it, vi } from 'vitest'
import { Publication } from '../../samples/15-durable-run/publication.js'
import { ResearchOrchestration } from '../../samples/research/research-orchestration.js'
import { Orchestration, WiringError } from '../../src/core/index.js'
import { VerificationReport, verify } from '../../src/graph/index.js'
import { machine, pass, rejection, say, step } from '../core/machines.js'
import { machineSamples } from '../samples/machine-samples.js'
import { broken } from './broken.js'
import { sound } from './sound.js'

describe('verify()', () => {
  it('is tried with at least 30 faults and 20 sound definitions', () => {
    expect(broken.length).toBeGreaterThanOrEqual(30)
    expect(sound.length).toBeGreaterThanOrEqual(20)
  })

  it.each(broken)('finds $fault', ({ build, code, severity, stateName, path }) => {
    const found = verify(build()).findings.filter(finding => finding.code === code && finding.stateName === stateName)
    expect(found).toEqual([expect.objectContaining({ severity, ...(path === undefined ? {} : { path }) })])
    expect(found[0]?.message).toContain(stateName ?? '')
    expect(found[0]?.advice).not.toBe('')
  })

  it.each(broken)('lets run() stop at $fault if that is an error, and only then', async ({ build, severity }) => {
    expect(verify(build()).ok).toBe(severity !== 'error')
    if (severity === 'error') await expect(build().run(1 as never)).rejects.toThrow(WiringError)
    else expect(build().graph.nodes.length).toBeGreaterThan(0)
  })

  it.each(broken)('finds nothing else of weight where there is only $fault', ({ build, code }) => {
    const others = verify(build()).findings.filter(finding => finding.severity !== 'hint' && finding.code !== code)
    const consequences = ['UNREACHABLE_STATE', 'NEVER_ASKED', 'DEAD_END']
    expect(others.filter(finding => !consequences.includes(finding.code))).toEqual([])
  })

  it.each(sound)('finds nothing in %s', (_, build) => {
    expect(verify(build()).findings.filter(({ severity }) => severity !== 'hint')).toEqual([])
  })

  it('takes a graph as well, and finds the same', () => {
    const build = () => machine(pass('Start').addAdvancer(say('End')), say('Lost'))
    expect(verify(build().graph).findings).toEqual(verify(build()).findings)
  })

  it('finds in a graph that was put together what compiling one would have refused', () => {
    const orchestration = machine(
      pass('A')
        .configure({ output: String } as never)
        .addAdvancer(say('B')),
    )
    const { graph } = orchestration
    const [a, b] = graph.nodes as [(typeof graph.nodes)[0], (typeof graph.nodes)[0]]
    const wrong = { ...b, name: 'A', input: machine(pass('C').configure({ input: Number } as never)).graph.entry.input }
    const nodes = [{ ...a, advancers: a.advancers.map(way => ({ ...way, targets: [wrong] })) }, wrong]
    const report = verify({ ...graph, nodes, entry: nodes[0] as typeof a })
    expect(report.errors.map(({ code, stateName }) => [code, stateName])).toEqual([
      ['DUPLICATE_NAME', 'A'],
      ['TYPE_MISMATCH', 'A'],
    ])
  })

  it('tells everything at once, also of what keeps it from running', () => {
    const loop = pass('Loop')
    const report = verify(machine(loop.addAdvancer(loop).addAdvancer(say('End')), say('Lost')))
    expect(report.findings.map(({ severity, code, stateName }) => [severity, code, stateName])).toEqual([
      ['error', 'ENDLESS_CYCLE', 'Loop'],
      ['warning', 'UNREACHABLE_STATE', 'Lost'],
      ['warning', 'UNREACHABLE_STATE', 'End'],
      ['warning', 'NEVER_ASKED', 'Loop'],
    ])
  })

  it('S4-34 says that an orchestration never completes before it runs', async () => {
    const validate = pass('Validate')
    const refine = pass('Refine').addAdvancer(validate)
    validate.addAdvancer(refine)
    const error = await rejection(machine(pass('Draft').addAdvancer(validate)).run(1))
    expect(error.message).toContain('Orchestration never completes: the cycle Validate → Refine → Validate')
  })

  it('does not invoke a state, and evaluates no condition but those of approvals', () => {
    const calls: string[] = []
    const start = step('Start', () => calls.push('invoked')).addAdvancer(() => calls.push('asked') > 0, say('End'))
    verify(machine(start))
    expect(calls).toEqual([])
  })

  it('can be read as a text, and as data', () => {
    const report = verify(machine(pass('Start').addAdvancer(say('End')).addAdvancer(say('Late'))))
    expect(report.toString()).toBe(
      [
        'Orchestration "Machine": 2 warnings',
        '  warning UNREACHABLE_STATE no advancer leads from the initial state "Start" to "Late"',
        '    → lead to it, or take it out; a target that an advancer decides on belongs in the `to` of its @Advancer',
        '  warning NEVER_ASKED advancer "→ Late" of state "Start" is never asked, because "→ End" before it always matches',
        '    → put it first, give the other one a condition, or set parallelAdvances to follow both',
      ].join('\n'),
    )
    expect(JSON.parse(JSON.stringify(report))).toEqual({ orchestration: 'Machine', findings: report.findings })
    expect([report.ok, report.errors, report.warnings.length, report.hints]).toEqual([true, [], 2, []])
    expect(String(new VerificationReport('Empty', []))).toBe('Orchestration "Empty": nothing found')
  })

  it('names the enclosing states of what it finds in a sub-orchestration', () => {
    const { build } = broken.find(({ path }) => path !== undefined) as (typeof broken)[0]
    expect(verify(build()).toString()).toContain('in Inner: no advancer leads from the initial state "A" to "Lost"')
  })

  it('copes with thousands of states', () => {
    const states = Array.from({ length: 3000 }, (_, index) => pass(`S${index}`))
    for (const [index, state] of states.entries()) if (index > 0) states[index - 1]?.addAdvancer(state)
    expect(verify(machine(states[0] as (typeof states)[0])).findings).toEqual([])
  })
})

describe('the samples', () => {
  it('research is sound', () => {
    const nothing = {} as never
    const research = new ResearchOrchestration({ client: { chat: {} } as never, model: 'none', library: nothing })
    expect(verify(research).findings).toEqual([])
  })

  it('the durable run is sound', () => {
    expect(verify(new Publication()).findings.filter(({ severity }) => severity !== 'hint')).toEqual([])
  })

  it.each(machineSamples)('%s is sound', async name => {
    vi.spyOn(console, 'log').mockReturnValue()
    const drive = vi.spyOn(Orchestration.prototype, 'drive')
    await import(`../../samples/${name}/main.ts`)
    const orchestrations = new Set(drive.mock.contexts as Orchestration<never, unknown>[])
    const findings = [...orchestrations].flatMap(each => verify(each).findings)
    expect(orchestrations.size).toBeGreaterThan(0)
    expect(findings.filter(({ severity }) => severity !== 'hint')).toEqual([])
  })
})
