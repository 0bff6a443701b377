import 'reflect-metadata'
import { expect, test } from 'vitest'
import { schemaOf } from '../../src/schema/index.js'
import {
  layersOf,
  parseWorkflow,
  referencesOf,
  WorkflowDefinition,
  WorkflowError,
  workflowJsonSchema,
  workflowLimits,
  workflowTemplates,
} from '../../src/workflow/index.js'
import { call, definition, faultsOf } from './runs.js'

test('S2-39: nodes by their ids with `depends_on` are the same as an array with edges; both together count once', () => {
  const array = parseWorkflow(definition([call('a'), call('b'), call('c')], ['a > b', 'a > c', 'b > c']))
  const map = parseWorkflow({
    name: 'Test',
    nodes: {
      a: { type: 'agent_call', config: { agent_id: 'a' } },
      b: { type: 'agent_call', agentId: 'b', depends_on: ['a', 'a'] },
      c: { type: 'agent_call', agent_id: 'c', dependsOn: ['a', 'b'] },
    },
    edges: [
      { from: 'a', to: 'b' },
      { from: 'a', to: 'b' },
    ],
  })
  expect(new Set(map.edges.map(({ from, to }) => `${from} > ${to}`))).toEqual(new Set(['a > b', 'a > c', 'b > c']))
  expect(map.edges).toHaveLength(3)
  expect(map.nodes.map(({ id, agent_id }) => [id, agent_id])).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['c', 'c'],
  ])
  expect(layersOf(map)).toEqual(layersOf(array))
})

test('S2-01: what is written is the form of the seed, and reading it again gives the same', () => {
  const workflow = parseWorkflow({
    name: 'Forms',
    maxBudget: 2,
    nodes: {
      a: { type: 'agent_call', agentId: 'x', config: { maxLength: 3 }, onError: 'continue', retry: 2 },
      c: { type: 'condition', config: { expression: 'a > 1', thenBranch: 'l' }, depends_on: 'a' },
      l: {
        type: 'loop',
        config: { items: '{{a}}', maxIterations: 4, body: { nodes: { x: { type: 'agent_call', agent_id: 'x' } } } },
      },
      h: { type: 'human_approval', config: { timeout: 60 } },
    },
  })
  expect(workflow.toJSON()).toEqual({
    name: 'Forms',
    nodes: [
      {
        id: 'a',
        type: 'agent_call',
        agent_id: 'x',
        config: { maxLength: 3 },
        retry: { max_retries: 2 },
        on_error: 'continue',
      },
      { id: 'c', type: 'condition', config: { condition: 'a > 1', then_branch: 'l' } },
      {
        id: 'l',
        type: 'loop',
        config: {
          for_each: '{{a}}',
          max_iterations: 4,
          body: { nodes: [{ id: 'x', type: 'agent_call', agent_id: 'x' }], edges: [] },
        },
      },
      { id: 'h', type: 'human_approval', config: {}, timeout: 60 },
    ],
    edges: [{ from: 'a', to: 'c' }],
    max_budget: 2,
  })
  const again = parseWorkflow(JSON.stringify(workflow))
  expect(again.toJSON()).toEqual(workflow.toJSON())
  expect(parseWorkflow(workflow).toJSON()).toEqual(workflow.toJSON())
})

test('a workflow is frozen, and shares nothing with what it was read from or written to', () => {
  const json = definition([call('a', { config: { list: [1] } })])
  const workflow = parseWorkflow(json)
  ;(json as any).nodes[0].config.list.push(2) // any: JSON that the test knows the form of
  ;(workflow.toJSON() as any).nodes[0].config.list.push(3) // any: JSON that the test knows the form of
  expect(workflow.nodes[0]?.config).toEqual({ list: [1] })
  expect(() => (workflow as any).nodes[0].config.list.push(4)).toThrow(TypeError) // any: JSON that the test knows the form of
  expect(() => Object.assign(workflow, { name: 'other' })).toThrow(TypeError)
})

