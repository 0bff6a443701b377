import { IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable } from '../../src/agents/index.js'
import { Runnable } from '../../src/core/index.js'
import {
  ConsensusDecision,
  consensus,
  type DebateTask,
  Delegation,
  debate,
  evaluatorOptimizer,
  loopUntil,
  mapReduce,
  parallel,
  router,
  type SupervisionTask,
  sequence,
  state,
  supervisor,
  verify,
} from '../../src/graph/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { begin, rejection } from '../core/machines.js'

const decision = (value: 'APPROVE' | 'REVISE', feedback?: string): ConsensusDecision =>
  Object.assign(new ConsensusDecision(), { decision: value }, feedback === undefined ? {} : { feedback })
const delegation = (next: string, message: string): Delegation => Object.assign(new Delegation(), { next, message })

describe('sequence', () => {
  it('S4-31 does one step after the other, states, functions and orchestrations alike', async () => {
    const inner = sequence([(n: number) => n * 2])
    const built = sequence([state('length', (text: string) => text.length), inner, (n: number) => `${n}!`])
    expect(await built.run('abc')).toBe('6!')
    expect(built.graph.nodes.map(({ name }) => name)).toEqual(['length', 'step 2', 'step 3'])
  })

  it('asks for at least one step', () => {
    expect(() => sequence([] as never)).toThrow(/`steps` must be at least one step/)
  })
})

describe('parallel', () => {
  it('S4-31 combines the outputs of the branches in their order, not that of their arrival', async () => {
    const built = parallel({
      branches: [
        async (text: string, context) => {
          await context.sleep(5)
          return `slow ${text}`
        },
        (text: string) => `fast ${text}`,
      ],
      combine: (items: readonly string[]) => items.join(),
    })
    expect(await built.run('x')).toBe('slow x,fast x')
  })

  it('goes on with as many branches as it takes', async () => {
    const built = parallel<string, string, string>({
      branches: [() => 'a', (_, context) => context.sleep(60_000).then(() => 'never'), () => 'c'],
      combine: items => items.join(),
      join: { policy: { quorum: 2 } },
    })
    expect(await built.run('x')).toBe('a,c')
  })
})

describe('mapReduce', () => {
  const count = () =>
    mapReduce({
      split: (text: string) => text.split(' ').filter(Boolean),
      map: (word: string) => word.length,
      reduce: (lengths: readonly number[]) => lengths.reduce((sum, each) => sum + each, 0),
    })

  it('S4-31 makes one result of any number of items', async () => {
    const built = count()
    expect(await built.run('one three')).toBe(8)
    expect(await built.run('')).toBe(0)
    expect(await built.run('word '.repeat(1500))).toBe(6000)
  })
})

describe('router', () => {
  const classify = (text: string): 'question' | 'order' => (text.endsWith('?') ? 'question' : 'order')

  it('S4-31 gives the input to the route that its kind names', async () => {
    const built = router<string, 'question' | 'order', string>({
      classify,
      routes: { question: text => `answer to ${text}`, order: text => `done: ${text}` },
    })
    expect(await built.run('why?')).toBe('answer to why?')
    expect(await built.run('go')).toBe('done: go')
  })

  it('fails where there is no route, or falls back', async () => {
    const routes = { known: (text: string) => text }
    const strict = router({ classify: () => 'other' as 'known', routes })
    expect((await rejection(strict.run('x'))).message).toContain('no route for "other", only "known"')
    const lenient = router({ classify: () => 'other' as 'known', routes, fallback: (text: string) => `? ${text}` })
    expect(await lenient.run('x')).toBe('? x')
  })
})

describe('loopUntil', () => {
  const grow = (text: string): string => `${text}x`

  it('S4-31 repeats its body until the output is as wanted', async () => {
    expect(await loopUntil({ body: grow, until: text => text.length === 4 }).run('a')).toBe('axxx')
  })

  it('fails after so many rounds, or proceeds', async () => {
    const never = { until: () => false, maxRounds: 2 }
    expect((await rejection(loopUntil({ body: grow, ...never }).run('a'))).message).toContain('after 2 rounds')
    expect(await loopUntil({ body: grow, ...never, onExhausted: 'proceed' }).run('a')).toBe('axx')
  })
})

