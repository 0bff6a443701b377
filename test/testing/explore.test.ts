import { IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  DelayRunnable,
  type Orchestration,
  type OrchestrationEvent,
  type OrchestrationRunnable,
  Rejected,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { EventRecorder, explore, StubFailure } from '../../src/testing/index.js'
import { advancer, each, fork, machine, pass, rejection, say, step } from '../core/machines.js'

type State = OrchestrationRunnable<unknown, unknown>

class Draft {
  @IsString() text!: string
}

/** Draft → Check, which leads on to Print, back to Draft through Revise, or to Drop. */
function publishing(): Orchestration<unknown, unknown> {
  const check = pass('Check')
  check
    .addAdvancer(verdict => verdict === 'fine', say('Print'))
    .addAdvancer(async verdict => verdict === 'bad', say('Drop'))
    .addAdvancer(verdict => verdict === 'so-so', pass('Revise').addAdvancer(check))
  return machine(pass('Draft').addAdvancer(check))
}

const everyVerdict = { Draft: ['text'], Check: ['fine', 'bad', 'so-so'], Revise: ['text'] }

async function recorded(orchestration: Orchestration<unknown, unknown>, input: unknown): Promise<EventRecorder> {
  const run = orchestration.start(input)
  const events = new EventRecorder(run)
  await run.result.catch(() => undefined)
  return events
}

function pathsIn({ paths }: Awaited<ReturnType<typeof explore>>): readonly string[] {
  return paths.map(path => String(path))
}

describe('explore()', () => {
  it('finds every path to the result, with the real conditions, and without rounds of a loop', async () => {
    const exploration = await explore(publishing(), { outputs: everyVerdict })
    expect(pathsIn(exploration)).toEqual(['Draft → Check → Print', 'Draft → Check → Drop'])
    expect(exploration.states).toEqual(['Draft', 'Check', 'Print', 'Drop', 'Revise'])
    expect(exploration.transitions).toContainEqual(['Revise', 'Check'])
    expect([exploration.unreached, exploration.otherEnds, exploration.complete]).toEqual([[], [], true])
  })

  it('invokes no state', async () => {
    const invoked: string[] = []
    const loud = (name: string): State => step<unknown, unknown>(name, () => invoked.push(name))
    await explore(machine(loud('A').addAdvancer(loud('B'))), { outputs: { A: [1] } })
    expect(invoked).toEqual([])
  })

  it('follows only what the outputs lead to, and names what they do not reach', async () => {
    const exploration = await explore(publishing(), { outputs: { Draft: ['text'], Check: ['fine'] } })
    expect(pathsIn(exploration)).toEqual(['Draft → Check → Print'])
    expect(exploration.unreached).toEqual(['Drop', 'Revise'])
    expect(exploration.pathTo('Revise')).toBeUndefined()
    expect(exploration.pathTo('Nowhere')).toBeUndefined()
  })

  it('finds a shortest path to a state', async () => {
    const end = say('End')
    const long = pass('Long').addAdvancer(pass('Longer').addAdvancer(end))
    const start = pass('Start')
      .addAdvancer(n => n === 1, long)
      .addAdvancer(end)
    const exploration = await explore(machine(start), { outputs: { Start: [1, 2], Long: [1], Longer: [1] } })
    expect(String(exploration.pathTo('End'))).toBe('Start → End')
    expect(String(exploration.pathTo('Longer'))).toBe('Start → Long → Longer')
    expect(pathsIn(exploration)).toEqual(['Start → End', 'Start → Long → Longer → End'])
  })

  it('makes a path of each branch of a fan-out, and goes on from a join with each', async () => {
    const join = new CollectRunnable<unknown>().configure({ name: 'J' }) as unknown as State
    join.addAdvancer(say('End'))
    const exploration = await explore(machine(fork('F', say('A').addAdvancer(join), say('B').addAdvancer(join))), {
      outputs: { F: [1], A: ['a'], B: ['b'] },
    })
    expect(pathsIn(exploration)).toEqual(['F → A → J → End', 'F → B → J → End'])
  })

  it('gives the items of a map their values, and takes outputs that depend on the input', async () => {
    const seen: unknown[] = []
    const item = pass('Item')
      .addAdvancer(n => n === 20, say('Twenty'))
      .addAdvancer(say('Other'))
    const exploration = await explore(machine(pass('Start').setAdvancer(each('Item') as never), item), {
      outputs: {
        Start: [[1, 2]],
        Item: (input: number) => {
          seen.push(input)
          return [input * 10]
        },
      },
    })
    expect(seen).toEqual([1, 2])
    expect(pathsIn(exploration)).toEqual(['Start → Item → Other', 'Start → Item → Twenty'])
  })

  it('decides approvals either way, lets delays pass, and stops at a result', async () => {
    const ask = new ApprovalRunnable<unknown>({ timeoutMs: 1 }).configure({ name: 'Ask' }) as ApprovalRunnable<unknown>
    ask
      .addAdvancer(outcome => outcome instanceof Approved && outcome.subject === 'x', say('Publish'))
      .addAdvancer(outcome => outcome instanceof Rejected, say('Shelve'))
      .addAdvancer(outcome => outcome.outcome === 'expired', say('Drop'))
    const wait = new DelayRunnable<unknown>(1000).configure({ name: 'Wait' }) as State
    const exploration = await explore(machine(wait.addAdvancer(ask as never)), { input: 'x' })
    expect(pathsIn(exploration)).toEqual(['Wait → Ask → Publish', 'Wait → Ask → Shelve', 'Wait → Ask → Drop'])
  })

  it('tells what fails, what ends quietly, and why', async () => {
    const start = pass('Start')
      .addAdvancer(n => n === 1, say('End'))
      .addAdvancer(
        n => n === 2,
        pass('Quiet')
          .configure({ allowDeadEnd: true })
          .addAdvancer(() => false, say('Never')) as State,
      )
      .addAdvancer(
        n => {
          if (n === 3) throw new Error('no idea')
          return n === 4
        },
        pass('Null').setAdvancer(advancer('stop', [], () => null)),
      )
    const exploration = await explore(machine(start), { outputs: { Start: [1, 2, 3, 4, 5], Quiet: [1], Null: [1] } })
    expect(exploration.otherEnds.map(({ end, states, reason }) => [end, states.join(), reason])).toEqual([
      ['failed', 'Start', expect.stringContaining('no idea')],
      ['failed', 'Start', 'unable to advance from "Start"'],
      ['ended', 'Start,Quiet', undefined],
      ['ended', 'Start,Null', undefined],
    ])
    expect(String(exploration)).toMatch(
      /1 paths? to the result\n {2}Start → End\nOther ends:\n {2}Start ✗ .*no idea\n[\s\S]*Not reached: Never/,
    )
  })

  it('takes the routes for failures', async () => {
    const rescued = say('Work').onError(
      failure => failure.error.message === 'broke',
      say('Rescue'),
      ({ error }) => error.message,
    ) as State
    const exploration = await explore(machine(rescued.addAdvancer(say('End'))), {
      outputs: { Work: ['fine', new StubFailure('broke'), new StubFailure(new Error('burnt'))] },
    })
    expect(pathsIn(exploration)).toEqual(['Work → End', 'Work → Rescue'])
    expect(exploration.otherEnds.map(String)).toEqual(['Work ✗ burnt'])
  })

  it('goes on beyond a result in the middle, whose path ends there', async () => {
    const result = pass('Result').addAdvancer(pass('Tidy').addAdvancer(say('Up')))
    const orchestration = machine(pass('Start').addAdvancer(result))
    orchestration.resultRunnable = result
    const exploration = await explore(orchestration, { outputs: { Start: [1], Result: [1], Tidy: [1] } })
    expect(pathsIn(exploration)).toEqual(['Start → Result'])
    expect(exploration.unreached).toEqual([])
  })

  it('shows advancers what they would see of a run: properties, earlier outputs, a token, a clock', async () => {
    const seen: unknown[] = []
    const end = say('End')
    const work = pass('Work').addAdvancer(async (_, context) => {
      await context.sleep(1_000_000)
      context.emit({ type: 'custom', name: 'ignored' })
      context.usage({ inputTokens: 1 } as never)
      seen.push(context.outputOf('Start'), context.properties.get('limit'), context.properties.get('written'))
      seen.push(context.token, context.idempotencyKey, context.signal.aborted, context.now(), context.stateName)
      return true
    }, end)
    const start = pass('Start').addAdvancer((_, { properties }) => {
      properties.set('written', true)
      properties.delete('limit')
      return properties.has('written')
    }, work)
    await explore(machine(start), { outputs: { Start: ['first'], Work: [1] }, properties: { limit: 5 } })
    expect(seen).toEqual(['first', undefined, true, '0:1', 'exploration/0:1', false, 0, 'Work'])
  })

  it('turns stubs into instances of what a state declares, and refuses what is none', async () => {
    const build = () =>
      machine(
        pass('Start')
          .configure({ output: Draft } as never)
          .addAdvancer(draft => draft instanceof Draft, say('End')),
      )
    expect(pathsIn(await explore(build(), { outputs: { Start: [{ text: 'x' }] } }))).toEqual(['Start → End'])
    const error = await rejection(explore(build(), { outputs: { Start: [{ text: 1 }] } }))
    expect(error).toMatchObject({ code: 'PAYLOAD_INVALID', details: { stateName: 'Start' } })
  })

  it('fails a path whose value is not what the next state takes', async () => {
    const end = say('End').configure({ input: Draft } as never)
    const exploration = await explore(machine(pass('Start').addAdvancer(end)), { outputs: { Start: [1] } })
    expect(exploration.paths).toEqual([])
    expect(exploration.otherEnds.map(String)).toEqual([expect.stringMatching(/^Start → End ✗ .*Draft/)])
  })

  it('names the state whose stubs are missing, and stubs for a state there is not', async () => {
    await expect(explore(publishing(), { outputs: { Draft: [1] } })).rejects.toThrow(/outputs\["Check"\]/)
    await expect(explore(publishing(), { outputs: { Chekc: [1] } })).rejects.toThrow(/Draft, Check, .*Chekc/)
    await expect(explore(publishing(), { maxPaths: 0 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    const sub = new SubOrchestrationRunnable(machine(say('Inner'))).configure({ name: 'Sub' }) as State
    await expect(explore(machine(sub.addAdvancer(say('End'))))).rejects.toThrow(/outputs\["Sub"\]/)
  })

  it('gives up at maxPaths and says so', async () => {
    const exploration = await explore(publishing(), { outputs: everyVerdict, maxPaths: 1 })
    expect([exploration.complete, exploration.paths.length]).toEqual([false, 1])
    expect(String(exploration)).toContain('not all were explored')
  })

  it('explores a choice in every state of a chain', async () => {
    const states = Array.from({ length: 8 }, (_, index) => pass(`S${index}`))
    for (const [index, state] of states.entries()) {
      const [next, afterNext] = [states[index + 1], states[index + 2]]
      if (afterNext !== undefined) state.addAdvancer(n => n === 2, afterNext)
      if (next !== undefined) state.addAdvancer(next)
    }
    const outputs = Object.fromEntries(states.map((_, index) => [`S${index}`, [1, 2]]))
    const exploration = await explore(machine(states[0] as State), { outputs })
    // As many ways as there are to climb seven stairs, one or two at a time.
    expect(exploration.paths).toHaveLength(21)
  })
})

describe('coverage', () => {
  it('says which paths recorded runs have taken, rounds of a loop aside', async () => {
    const verdicts = ['so-so', 'so-so', 'fine']
    const check = step<unknown, unknown>('Check', () => verdicts.shift())
    check
      .addAdvancer(verdict => verdict === 'fine', say('Print'))
      .addAdvancer(verdict => verdict === 'bad', say('Drop'))
      .addAdvancer(pass('Revise').addAdvancer(check))
    const orchestration = machine(pass('Draft').addAdvancer(check))
    const exploration = await explore(orchestration, { outputs: everyVerdict })
    const none = exploration.coverage([])
    expect([none.paths, none.states.tested]).toEqual([{ tested: 0, total: 2, ratio: 0 }, 0])
    const run = await recorded(orchestration, 1)
    const coverage = exploration.coverage([run])
    expect(coverage.paths).toEqual({ tested: 1, total: 2, ratio: 0.5 })
    expect(coverage.states).toEqual({ tested: 4, total: 5, ratio: 0.8 })
    expect(coverage.transitions).toMatchObject({ tested: 4, total: 5 })
    expect(coverage.untested.map(String)).toEqual(['Draft → Check → Drop'])
    expect(String(coverage)).toBe(
      '1 of 2 (50 %) paths, 4 of 5 (80 %) states, 4 of 5 (80 %) transitions tested\n  untested: Draft → Check → Drop',
    )
    verdicts.push('bad')
    const second: readonly OrchestrationEvent[] = (await recorded(orchestration, 1)).events
    expect(exploration.coverage([run, second]).paths.ratio).toBe(1)
  })

  it('follows fan-outs, joins, reruns and failures of real runs', async () => {
    const join = new CollectRunnable<unknown>().configure({ name: 'J' }) as unknown as State
    join.addAdvancer(say('End'))
    let tries = 0
    const flaky = step<unknown, unknown>('A', () => ++tries)
      .configure({ reruns: 2 })
      .addAdvancer(n => n === 2, join) as State
    const broken = step<unknown, unknown>('B', () => {
      throw new Error('broke')
    }).onError(
      () => true,
      join,
      ({ error }) => error.message,
    ) as State
    const orchestration = machine(fork('F', flaky, broken.addAdvancer(say('Fine'))))
    const outputs = { F: [1], A: [2], B: [new StubFailure('broke'), 1] }
    const exploration = await explore(orchestration, { outputs })
    const coverage = exploration.coverage([await recorded(orchestration, 1)])
    expect(coverage.untested.map(String)).toEqual(['F → B → Fine'])
    expect(coverage.paths).toMatchObject({ tested: 2, total: 3 })
  })

  it('counts a run that failed before the result for its states only', async () => {
    const orchestration = machine(
      pass('A').addAdvancer(
        step<unknown, unknown>('B', () => {
          throw new Error('broke')
        }),
      ),
    )
    const exploration = await explore(orchestration, { outputs: { A: [1] } })
    const coverage = exploration.coverage([await recorded(orchestration, 1)])
    expect([coverage.paths.tested, coverage.states.tested, coverage.transitions.tested]).toEqual([0, 2, 1])
  })

  it('leaves the states of sub-orchestrations out', async () => {
    const inner = machine(pass('A').addAdvancer(say('End')))
    const sub = new SubOrchestrationRunnable(inner).configure({ name: 'Sub' }) as State
    const orchestration = machine(sub.addAdvancer(say('End')))
    const exploration = await explore(orchestration, { outputs: { Sub: [1] } })
    expect(exploration.coverage([await recorded(orchestration, 1)]).paths.ratio).toBe(1)
    expect(exploration.coverage([await recorded(inner, 1)]).paths.ratio).toBe(0)
  })
})