test('S2-12: all faults at once, each with its path', () => {
  const faults = faultsOf({
    nme: 'x',
    max_budget: -1,
    nodes: [
      call('a'),
      call('a'),
      { type: 'agent_call' },
      { id: 'constructor', type: 'agent_call', agent_id: 'x' },
      { id: 'has space', type: 'agent_call', agent_id: 'x' },
      { id: 'input', type: 'agent_call', agent_id: 'x' },
      'text',
      call('b', { on_eror: 'fail', timeout: 0 }),
    ],
    edges: [
      { from: 'a', to: 'bb' },
      { from: 'b', to: 'b' },
      { form: 'a', to: 'b' },
      { from: 'a', to: 'b', when: true },
      3,
    ],
  })
  expect(faults).toEqual([
    'nme: Key "nme" is unknown. Did you mean "name"?',
    'name: It is missing. Give the workflow a name.',
    'max_budget: It is -1 (a number). It has to be an amount of at least 0.',
    'nodes[2].id: It is missing. Each node needs an id of its own.',
    'nodes[3].id: A node must not be called "constructor". Give it another name.',
    'nodes[4].id: The id "has space" has other characters. An id is made of letters, digits, _ and -.',
    expect.stringContaining('nodes[5].id: The name "input" is reserved.'),
    'nodes[6]: A node is "text" (a string). It has to be an object with `id` and `type`.',
    'nodes[7].on_eror: Key "on_eror" is unknown. Did you mean "on_error"?',
    'nodes[7].timeout: It is 0 (a number). It has to be a number of seconds above 0.',
    'edges[2].form: Key "form" is unknown. There are: from, to, when, branch.',
    'edges[2].from: It is missing. Name a node by its id.',
    'edges[4]: An edge is 3 (a number). It has to be an object with `from` and `to`.',
    'nodes[1].id: The id "a" is taken by nodes[0]. Ids are unique, also over bodies.',
    'edges[0].to: Node "bb" is unknown. Did you mean "b"?',
    'edges[1]: The edge leads from "b" to itself. Repeat nodes with a loop.',
    'edges[3]: The edge has a `when`, but "a" is no condition. Leave it out, or lead the edge from a condition.',
  ])
})

test('S2-12: a cycle is named by its nodes, and what only comes after it is never reached', () => {
  const json = definition([call('a'), call('b'), call('c'), call('d')], ['a > b', 'b > c', 'c > b', 'c > d'])
  expect(faultsOf(json)).toEqual([
    'nodes: The nodes form a cycle: b → c → b. Repeat nodes with a loop node.',
    'nodes[3]: Node "d" is never reached: it comes after a cycle. Open the cycle.',
  ])
})

test('a branch that leads back is part of a cycle', () => {
  const json = definition(
    [call('a'), { id: 'c', type: 'condition', config: { condition: 'true', then_branch: 'a' } }],
    ['a > c'],
  )
  expect(faultsOf(json)).toEqual(['nodes: The nodes form a cycle: a → c → a. Repeat nodes with a loop node.'])
})

test('C20: bodies are checked like graphs, and nothing leads into them or out of them', () => {
  const json = {
    name: 'Bodies',
    nodes: [
      call('first'),
      { id: 'l', type: 'loop', config: { until: 'inside.ok', body: ['inside', 'nobody', 'l', 'inside'] } },
      call('inside'),
      {
        id: 'm',
        type: 'loop',
        config: {
          until: 'true',
          body: {
            nodes: [call('x'), call('y')],
            edges: [
              { from: 'x', to: 'y' },
              { from: 'y', to: 'x' },
            ],
          },
        },
      },
      { id: 'n', type: 'parallel_group', config: { nodes: [] } },
      { id: 'o', type: 'loop', config: { until: 'true', body: ['inside'] } },
    ],
    edges: [{ from: 'first', to: 'inside' }],
  }
  expect(faultsOf(json)).toEqual([
    'nodes[1].config.body[1]: Node "nobody" is unknown. There are: first, inside, m, n, o.',
    'nodes[1].config.body[2]: A node cannot be in its own body. Name other nodes.',
    'nodes[1].config.body[3]: Node "inside" is in the body of "l" already. Name it once.',
    'nodes[5].config.body[0]: Node "inside" is in the body of "l" already. A node runs in one body.',
    'edges[0]: It leads from "first" to "inside", but "inside" is in the body of "l". Lead it to "l".',
    'nodes[3].config.body.nodes: The nodes form a cycle: x → y → x. Repeat nodes with a loop node.',
    'nodes[4].config.nodes: It has no nodes. Give it at least one.',
  ])
})

