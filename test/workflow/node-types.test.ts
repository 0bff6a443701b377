import 'reflect-metadata'
import { expect, test } from 'vitest'
import { Orchestration, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { parseWorkflow, type Workflow, WorkflowError } from '../../src/workflow/index.js'
import { agentsOf, call, compiled, definition, faultsOf, ran } from './runs.js'

const fails = (): never => {
  throw new Error('no')
}

class Shout extends OrchestrationRunnable<string, string> {
  invoke(text: string): string {
    return text.toUpperCase()
  }
}

class Shouting extends Orchestration<string, string> {
  constructor() {
    super()
    this.initialRunnable = new Shout()
  }
}

test('S2-06: an agent call asks a function, with what `payload` comes to', async () => {
  const { agents, calls } = agentsOf()
  await ran(definition([call('a', { config: { payload: { q: '{{input.topic}}' } } })]), { agents }, { topic: 't' })
  expect(calls).toEqual([{ id: 'a', input: { q: 't' } }])
})

test('S2-06: an agent call runs an orchestration inside the run', async () => {
  const json = definition([call('shout', { config: { payload: '{{input.text}}' } })])
  const { output, events } = await ran(json, { agents: { shout: new Shouting() } }, { text: 'hey' })
  expect(output.shout).toBe('HEY')
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'state.completed', stateName: 'Shout', path: ['shout'] }),
  )
})

test('S2-06: agents that nobody has are refused all at once, before anything runs', () => {
  const json = definition([call('a', { agent_id: 'serch' }), call('b', { agent_id: 'x'.repeat(9) })])
  const compile = () => compiled(json, { agents: { search: () => 1 } })
  expect(compile).toThrow(WorkflowError)
  expect(compile).toThrow(/nodes\[0\]\.agent_id: There is no agent "serch"\. Did you mean "search"\?/)
  expect(compile).toThrow(/nodes\[1\]\.agent_id: There is no agent "xxxxxxxxx"\. There are: search\./)
})

test('AC-6: an agent that fails is a node that has failed, never an output', async () => {
  const { agents, order } = agentsOf({ a: fails })
  const { error, run } = await ran(definition([call('a'), call('b')], ['a > b']), { agents })
  expect(error).toMatchObject({ stateName: 'a', cause: { message: 'no' } })
  expect(run.status).toBe('failed')
  expect(order()).toEqual(['a'])
})

test('a failure can lead to a node, which reads why; or the run goes on without what follows', async () => {
  const { agents, calls, order } = agentsOf({ a: fails, b: fails })
  const json = definition(
    [
      call('a', { on_error: 'rescue' }),
      call('b', { on_error: 'continue' }),
      call('afterB'),
      call('rescue'),
      call('end'),
    ],
    ['a > end', 'rescue > end', 'b > afterB'],
  )
  const { output } = await ran(json, { agents })
  expect(order()).toEqual(['a', 'b', 'rescue', 'end'])
  expect(calls[2]?.input.previous).toEqual({ error: { name: 'Error', message: 'no' } })
  expect(Object.keys(output)).toEqual(['rescue', 'end', 'output'])
})

test('S2-08, S2-38: a group runs its nodes at once, and collects their outputs', async () => {
  const { agents, calls } = agentsOf({ a: () => 1, b: () => 2 })
  const json = definition(
    [
      call('first'),
      { id: 'group', type: 'parallel_group', config: { nodes: [call('a'), 'b'] } },
      call('b'),
      call('end', { config: { x: '{{group.b}}' } }),
    ],
    ['first > group', 'group > end'],
  )
  const { output, events } = await ran(json, { agents }, { topic: 't' })
  expect(output.group).toEqual({ b: 2, a: 1 })
  expect(calls.find(({ id }) => id === 'a')?.input).toEqual({
    input: { topic: 't' },
    first: 'first done',
    previous: 'first done',
    config: {},
  })
  expect(calls.at(-1)?.input.config).toEqual({ x: 2 })
  const inGroup = events
    .filter(event => event.path?.[0] === 'group')
    .map(event => ('stateName' in event ? event.stateName : ''))
  expect(inGroup.indexOf('b')).toBeLessThan(inGroup.lastIndexOf('a'))
})

