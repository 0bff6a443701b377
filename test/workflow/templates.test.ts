import 'reflect-metadata'
import { expect, test } from 'vitest'
import { OrchestrationError } from '../../src/errors/index.js'
import { agentsOf, call, definition, faultsOf, ran } from './runs.js'

type Loose = any // any: JSON that the test knows the form of

async function rendered(
  config: unknown,
  input: unknown = { topic: 'tides', n: 3, list: [1, { a: 'x' }] },
): Promise<Loose> {
  const { agents, calls } = agentsOf({ first: () => ({ text: 'hi', flag: false, none: null }) })
  const { error } = await ran(
    definition([call('first'), call('second', { config })], ['first > second']),
    { agents },
    input,
  )
  if (error !== undefined) throw error.cause
  return calls[1]?.input.config
}

test('S2-04: a text that is only a template keeps the type of the value', async () => {
  expect(await rendered({ a: '{{input.n}}', b: '{{ first.flag }}', c: '{{input.list}}', d: '{{first.none}}' })).toEqual(
    {
      a: 3,
      b: false,
      c: [1, { a: 'x' }],
      d: null,
    },
  )
})

test('S2-04: within a text values are filled in, objects as JSON', async () => {
  expect(
    await rendered({ a: 'On {{input.topic}}: {{input.n}} {{first.flag}} {{input.list[1]}} {{first.none}}' }),
  ).toEqual({
    a: 'On tides: 3 false {"a":"x"} null',
  })
})

test('S2-04, S2-05: templates are filled in at any depth, and other values pass as they are', async () => {
  expect(await rendered({ deep: [{ list: ['{{input.list.1.a}}', 500] }], max_length: 500 })).toEqual({
    deep: [{ list: ['x', 500] }],
    max_length: 500,
  })
})

test('a template can be left open with ?, and braces can be written', async () => {
  expect(await rendered({ a: '{{input.none?}}', b: '[{{input.none.at.all?}}]', c: '\\{{input.topic}}' })).toEqual({
    a: null,
    b: '[]',
    c: '{{input.topic}}',
  })
})

test('a value that is not there fails the node, naming node, path and place', async () => {
  const failure = await rendered({ a: { b: ['{{first.text.length}}'] } }).catch((error: unknown) => error)
  expect(OrchestrationError.isInstance(failure) && failure.code).toBe('TEMPLATE_FAILED')
  expect((failure as Error).message).toBe(
    'Node "second": the template {{first.text.length}} at nodes[1].config.a.b[0] reads a value that is not there. ' +
      'Write {{first.text.length?}} if it may be missing.',
  )
})

test('prototypes are out of reach, in templates and in data', async () => {
  for (const path of ['input.constructor', 'input.__proto__', "input['constructor'].name", 'input.list.prototype']) {
    const json = definition([call('a', { config: { x: `{{${path}}}` } })])
    expect(faultsOf(json)).toEqual([expect.stringContaining('is no key that data may have')])
  }
  await expect(rendered({ a: '{{input.toString}}' })).rejects.toThrow('is not there')
  await expect(rendered({ a: '{{input.list.length}}' })).rejects.toThrow('is not there')
})

test('a template that reads a node that was skipped says so', async () => {
  const { agents } = agentsOf()
  const json = definition(
    [
      { id: 'c', type: 'condition', config: { condition: 'false', then_branch: 'a', else_branch: 'b' } },
      call('a'),
      call('b'),
      call('end', { config: { x: '{{a}}' } }),
    ],
    ['a > end', 'b > end'],
  )
  const { error } = await ran(json, { agents })
  expect(error.cause.message).toContain('reads a value that is not there (node "a" was skipped: "c" is not true)')
})

test('paths that cannot exist are refused, with the nearest name', () => {
  const faults = (config: unknown, nodes: readonly object[] = []) =>
    faultsOf(definition([call('search'), call('sibling'), call('sum', { config }), ...nodes], ['search > sum']))
  expect(faults({ x: '{{serch.count}}' })).toEqual([
    'nodes[2].config.x: "serch.count" cannot exist: "serch" is unknown. Did you mean "search"?',
  ])
  expect(faults({ x: '{{sibling.a}}' })).toEqual([
    'nodes[2].config.x: "sibling.a" is not there yet: "sibling" does not run before "sum". Lead an edge from "sibling" to "sum".',
  ])
  expect(faults({ x: '{{sum}}' })).toEqual([
    'nodes[2].config.x: "sum" is the output of "sum" itself. It is not there before the node has run.',
  ])
  expect(faults({ x: '{{item}}' })).toEqual([
    'nodes[2].config.x: "item" exists only in the body of a loop. Read it there.',
  ])
  expect(faults({ x: 'a {{ search..b }}' })).toEqual([
    'nodes[2].config.x: The template is wrong at character 13: a name is missing after the dot. Write {{node.path}}, or \\{{ for braces.',
  ])
  expect(faults({ x: 'a {{search' })).toEqual([
    expect.stringContaining('at character 3: the template that begins here'),
  ])
  expect(faults({ x: '{{ 1 + process.exit() }}' })).toEqual([expect.stringContaining('is wrong at character')])
  expect(faultsOf(definition([call('a', { config: { x: '{{previous}}' } })]))).toEqual([
    'nodes[0].config.x: "previous" does not exist: nothing runs before "a". Name the node by its id.',
  ])
  const two = definition([call('a'), call('b'), call('c', { config: { x: '{{previous}}' } })], ['a > c', 'b > c'])
  expect(faultsOf(two)).toEqual([
    'nodes[2].config.x: "previous" does not exist: "c" has 2 nodes before it: a, b. Name the node by its id.',
  ])
})

test('a text does not grow without end when its templates are filled in', async () => {
  const input = { long: 'x'.repeat(1_000_000) }
  await expect(rendered({ a: '{{input.long}} '.repeat(11) }, input)).rejects.toThrow(
    'is longer than 10000000 characters',
  )
})