test('S2-08: nothing leads from node to node in a group', () => {
  const nodes = [
    call('a', { on_error: 'b' }),
    call('b'),
    { id: 'c', type: 'condition', config: { condition: 'true', then_branch: 'b' } },
  ]
  expect(
    faultsOf(
      definition([{ id: 'g', type: 'parallel_group', config: { nodes: { nodes, edges: [{ from: 'a', to: 'b' }] } } }]),
    ),
  ).toEqual([
    expect.stringMatching(/^nodes\[0\]\.config\.nodes\.nodes\[0\]\.on_error: The nodes of "g" run at once\./),
    expect.stringMatching(
      /^nodes\[0\]\.config\.nodes\.nodes\[2\]\.config\.then_branch: The nodes of "g" run at once\./,
    ),
    expect.stringMatching(/^nodes\[0\]\.config\.nodes\.edges\[0\]: The nodes of "g" run at once\./),
  ])
})

test('edges beside a body, which would be ignored, are refused', () => {
  const edges = [{ from: 'a', to: 'b' }]
  const loop = { id: 'l', type: 'loop', config: { for_each: [1], body: [call('a'), call('b')], edges } }
  const group = { id: 'g', type: 'parallel_group', config: { nodes: [call('c')], edges } }
  expect(faultsOf(definition([loop, group]))).toEqual([
    'nodes[0].config.edges: Edges of a body are not read here. Write them into the body, as `{ nodes, edges }`, or into those of the workflow.',
    'nodes[1].config.edges: Edges of a body are not read here. The nodes of a group run at once; use a loop or a subworkflow for those that do not.',
  ])
  const config = { for_each: [1], body: { nodes: [call('a'), call('b')], edges } }
  expect(faultsOf(definition([{ ...loop, config }]))).toEqual([])
  expect(faultsOf(definition([{ ...loop, config: { ...loop.config, edges: [] } }]))).toEqual([])
})

test('bodies that contain each other are refused', () => {
  const loop = (id: string, body: string) => ({ id, type: 'loop', config: { until: 'true', body: [body] } })
  expect(faultsOf(definition([loop('a', 'b'), loop('b', 'a')]))).toContainEqual(
    expect.stringMatching(/nodes\[\d\]: Bodies contain each other: \w → \w\./),
  )
})

test('prototype keys, what is no JSON, and what contains itself are refused', () => {
  expect(
    faultsOf('{"name":"x","nodes":[{"id":"a","type":"agent_call","agent_id":"a","config":{"__proto__":{"x":1}}}]}'),
  ).toEqual(['nodes[0].config.__proto__: A key must not be "__proto__". Give it another name.'])
  const ring: Record<string, unknown> = {}
  ring['self'] = ring
  expect(
    faultsOf(definition([call('a', { config: { ring, date: new Date(0), fn: () => 1, nan: Number.NaN } })])),
  ).toEqual([
    'nodes[0].config.ring.self: It contains itself. A definition is plain data.',
    'nodes[0].config.date: It is no plain object. A definition is plain data.',
    expect.stringContaining('nodes[0].config.fn: '),
    'nodes[0].config.nan: NaN is no JSON. Numbers are finite.',
  ])
  for (const json of [undefined, null, 3, 'null', '[]', '{', []])
    expect(() => parseWorkflow(json)).toThrow(WorkflowError)
})

