import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import { OrchestrationRunnable, WiringError } from '../../src/core/index.js'
import { AsyncRuntime, BaseGraphState, createDebate, Orchestrator } from '../../src/stages/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { type Notes, note, notes } from './states.js'

class Shout extends OrchestrationRunnable<string, string> {
  invoke(said: string): string {
    return `${said}!`
  }
}

/** What plain JavaScript may do, which does not compile. */
const untyped = () => notes().addNode('a', note('a')) as unknown as Record<string, (...given: unknown[]) => unknown>

async function problemsOf(orch: Orchestrator<Notes>): Promise<readonly string[]> {
  const thrown: unknown = await orch.run({ notes: [] }).then(
    () => undefined,
    error => error,
  )
  expect(thrown).toBeInstanceOf(WiringError)
  return (thrown as WiringError).problems
}

describe('stages whose names every object has something for', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty', 'then'])(
    'takes milliseconds for "%s" as for any other',
    async name => {
      const orch = notes()
      orch.addNode(name, note(name))
      const { latencies } = await orch.run({ notes: [] })
      expect(latencies[name]).toBeTypeOf('number')
    },
  )

  it.each(['constructor', 'toString'])('merges the report and the latency of a member called "%s"', async name => {
    const orch = notes()
    orch.addNode(name, new Shout(), { input: () => 'hi' })
    orch.addNode('other', () => undefined)
    orch.addParallelGroup('group', [name, 'other'])
    const { nodeReports, latencies } = await orch.run({ notes: [] })
    expect(nodeReports).toEqual({ [name]: 'hi!' })
    expect(latencies[name]).toBeTypeOf('number')
  })

  it('merges values of the context that are called like what all objects have', async () => {
    const orch = new Orchestrator({ state: BaseGraphState })
    orch.addNode('a', state => void (state.context['constructor'] = 1))
    orch.addNode('b', state => void (state.context['toString'] = 2))
    orch.addParallelGroup('group', ['a', 'b'])
    expect(Object.entries((await orch.run({})).context)).toEqual([
      ['constructor', 1],
      ['toString', 2],
    ])
  })

  it('refuses the one name that no object can have something under', () => {
    expect(() => notes().addNode('__proto__', note('a'))).toThrow('Option `name` must be another string')
    expect(() => notes().addParallelGroup('__proto__', [])).toThrow('Option `name` must be another string')
  })
})

describe('names that parts of stages and groups have', () => {
  it('are refused as names of stages, with what they belong to', async () => {
    const orch = notes()
    orch.addNode('a', new Shout(), { input: () => 'hi' })
    orch.addNode('a:input', note('x'))
    orch.addNode('a:output', note('x'))
    orch.addNode('group:join', note('x'))
    orch.addNode('end', note('x'))
    orch.addNode('(end)', note('x'))
    orch.addParallelGroup('group', ['end'])
    orch.entryPoint = 'a'
    expect(await problemsOf(orch)).toEqual([
      'stage "a:input" is called like a part of stage "a": give the stage another name',
      'stage "a:output" is called like a part of stage "a": give the stage another name',
      'stage "group:join" is called like a part of group "group": give the stage another name',
      'stage "(end)" is called like a part of the run, its end: give the stage another name',
    ])
  })

  it('leaves the end alone when a member of a group is called like it', async () => {
    const orch = notes()
    orch.addNode('end', note('member'))
    orch.addNode('other', () => undefined)
    orch.addParallelGroup('group', ['end', 'other'])
    const { notes: said, executionPath } = await orch.run({ notes: [] })
    expect(said).toEqual(['member'])
    expect(executionPath).toEqual(['parallel:group', 'group:end', 'group:other'])
  })
})

