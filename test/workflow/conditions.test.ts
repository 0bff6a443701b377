import 'reflect-metadata'
import { expect, test } from 'vitest'
import { OrchestrationError } from '../../src/errors/index.js'
import { agentsOf, call, definition, faultsOf, ran } from './runs.js'

type Loose = any // any: JSON that the test knows the form of

const found = { count: 5, items: [{ score: 0.7 }], topic: 'tides' }

/** A search, a condition on it, and a node for each outcome, which lead on to nodes of their own and then together. */
function branching(config: object, edges: readonly string[] = []): object {
  return definition(
    [
      call('search'),
      { id: 'enough', type: 'condition', config },
      call('yes'),
      call('afterYes'),
      call('no'),
      call('afterNo'),
      call('join'),
    ],
    ['search > enough', 'yes > afterYes', 'no > afterNo', 'afterYes > join', 'afterNo > join', ...edges],
  )
}

async function outcome(
  config: object,
  more: object = {},
): Promise<{ order: readonly string[]; output: Loose; error: Loose }> {
  const { agents, order } = agentsOf({ search: () => ({ ...found, ...more }) })
  const { output, error } = await ran(branching({ then_branch: 'yes', else_branch: 'no', ...config }), { agents })
  return { order: order(), output, error }
}

test('S2-07, S2-38: one branch runs, the other is skipped with all that only follows it, and what both lead to runs once', async () => {
  const met = await outcome({ condition: 'search.count > 3' })
  expect(met.order).toEqual(['search', 'yes', 'afterYes', 'join'])
  expect(met.output.enough).toEqual({
    condition_met: true,
    field: 'search.count > 3',
    actual_value: true,
    selected_branch: 'yes',
  })
  expect(Object.keys(met.output)).toEqual(['search', 'enough', 'yes', 'afterYes', 'join', 'output'])
  expect((await outcome({ condition: 'search.count > 9' })).order).toEqual(['search', 'no', 'afterNo', 'join'])
})

test('S2-07: skipped nodes are told of, with the reason', async () => {
  const { agents } = agentsOf({ search: () => found })
  const { events } = await ran(branching({ condition: 'false', then_branch: 'yes', else_branch: 'no' }), { agents })
  const skipped = events.flatMap(event =>
    event.type === 'custom' && event.name === 'workflow.node.skipped' ? [event.data] : [],
  )
  expect(skipped).toEqual([
    { node: 'yes', reason: '"enough" is not true' },
    { node: 'afterYes', reason: '"yes" was skipped' },
  ])
})

test.each([
  ['$.search.items[?@.score > 0.5]', true],
  ['$.search.items[?@.score > 0.9]', false],
  ['$.search.items[?@.score > 0.05]', true],
  ['$.search.none', false],
  ['$..score', true],
])('S2-07: the JSONPath %s is met: %s', async (condition, met) => {
  expect((await outcome({ condition })).output.enough.condition_met).toBe(met)
})

test.each([
  ['search.count', 'eq', 5, true],
  ['search.count', 'neq', 5, false],
  ['search.count', 'gt', 4, true],
  ['search.count', 'lt', 4, false],
  ['search.count', 'gte', 5, true],
  ['search.count', 'lte', 4, false],
  ['search.topic', 'in', ['tides', 'waves'], true],
  ['search.topic', 'contains', 'tid', true],
  ['search.items', 'contains', { score: 0.7 }, true],
  ['search.none', 'gt', 0, false],
  ['search.none', 'lt', 0, false],
  ['search.none', 'contains', 'x', false],
  ['search.none', 'in', [null], false],
  ['search.none', 'eq', null, true],
  ['search.topic', 'gt', 3, false],
])('S2-42: %s %s %j is %s; comparisons with null are false', async (field, op, value, met) => {
  const { output } = await outcome({ field, op, value })
  expect(output.enough).toMatchObject({ condition_met: met, field })
})

test('S2-42: the output says what was looked at', async () => {
  const { output } = await outcome({ field: '{{search.count}}', operator: 'gt', value: '{{search.items[0].score}}' })
  expect(output.enough).toEqual({ condition_met: true, field: 'search.count', actual_value: 5, selected_branch: 'yes' })
})