test('S2-08: of a group, any or a quorum can do, and bound how many are at work', async () => {
  const never = (_input: unknown, { signal }: RunContext) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  const { agents } = agentsOf({ broken: fails, never })
  const group = (policy: unknown, nodes: readonly string[]) =>
    definition([{ id: 'g', type: 'parallel_group', config: { policy, nodes: nodes.map(id => call(id)) } }])
  expect((await ran(group('any', ['broken', 'quick', 'never']), { agents })).output.g).toEqual({ quick: 'quick done' })
  expect((await ran(group({ quorum: 2 }, ['a', 'never', 'broken', 'c']), { agents })).output.g).toEqual({
    a: 'a done',
    c: 'c done',
  })
  const { error } = await ran(group({ quorum: 2 }, ['a', 'broken']), { agents })
  expect(error.stateName).toBe('g')
  expect((await ran(group('all', ['a', 'broken']), { agents })).error).toBeDefined()

  let atWork = 0
  let most = 0
  const counted = async () => {
    most = Math.max(most, ++atWork)
    await Promise.resolve()
    atWork--
  }
  const config = {
    max_concurrency: 2,
    nodes: Object.fromEntries(['a', 'b', 'c', 'd'].map(id => [id, { type: 'agent_call', agent_id: 'x' }])),
  }
  await ran(definition([{ id: 'g', type: 'parallel_group', config }]), { agents: { x: counted } })
  expect(most).toBe(2)
})

test('S2-09: a loop repeats its nodes until a condition is met', async () => {
  const { agents, calls } = agentsOf({
    draft: ({ index, last }) => ({ text: `draft ${index}`, after: last?.text ?? null }),
    review: ({ previous, index }) => ({ score: 0.4 + 0.25 * index, text: previous.text }),
  })
  const json = definition(
    [
      call('brief'),
      {
        id: 'refine',
        type: 'loop',
        config: { body: ['draft', 'review'], until: 'review.score > 0.8', max_iterations: 5 },
      },
      call('draft', { config: { about: '{{brief}}', last: '{{last.score?}}' } }),
      call('review'),
      call('publish', { config: { text: '{{refine.output.text}}', turns: '{{refine.iterations}}' } }),
    ],
    ['brief > refine', 'draft > review', 'refine > publish'],
  )
  const { output } = await ran(json, { agents })
  expect(output.refine).toEqual({
    output: { score: 0.9, text: 'draft 2' },
    results: [
      { score: 0.4, text: 'draft 0' },
      { score: 0.65, text: 'draft 1' },
      { score: 0.9, text: 'draft 2' },
    ],
    iterations: 3,
    exhausted: false,
  })
  expect(calls[3]?.input).toMatchObject({ index: 1, last: { score: 0.4 }, config: { about: 'brief done', last: 0.4 } })
  expect(calls.at(-1)?.input.config).toEqual({ text: 'draft 2', turns: 3 })
})

test('S2-09, S2-42: a loop goes over items, also several at once, and in the older words', async () => {
  const { agents, calls } = agentsOf({ each: ({ item }) => item * 2 })
  const loop = (config: object) =>
    definition([
      { id: 'l', type: 'loop', config: { body: { nodes: [call('each', { config: { n: '{{item}}' } })] }, ...config } },
    ])
  const input = { numbers: [1, 2, 3] }
  expect((await ran(loop({ for_each: '{{input.numbers}}' }), { agents }, input)).output.l.results).toEqual([2, 4, 6])
  expect(
    (await ran(loop({ for_each: '{{input.numbers}}', concurrency: 2 }), { agents }, input)).output.l.results,
  ).toEqual([2, 4, 6])
  expect((await ran(loop({ iterator_field: 'input.numbers' }), { agents }, input)).output.l.results).toEqual([2, 4, 6])
  expect((await ran(loop({ for_each: [5] }), { agents }, input)).output.l.results).toEqual([10])
  expect((await ran(loop({ for_each: [] }), { agents }, input)).output.l).toMatchObject({ iterations: 0, output: null })
  expect(calls[0]?.input).toEqual({ input, index: 0, item: 1, previous: 1, config: { n: 1 } })
})

