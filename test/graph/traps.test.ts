import { readFileSync } from 'node:fs'
import { IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { createRunState } from '../../src/core/engine/run-state.js'
import { step as applyFact } from '../../src/core/engine/step.js'
import { StepOutput } from '../../src/core/engine/step-output.js'
import {
  ApprovalRunnable,
  Approved,
  defineAdvancer,
  type Orchestration,
  OrchestrationAdvancer,
  OrchestrationRunnable,
  SignalRunnable,
} from '../../src/core/index.js'
import { OrchestrationBuilder, verify } from '../../src/graph/index.js'
import { FactRecorder } from '../../src/testing/index.js'
import { begin, machine, pass, rejection, say, step } from '../core/machines.js'

class Note {
  @IsString() text!: string
}

class Search extends OrchestrationRunnable<unknown, string> {
  invoke(): string {
    return 'found'
  }
}

/** What is refused before anything has run. */
async function refused(orchestration: Orchestration<never, unknown>, code: string, stateName: string): Promise<void> {
  expect(verify(orchestration).errors).toContainEqual(expect.objectContaining({ code, stateName }))
  await expect(orchestration.run(1 as never)).rejects.toMatchObject({ code: 'WIRING_INVALID' })
}

function goingTo(target: unknown, to?: readonly string[]): OrchestrationAdvancer<unknown> {
  class Go extends OrchestrationAdvancer<unknown> {
    getNextRunnable() {
      return target as string
    }
  }
  if (to !== undefined) defineAdvancer(Go, { to })
  return new Go()
}

describe('a trap that others fall into', () => {
  it('L1: a target there is not is refused before the run', () =>
    refused(machine(pass('A').addAdvancer('nope')), 'UNKNOWN_TARGET', 'A'))

  it('L2: a definition in many statements is the one in one expression', () => {
    const [planning, report] = [() => pass<string>('Planning'), () => pass<string>('Report')]
    const [a, b] = [planning(), report()]
    const expression = new OrchestrationBuilder<string, string>().entry(a).advance(a, b).output(b).build()
    const [c, d] = [planning(), report()]
    const statements = new OrchestrationBuilder<string, string>()
    statements.output(d)
    statements.advance(c, d)
    statements.entry(c)
    const shape = ({ graph }: Orchestration<string, string>) => [
      graph.entry.name,
      graph.result?.name,
      new Map(graph.nodes.map(node => [node.name, node.advancers.map(way => way.targets?.map(({ name }) => name))])),
    ]
    expect(shape(statements.build())).toEqual(shape(expression))
  })

  it('L4 M8: an output that is not what is declared fails its own state, the last one too', async () => {
    const wrong = step<unknown, unknown>('Last', () => ({ text: 5 })).configure({ output: Note } as never)
    const error = await rejection(machine(pass('First').addAdvancer(wrong)).run(1))
    expect(error).toMatchObject({ stateName: 'Last', cause: { code: 'PAYLOAD_INVALID' } })
  })

  it('L5: a declared target there is not is refused before the run', () =>
    refused(machine(pass('A').setAdvancer(goingTo('nope', ['nope']))), 'UNKNOWN_TARGET', 'A'))

  it('L6: a decision for a state there is not fails the run, also beside a way that would fit', async () => {
    const start = pass('A').addAdvancer(goingTo('nope')).addAdvancer(say('B'))
    expect((await rejection(machine(start).run(1))).cause).toMatchObject({ code: 'UNKNOWN_TARGET' })
    expect(verify(machine(pass('A').addAdvancer(goingTo('nope')), say('B'))).hints).toContainEqual(
      expect.objectContaining({ code: 'UNDECLARED_TARGETS', stateName: 'A' }),
    )
  })

  it('L8: asking for the output of a state there is not throws, and is not undefined', async () => {
    const start = step<unknown, unknown>('A', (_, context) => context.outputOf('nope'))
    expect((await rejection(machine(start).run(1))).cause).toMatchObject({ code: 'UNKNOWN_TARGET' })
  })

  it('L9 M9: two states of one name are refused before the run', async () => {
    await refused(machine(pass('A').addAdvancer(say('A'))), 'DUPLICATE_NAME', 'A')
    await refused(machine(new Search().addAdvancer(new Search() as never)), 'DUPLICATE_NAME', 'Search')
  })

  it('L10 M3 V4: an answer is validated when it is given, and the run goes on waiting', async () => {
    const wait = new SignalRunnable<unknown, Note>({ signal: Note }).configure({ name: 'Wait' })
    const { clock, run } = begin(machine<unknown, Note>(wait), 1)
    await clock.advance(0)
    await expect(run.signal('Wait', { text: 5 })).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' })
    expect(run.requests).toHaveLength(1)
    await run.signal('Wait', { text: 'fine' })
    expect(await run.result).toEqual({ text: 'fine' })
  })

  it('M1 T5 V1: declared classes that do not meet are refused before the run, also where names hide them from the compiler', () =>
    refused(
      machine(
        pass('A')
          .configure({ output: Note } as never)
          .addAdvancer('B'),
        pass('B').configure({ input: String } as never),
      ),
      'TYPE_MISMATCH',
      'A',
    ))

  it('M2 V2: an end that does not return what is declared is refused before the run', () =>
    refused(
      machine(pass('A').addAdvancer(pass('B').configure({ output: String } as never))).configure({
        output: Note,
      } as never),
      'TYPE_MISMATCH',
      'B',
    ))

  it('M4: an answer for a state that does not wait is refused at once', async () => {
    const ask = new ApprovalRunnable<unknown>().configure({ name: 'Ask' })
    const { clock, run } = begin(machine(ask), 1)
    await clock.advance(0)
    await expect(run.approve('doesNotExist')).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    run.cancel()
  })

  it('M6: no way that matches is a failure, and an outcome without a way is found before the run', async () => {
    const choice = pass('A')
      .addAdvancer(() => false, say('B'))
      .addAdvancer(() => false, say('C'))
    expect((await rejection(machine(choice).run(1))).cause).toMatchObject({ code: 'UNABLE_TO_ADVANCE' })
    const ask = new ApprovalRunnable<unknown>().configure({ name: 'Ask' }) as ApprovalRunnable<unknown>
    ask.addAdvancer(outcome => outcome instanceof Approved, say('Publish'))
    expect(verify(machine(ask as never)).warnings).toContainEqual(
      expect.objectContaining({ code: 'OUTCOME_UNROUTED', stateName: 'Ask' }),
    )
  })

  it('M7 V3 V6: an input that is not what is declared is refused before a state is invoked', async () => {
    let invoked = 0
    const start = step<unknown, unknown>('A', () => ++invoked)
    const orchestration = machine(start).configure({ input: Note } as never)
    expect((await rejection(orchestration.run({ text: 5 }))).cause).toMatchObject({ code: 'PAYLOAD_INVALID' })
    expect(invoked).toBe(0)
  })

  it('V6: a result that is not what is declared fails the run', async () => {
    const orchestration = machine(step<unknown, unknown>('A', () => ({ text: 5 }))).configure({ output: Note } as never)
    expect((await rejection(orchestration.run(1))).cause).toMatchObject({ code: 'PAYLOAD_INVALID' })
  })

  it('T1: a target there is not is refused before the run, with every other fault of the definition', () => {
    const wrong = machine(pass('A').addAdvancer('doesNotExist').addAdvancer('neitherDoesThis'), pass('B'), pass('B'))
    expect(verify(wrong).errors.map(({ code }) => code)).toEqual(['UNKNOWN_TARGET', 'UNKNOWN_TARGET', 'DUPLICATE_NAME'])
  })

  it('T6: what was recorded does not go on in a definition whose state was renamed', async () => {
    const build = (name: string) => machine(pass('Start').addAdvancer(say(name)))
    const recorder = new FactRecorder()
    await build('a').run(1, { recorder })
    const replayInto = ({ graph }: Orchestration<never, unknown>) => {
      const rules = { lockstep: false, failFast: true, maxSteps: 10, maxConcurrency: Infinity, maxFanOut: Infinity }
      const state = createRunState(graph, 'r', rules, undefined, undefined)
      for (const fact of recorder.facts) applyFact(state, fact, new StepOutput())
      return state.phase
    }
    expect(replayInto(build('a'))).toBe('ended')
    expect(() => replayInto(build('b'))).toThrow('A recorded fact names state "a", which the graph does not have')
  })

  it('I1: a state that leads nowhere is refused by build(), and a run does not wait for what nobody takes', async () => {
    const [start, lost] = [pass<string>('Start'), pass<string>('Lost')]
    const builder = new OrchestrationBuilder<string, string>().entry(start).advance(start, lost)
    expect(() => builder.build()).toThrow(expect.objectContaining({ code: 'WIRING_INVALID' }))
    const silent = machine(pass('A').setAdvancer(goingTo(null, [])))
    expect((await rejection(silent.run(1))).message).toContain('Orchestration never completes')
  })

  it('I2: a listener that throws harms nothing, and a state that throws rejects the run', async () => {
    const reported: unknown[] = []
    const logger = { warn: (...args: unknown[]) => void reported.push(args) }
    const orchestration = machine(say('A')).configure({ logger: logger as never })
    orchestration.on('state.completed', async () => {
      throw new Error('a listener')
    })
    expect(await orchestration.run(1)).toBe('A')
    await Promise.resolve()
    expect(reported).toHaveLength(1)
    const failing = step<unknown, unknown>('B', async () => {
      throw new Error('a state')
    })
    expect((await rejection(machine(failing).run(1))).cause).toMatchObject({ message: 'a state' })
  })
})

describe('docs/comparison.md', () => {
  const document = readFileSync('docs/comparison.md', 'utf8')
  const fixtures = readFileSync('test/types/traps.ts', 'utf8').split('\n')
  const tests = readFileSync('test/graph/traps.test.ts', 'utf8')
  const rows = [...document.matchAll(/^\| ([A-Z]+\d+) \|.*$/gm)].map(([row, id]) => ({ id: id as string, row }))

  it('has every trap', () => expect(rows.length).toBeGreaterThanOrEqual(29))

  it.each(rows)('$id rests on a line that does not compile, or on a test', ({ id, row }) => {
    const lines = [...row.matchAll(/traps\.ts:(\d+)/g)].map(([, line]) => fixtures[Number(line) - 1] ?? '')
    for (const line of lines) expect(line).toMatch(new RegExp(`@ts-expect-error ${id}\\b`))
    const tested = new RegExp(`it\\('(?:[A-Z]+\\d+ )*${id}(?: [A-Z]+\\d+)*: `).test(tests)
    if (row.includes('`traps.test.ts`')) expect(tested).toBe(true)
    else expect(lines.length).toBeGreaterThan(0)
  })

  it('leaves out no line of the fixture', () => {
    const cited = [...document.matchAll(/traps\.ts:(\d+)/g)].map(([, line]) => Number(line))
    const refusedLines = fixtures.flatMap((line, index) => (line.includes('@ts-expect-error') ? [index + 1] : []))
    expect(cited.sort((a, b) => a - b)).toEqual(refusedLines)
  })
})