describe('evaluatorOptimizer', () => {
  it('S4-31 makes a draft better until the review lets it pass', async () => {
    const built = evaluatorOptimizer<string, string, number>({
      generate: ({ input, round, draft, review }) => `${draft ?? input}${round}${review ?? ''};`,
      evaluate: ({ draft, input }) => draft.length - input.length,
      accept: score => score > 5,
    })
    expect(await built.run('a')).toBe('a1;22;35;')
  })

  it('proceeds with the last draft if it is told to', async () => {
    const built = evaluatorOptimizer<string, number, string>({
      generate: ({ round }) => round,
      evaluate: () => 'bad',
      accept: () => false,
      maxRounds: 3,
      onExhausted: 'proceed',
    })
    expect(await built.run('a')).toBe(3)
  })
})

describe('debate', () => {
  const say =
    (who: string) =>
    ({ topic, round, turns }: DebateTask<string, string, string>): string =>
      `${who}${round}/${turns.length} on ${topic}`

  it('S0-36 goes from pro to con to judge for so many rounds, in at most 3 · rounds + 2 steps', async () => {
    const built = debate({ pro: say('pro'), con: say('con'), judge: say('judge'), rounds: 2 })
    const { run, events } = begin(built, 'x')
    expect(await run.result).toBe('judge2/5 on x')
    const states = events.ofType('state.started').map(({ stateName }) => stateName)
    expect(states).toEqual(['start', 'pro', 'con', 'judge', 'pro', 'con', 'judge', 'verdict'])
    expect(states).toHaveLength(3 * 2 + 2)
  })

  it('ends early when it is decided', async () => {
    const built = debate({ pro: say('pro'), con: say('con'), judge: say('judge'), decided: () => true })
    expect(await built.run('x')).toBe('judge1/2 on x')
  })

  it('refuses rounds that make no sense', () => {
    expect(() => debate({ pro: say('p'), con: say('c'), judge: say('j'), rounds: 0 })).toThrow(/`rounds`/)
  })

  it('runs any number of debates at once', async () => {
    const built = debate({ pro: say('pro'), con: say('con'), judge: say('judge'), rounds: 1 })
    expect(await Promise.all(['x', 'y'].map(topic => built.run(topic)))).toEqual(['judge1/2 on x', 'judge1/2 on y'])
  })
})

describe('consensus', () => {
  const seen: SupervisionTask<string, string, string>[] = []
  const parts = {
    analysts: [
      ({ round, feedback }: { round: number; feedback?: string }) => `a${round}${feedback ?? ''}`,
      ({ round }: { round: number }) => `b${round}`,
    ],
    aggregate: ({ opinions }: { opinions: readonly string[] }) => opinions.join('+'),
    supervise: (task: SupervisionTask<string, string, string>) => {
      seen.push(task)
      return task.round < 3 ? decision('REVISE', `!${task.round}`) : decision('APPROVE')
    },
  }

  it('S0-36 sends the proposal back to the analysts until the supervisor approves it', async () => {
    const built = consensus<string, string, string, string>({
      ...parts,
      redTeam: ({ proposal }) => `but ${proposal}`,
    })
    seen.length = 0
    expect(await built.run('x')).toBe('a3!2+b3')
    expect(seen[1]).toEqual({ input: 'x', round: 2, proposal: 'a2!1+b2', critique: 'but a2!1+b2' })
  })

  it('S0-36 needs no red team', async () => {
    seen.length = 0
    expect(await consensus<string, string, string, string>(parts).run('x')).toBe('a3!2+b3')
    expect(seen[0]).not.toHaveProperty('critique')
  })

  it('S0-36 is bounded', async () => {
    const bounded = { ...parts, maxRounds: 2 }
    const failed = await rejection(consensus<string, string, string, string>(bounded).run('x'))
    expect(failed.message).toContain('"supervise" is not done after 2 rounds')
    const built = consensus<string, string, string, string>({ ...bounded, onExhausted: 'proceed' })
    expect(await built.run('x')).toBe('a2!1+b2')
  })
})