test('limits: nodes, nesting, depth and texts', () => {
  const many = Array.from({ length: workflowLimits.nodes + 1 }, (_, index) => call(`n${index}`))
  expect(faultsOf(definition(many))).toEqual(['nodes: There are 501 nodes. At most 500 are taken; use a subworkflow.'])
  let nested: object = call('leaf')
  for (let level = 0; level <= workflowLimits.nesting; level++) {
    nested = { id: `g${level}`, type: 'parallel_group', config: { nodes: [nested] } }
  }
  expect(faultsOf(definition([nested]))).toEqual([expect.stringContaining('Bodies are nested 6 levels deep.')])
  let deep: unknown = 1
  for (let level = 0; level < 10_000; level++) deep = [deep]
  expect(faultsOf(definition([call('a', { config: { deep } })]))).toEqual([
    expect.stringContaining('It is nested too deeply.'),
  ])
  const long = 'x'.repeat(workflowLimits.textLength + 1)
  expect(faultsOf(definition([call('a', { config: { long } })]))).toEqual([
    'nodes[0].config.long: The text has 100001 characters. At most 100000 are taken.',
  ])
  expect(faultsOf({ ...definition([call('a')]), name: 'x'.repeat(201) })).toEqual([
    'name: The name has 201 characters. At most 200 are taken.',
  ])
})

test('the largest workflow is read, and ordered, in no time', () => {
  const nodes = Array.from({ length: workflowLimits.nodes }, (_, index) =>
    call(`n${index}`, { config: { x: index === 0 ? '' : `{{n${index - 1}}} {{n0}}` } }),
  )
  const edges = nodes.slice(1).map((_, index) => `n${index} > n${index + 1}`)
  expect(layersOf(parseWorkflow(definition(nodes, edges)))).toHaveLength(workflowLimits.nodes)
})

test('S2-01: the published JSON Schema is that of the class, which every workflow that is written fits', () => {
  const schema = workflowJsonSchema()
  expect(schema).toMatchObject({ type: 'object', required: ['name', 'nodes'] })
  expect(schema.$defs?.['WorkflowNodeDefinition']?.properties?.['type']?.enum).toHaveLength(6)
  for (const { workflow } of workflowTemplates) {
    expect(() => schemaOf(WorkflowDefinition).parse(JSON.parse(JSON.stringify(workflow())))).not.toThrow()
  }
})

test('what a workflow names outside of itself can be asked for', () => {
  const workflow = parseWorkflow(
    definition([
      call('a'),
      { id: 'e', type: 'agent_call', config: { endpoint: 'https://agents.example.com/x' } },
      {
        id: 'l',
        type: 'loop',
        config: { until: 'true', body: [{ id: 's', type: 'subworkflow', config: { workflow_id: 'w', version: 2 } }] },
      },
    ]),
  )
  expect(referencesOf(workflow)).toEqual({
    agents: ['a'],
    endpoints: ['https://agents.example.com/x'],
    workflows: [{ id: 'w', version: 2 }],
  })
})

test('S2-04: faults are told where they are written, and of a node that could not be read, too', () => {
  const nodes = [
    { id: 'a', type: 'agent_cal' },
    call('a'),
    { id: 'ok', type: 'human_approval', config: { on_reject: 'nobody' } },
  ]
  const faults = faultsOf({ ...definition(nodes), name: '' })
  const paths = faults.map(fault => fault.slice(0, fault.indexOf(':')))
  expect(paths.sort()).toEqual(['name', 'nodes[0].type', 'nodes[1].id', 'nodes[2].config.on_reject'])
  expect(faults.find(fault => fault.startsWith('name'))).toContain('a text that is not blank')
})