test('S2-09: `while` is asked before each turn; too many turns fail, or are enough', async () => {
  const { agents } = agentsOf({ count: ({ index }) => index + 1 })
  const loop = (config: object) => definition([{ id: 'l', type: 'loop', config: { body: [call('count')], ...config } }])
  expect((await ran(loop({ while: 'index < 2' }), { agents })).output.l).toMatchObject({ iterations: 2, output: 2 })
  const { error } = await ran(loop({ until: 'false', max_iterations: 3 }), { agents })
  expect(error.message).toContain('Loop "l" is not done after 3 turns')
  const enough = await ran(loop({ until: 'false', max_iterations: 3, on_exhausted: 'proceed' }), { agents })
  expect(enough.output.l).toMatchObject({ iterations: 3, exhausted: true, output: 3 })
})

test('bodies can be nested, and read what is around them', async () => {
  const { agents, calls } = agentsOf()
  const json = definition(
    [
      call('first'),
      {
        id: 'outer',
        type: 'loop',
        config: {
          for_each: ['a', 'b'],
          body: {
            nodes: [
              {
                id: 'inner',
                type: 'parallel_group',
                config: { nodes: [call('leaf', { config: { x: '{{item}}{{index}} {{first}} {{input.t}}' } })] },
              },
            ],
          },
        },
      },
    ],
    ['first > outer'],
  )
  const { output } = await ran(json, { agents }, { t: 1 })
  expect(calls.slice(1).map(({ input }) => input.config.x)).toEqual(['a0 first done 1', 'b1 first done 1'])
  expect(output.outer.results).toEqual([{ leaf: 'leaf done' }, { leaf: 'leaf done' }])
})

test('S2-10: a rejection cancels the run, with the reason', async () => {
  const json = definition(
    [{ id: 'review', type: 'human_approval', config: { message: 'Publish {{input.title}}?' } }, call('publish')],
    ['review > publish'],
  )
  const { agents, order } = agentsOf()
  const { run } = await ran(json, { agents }, { title: 'Tides' })
  expect(run.requests).toMatchObject([{ message: 'Publish Tides?' }])
  await run.reject('review', { by: 'ann', comment: 'too long' })
  await expect(run.result).rejects.toThrow('Node "review" was rejected by ann: too long')
  expect(run.status).toBe('cancelled')
  expect(order()).toEqual([])
})

test('S2-10: a rejection inside of bodies cancels the whole run', async () => {
  const json = definition([
    {
      id: 'l',
      type: 'loop',
      config: {
        for_each: [1],
        body: [{ id: 'g', type: 'parallel_group', config: { nodes: [{ id: 'ok', type: 'human_approval' }] } }],
      },
    },
  ])
  const { run } = await ran(json, {})
  await run.reject(run.requests[0]?.id as string)
  await expect(run.result).rejects.toThrow('Node "ok" was rejected.')
  expect(run.status).toBe('cancelled')
})

test('S2-10, AC-4: a rejection that is led on goes there, and never on as an approval', async () => {
  const { agents, calls, order } = agentsOf()
  const json = definition(
    [{ id: 'review', type: 'human_approval', config: { on_reject: 'revise' } }, call('publish'), call('revise')],
    ['review > publish', 'review > revise'],
  )
  const { run } = await ran(json, { agents })
  await run.reject('review', { comment: 'shorter' })
  const output = await run.result
  expect(order()).toEqual(['revise'])
  expect(calls[0]?.input.review).toEqual({ approved: false, outcome: 'rejected', comment: 'shorter' })
  expect(output).toEqual({ revise: 'revise done', output: 'revise done' })
})