describe('definitions from plain JavaScript', () => {
  it.each<readonly [string, unknown[], string]>([
    ['addEdge', [], '`from` must be the name of a stage or a group, but is undefined'],
    ['addEdge', ['a', null], '`to` must be the name of a stage or a group, but is null'],
    ['addConditionalEdge', [5, () => 'x', {}], '`from` must be the name'],
    ['addConditionalEdge', ['a', () => 'x'], '`targets` must be an object, but is undefined'],
    ['addConditionalEdge', ['a', () => 'x', { x: null }], '`targets.x` must be the name of a stage or a group'],
    ['addParallelGroup', ['g'], '`members` must be a list of names, but is undefined'],
    ['addParallelGroup', ['g', 'a'], '`members` must be a list of names, but is "a"'],
    ['addParallelGroup', ['g', [null]], '`members` must be a list of names'],
    ['addParallelGroup', ['g', ['a'], null], '`options of group "g"` must be an object, but is null'],
    ['addParallelGroup', ['g', ['a'], { on_failure: 'proceed' }], 'of group "g". Did you mean "onFailure"?'],
    ['addParallelGroup', ['g', ['a'], { merge: null }], '`merge` must be an object, but is null'],
    ['addParallelGroup', ['g', ['a'], { merge: { notes: 'concat' } }], '`merge.notes` must be a function'],
    ['addNode', ['b', () => undefined, null], '`options of stage "b"` must be an object, but is null'],
    ['addNode', ['b', () => undefined, { interceptor: [] }], 'of stage "b". Did you mean "interceptors"?'],
    ['addNode', ['b', new Shout(), { input: String, ouput: note }], 'of stage "b". Did you mean "output"?'],
    ['addNode', ['b', () => undefined, { jumps: 'end' }], '`jumps of "b"` must be a list of names'],
    ['addHumanStage', ['b'], '`options of stage "b"` must be an object, but is undefined'],
    ['addHumanStage', ['b', { reject: 'end', timeout_ms: 5 }], 'of stage "b". Did you mean "timeoutMs"?'],
    ['setEntryPoint', [5], '`name` must be the name of a stage or a group, but is 5'],
  ])('%s is told what is wrong with %j', (method, given, message) => {
    const orch = untyped()
    expect(() => orch[method]?.(...given)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => orch[method]?.(...given)).toThrow(message)
  })

  it.each([
    ['max_cycles', 'maxCycles'],
    ['maxcycles', 'maxCycles'],
    ['entry_point', 'entryPoint'],
    ['timeoutms', 'timeoutMs'],
  ])('refuses the misspelt option %s', async (misspelt, meant) => {
    const options = { state: BaseGraphState, [misspelt]: 3 }
    const refusal = { code: 'OPTION_INVALID', details: expect.objectContaining({ option: misspelt, nearest: [meant] }) }
    expect(() => new Orchestrator(options)).toThrow(expect.objectContaining(refusal))
    expect(() => new Orchestrator(options)).toThrow(`of an orchestrator. Did you mean "${meant}"?`)
  })

  it('refuses misspelt options of patterns, settings, runs and programs', async () => {
    const stage = () => undefined
    const debate = { state: BaseGraphState, pro: stage, con: stage, judge: stage, round: 1 }
    expect(() => createDebate(debate)).toThrow('of createDebate(). Did you mean "rounds"?')
    const settings = { max_cycles: 3 } as object
    expect(() => Orchestrator.createStandard(settings)).toThrow('of createStandard(). Did you mean "maxCycles"?')
    const orch = notes()
    orch.addNode('a', note('a'))
    await expect(orch.run({ notes: [] }, { timeout_ms: 5 } as object)).rejects.toThrow('Did you mean "timeoutMs"?')
    await expect(AsyncRuntime.runMain(stage, { drain_ms: 5 } as object)).rejects.toThrow('Did you mean "drainMs"?')
  })

  it('refuses options and an entry point of the wrong type', async () => {
    const Untyped = Orchestrator as unknown as new (options?: unknown) => unknown
    expect(() => new Untyped()).toThrow('Option `options of an orchestrator` must be an object, but is undefined')
    for (const config of [null, '3']) {
      expect(() => Orchestrator.createStandard(config as never)).toThrow(
        'Option `options of createStandard()` must be an object',
      )
    }
    const orch = notes()
    orch.addNode('a', note('a'))
    orch.entryPoint = 5 as unknown as string
    expect(await problemsOf(orch)).toEqual([
      "its entry point is a value of type number: say which stage is first: entryPoint = '…', or leave it undefined",
    ])
  })
})

describe('a state that is one stage', () => {
  it('is refused as a second one, which would take its way on', () => {
    const shout = new Shout()
    const orch = notes().addNode('a', shout, { input: () => 'a' })
    expect(() => orch.addNode('b', shout, { input: () => 'b' })).toThrow(
      'Option `work of "b"` must be a state of its own, and not that of stage "a"',
    )
  })
})

describe('what is said when something goes wrong', () => {
  it('names the stage of an agent that is asked with what is no prompt', async () => {
    const agent = new Agent({ client: new ScriptedModel(['x']), model: 'scripted' })
    const orch = notes().addNode('a', agent, { input: () => 5 as unknown as string })
    await expect(orch.run({ notes: [] })).rejects.toThrow(
      'failed in state "a": Option `input` must be a function that returns a text or a list of messages, but is 5 (number)',
    )
  })

  it('names a member that returned what JSON cannot express', async () => {
    const orch = notes()
    orch.addNode('a', (() => 5n) as unknown as () => string)
    orch.addNode('b', note('b'))
    orch.addParallelGroup('group', ['a', 'b'])
    await expect(orch.run({ notes: [] })).rejects.toThrow(
      'Stage "a" returned a value of type bigint, but it is a member',
    )
  })

  it('says how many stages a group would visit that is one too many', async () => {
    const orch = new Orchestrator({ state: BaseGraphState, maxCycles: 2 })
    for (const name of ['start', 'a', 'b']) orch.addNode(name, () => undefined)
    orch.addParallelGroup('group', ['a', 'b'])
    orch.addEdge('start', 'group')
    await expect(orch.run({})).rejects.toThrow(
      'it has visited 1 stage, and its maxCycles is 2. The group that comes next would visit 2 more.',
    )
  })
})