test('an edge drawn to a node that is named as a branch does not let it run all the same', async () => {
  const { agents, order } = agentsOf({ search: () => found })
  const json = branching({ condition: 'search.count > 3', then_branch: ['yes'], else_branch: ['no'] }, [
    'enough > yes',
    'enough > no',
  ])
  await ran(json, { agents })
  expect(order()).toEqual(['search', 'yes', 'afterYes', 'join'])
})

test('edges with `when` and `branch` select like named branches', async () => {
  const { agents, order } = agentsOf()
  const json = {
    name: 'Edges',
    nodes: [{ id: 'c', type: 'condition', config: { condition: 'input.go' } }, call('a'), call('b'), call('always')],
    edges: [
      { from: 'c', to: 'a', when: true },
      { from: 'c', to: 'b', branch: 'else' },
      { from: 'c', to: 'always' },
    ],
  }
  const { output } = await ran(json, { agents }, { go: false })
  expect(order()).toEqual(['b', 'always'])
  expect(output.c.selected_branch).toBe('b')
  expect(output.output).toEqual({ b: 'b done', always: 'always done' })
})

test('a path that is not there is false, and told of', async () => {
  const { agents } = agentsOf()
  const json = definition([{ id: 'c', type: 'condition', config: { condition: 'input.a.b > 1' } }])
  const { output, events } = await ran(json, { agents })
  expect(output.c.condition_met).toBe(false)
  expect(events).toContainEqual(
    expect.objectContaining({ name: 'condition.missing', data: { condition: 'input.a.b > 1', path: 'input.a' } }),
  )
})

test('a condition that cannot be computed is a node that has failed', async () => {
  const { error } = await outcome({ condition: 'search.topic > 3' })
  expect(error).toMatchObject({ stateName: 'enough' })
  expect(OrchestrationError.isInstance(error.cause) && error.cause.code).toBe('CONDITION_FAILED')
})

test('ids that CEL cannot write are reached through `nodes`', async () => {
  const { agents } = agentsOf({ 'web-search': () => ({ ok: true }) })
  const json = definition(
    [call('web-search'), { id: 'c', type: 'condition', config: { condition: 'nodes["web-search"].ok' } }],
    ['web-search > c'],
  )
  expect((await ran(json, { agents })).output.c.condition_met).toBe(true)
})

test('AC-1, S2-42: what is wrong with a condition is said with its place', () => {
  const faults = (config: object) => faultsOf(branching(config)).filter(fault => fault.includes('[1]'))
  expect(faults({ field: 'search.count', op: 'greater', value: 1, then_branch: 'yes', else_branch: 'no' })).toEqual([
    'nodes[1].config.op: The operator "greater" is unknown. There are: eq, neq, gt, lt, gte, lte, in, contains.',
  ])
  expect(faults({ condition: 'search.count >', then_branch: 'yess', else_branch: 'no' })).toEqual([
    'nodes[1].config.then_branch: Node "yess" is unknown. Did you mean "yes"?',
    expect.stringMatching(/^nodes\[1\]\.config\.condition: The expression is wrong at character 15/),
  ])
  expect(faults({ condition: '$.search[?' })).toEqual([
    expect.stringMatching(/^nodes\[1\]\.config\.condition: The JSONPath is wrong at character 1\d: /),
  ])
  expect(faults({ condition: '$[?match(@.a, "(a+)+")]' })).toEqual([expect.stringContaining('match')])
  expect(faults({ condition: 'search.topic.matches("(a+)+")' })).toEqual([expect.stringContaining('matches')])
  expect(faults({ then_branch: 'yes' })).toEqual([
    'nodes[1].config.condition: It is missing. Give it a `condition`, or `field`, `op` and `value`.',
  ])
  expect(faults({ condition: 'yes.count > 3' })).toEqual([
    'nodes[1].config.condition: "yes.count" is not there yet: "yes" does not run before "enough". Lead an edge from "yes" to "enough".',
  ])
})