test('S2-10: an approval that nobody decides in time fails, or is led on', async () => {
  const { ManualClock } = await import('../../src/testing/index.js')
  const expired = async (config: object) => {
    const clock = new ManualClock()
    const { agents } = agentsOf()
    const json = definition([{ id: 'ok', type: 'human_approval', timeout: 60, config }, call('late')], [])
    const { run } = await ran(json, { agents }, {}, { clock })
    await clock.advance(60_000)
    return run.result.catch((error: unknown) => error)
  }
  expect(await expired({ on_timeout: 'late' })).toEqual({ late: 'late done', output: 'late done' })
  const failure = (await expired({})) as { cause: unknown }
  expect(OrchestrationError.isInstance(failure.cause) && failure.cause.code).toBe('STATE_TIMED_OUT')
})

test('S2-11: a subworkflow runs another definition, of a version', async () => {
  const { agents } = agentsOf({ greet: ({ input }) => `hello ${input.name}` })
  const asked: unknown[] = []
  const workflows = (id: string, version?: number): Workflow | undefined => {
    asked.push([id, version])
    return id === 'greeting' ? parseWorkflow({ ...definition([call('greet')]), name: 'Greeting' }) : undefined
  }
  const json = definition([
    {
      id: 'sub',
      type: 'subworkflow',
      config: { workflow_id: 'greeting', version: 2, input: { name: '{{input.who}}' } },
    },
  ])
  const { output, events } = await ran(json, { agents, workflows }, { who: 'ann' })
  expect(output.sub).toEqual({ status: 'completed', output: 'hello ann', nodes: { greet: 'hello ann' } })
  expect(asked).toEqual([['greeting', 2]])
  expect(events).toContainEqual(expect.objectContaining({ stateName: 'greet', path: ['sub'] }))
})

test('S2-11: workflows that contain themselves, or that nobody has, are refused', () => {
  const workflows = (id: string): Workflow | undefined => {
    const next = { a: 'b', b: 'a' }[id]
    if (next === undefined) return undefined
    return parseWorkflow(definition([{ id: 's', type: 'subworkflow', config: { workflow_id: next } }]))
  }
  const compile = (id: string) => () =>
    compiled(definition([{ id: 's', type: 'subworkflow', config: { workflow_id: id } }]), { workflows })
  expect(compile('a')).toThrow('Workflows contain each other: a@latest → b@latest → a@latest.')
  expect(compile('none')).toThrow('There is no workflow "none".')
})

test('AC-6: a type that nobody knows is refused, and so is what a type does not have', () => {
  expect(faultsOf(definition([{ id: 'a', type: 'agent_cal', agent_id: 'x' }]))).toEqual([
    'nodes[0].type: The node type "agent_cal" is unknown. Did you mean "agent_call"?',
  ])
  expect(
    faultsOf(
      definition([
        { id: 'l', type: 'loop', retry: 3, config: { body: [call('x')] } },
        { id: 'g', type: 'parallel_group', config: { nodes: [call('y'), call('z')], policy: { quorum: 3 } } },
        { id: 's', type: 'subworkflow' },
        { id: 'a', type: 'agent_call', config: { endpoint: 'file:///etc/passwd' } },
        { id: 'b', type: 'agent_call' },
        { id: 'h', type: 'human_approval', config: { mesage: 'hi', timeout: 'soon' } },
      ]),
    ),
  ).toEqual([
    'nodes[0].retry: A node of type "loop" has no `retry`. Only agent_call nodes have it; where this one has nodes inside, put it on those.',
    'nodes[5].config.mesage: Key "mesage" is unknown. Did you mean "message"?',
    'nodes[5].config.timeout: It is "soon" (a string). It has to be a number of seconds above 0.',
    'nodes[0].config.until: It is missing. Give it `until`, `while` or `for_each`; something has to end it.',
    'nodes[1].config.policy: It is an object. It has to be "all", "any", or { "quorum": a whole number from 1 to 2 }.',
    'nodes[2].config.workflow_id: It is missing. Say which workflow it is.',
    'nodes[3].config.endpoint: It is "file:///etc/passwd" (a string). It has to be the http or https address of an A2A agent, without templates.',
    'nodes[4].agent_id: It is missing. Say which agent is asked, by `agent_id` or `config.endpoint`.',
  ])
})