describe('supervisor', () => {
  it('S4-31 delegates to workers until it has an answer', async () => {
    const built = supervisor<string, string>({
      decide: ({ input, reports, workers }) => {
        const worker = workers[reports.length]
        return worker === undefined
          ? delegation('done', reports.map(({ result }) => result).join())
          : delegation(worker, `${input} ${reports.length}`)
      },
      workers: { search: task => `found ${task}`, write: task => `wrote ${task}` },
    })
    expect(await built.run('x')).toBe('found x 0,wrote x 1')
  })

  it('fails for a worker there is not, and after so many delegations', async () => {
    const workers = { search: (task: string) => task }
    const lost = supervisor({ decide: () => delegation('nobody', ''), workers })
    expect((await rejection(lost.run('x'))).message).toContain('delegated to "nobody", but its workers are "search"')
    let calls = 0
    const endless = supervisor({
      decide: () => delegation('search', ''),
      workers: { search: (task: string) => `${task}${++calls}` },
      maxDelegations: 2,
    })
    expect((await rejection(endless.run('x'))).message).toContain('after 2 delegations')
    expect(calls).toBe(2)
    expect(() => supervisor({ decide: () => delegation('done', ''), workers: { done: () => 1 } })).toThrow(/"done"/)
  })
})

describe('Every pattern', () => {
  const same = (text: string): string => text
  const join = (texts: readonly string[]): string => texts.join()

  it.each([
    sequence([same, same]),
    parallel({ branches: [same, same], combine: join }),
    mapReduce({ split: (text: string) => [text], map: same, reduce: join }),
    router({ classify: () => 'a' as const, routes: { a: same } }),
    loopUntil({ body: same, until: () => true }),
    evaluatorOptimizer<string, string, string>({ generate: () => '', evaluate: () => '', accept: () => true }),
    debate<string, string, string>({ pro: () => '', con: () => '', judge: () => '' }),
    consensus<string, string, string>({
      analysts: [() => ''],
      aggregate: () => '',
      supervise: () => decision('APPROVE'),
    }),
    supervisor({ decide: () => delegation('done', ''), workers: { a: same } }),
  ])('is an orchestration in which verify() finds nothing: $name', pattern => {
    expect(verify(pattern as never).findings).toEqual([])
  })

  it('can be a state of another, and one may be in it twice', async () => {
    const shout = sequence([(text: string) => `${text}!`])
    expect(await sequence([shout, mapReduce({ split: letters, map: shout, reduce: join }), shout]).run('a')).toBe(
      'a!,!!!',
    )
  })

  function letters(text: string): readonly string[] {
    return text.split('')
  }
})

describe('patterns of agents', () => {
  class Opinion {
    @IsString()
    text!: string
  }

  it('S0-36 come to a consensus with structured decisions', async () => {
    const model = new ScriptedModel([
      { object: { text: 'yes' } },
      { object: { text: 'no' } },
      'perhaps',
      { object: { decision: 'REVISE', feedback: 'be clear' } },
      { object: { text: 'yes' } },
      { object: { text: 'yes' } },
      'yes',
      { object: { decision: 'APPROVE' } },
    ])
    const common = { client: model, model: 'scripted' }
    class Analyst extends AgentRunnable<unknown, Opinion> {
      readonly agent = new Agent({ ...common, outputSchema: Opinion })
    }
    @Runnable({ output: String })
    class Aggregator extends AgentRunnable<unknown, string> {
      readonly agent = new Agent(common)
    }
    @Runnable({ output: ConsensusDecision })
    class Supervisor extends AgentRunnable<unknown, ConsensusDecision> {
      readonly agent = new Agent({ ...common, outputSchema: ConsensusDecision })
    }
    const built = consensus<string, Opinion, string>({
      analysts: [new Analyst().configure({ name: 'optimist' }), new Analyst().configure({ name: 'pessimist' })],
      aggregate: Aggregator,
      supervise: Supervisor,
      maxConcurrency: 1,
    })
    expect(await built.run('Does it work?')).toBe('yes')
    model.assertDone()
    expect(JSON.stringify(model.requests[4]?.messages)).toContain('be clear')
  })
})
