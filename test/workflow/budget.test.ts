import 'reflect-metadata'
import { expect, test } from 'vitest'
import type { RunContext } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { nodeStatuses, parseWorkflow, withMaxBudget } from '../../src/workflow/index.js'
import { agentsOf, call, compiled, definition, ran } from './runs.js'

const costing = (cost: number) => () => ({ _cost: cost })
const codeOf = (error: { cause?: unknown }): unknown => OrchestrationError.isInstance(error.cause) && error.cause.code

test('S2-16, S2-35: costs of all nodes add up, and a run that goes beyond its budget fails', async () => {
  const { agents, order } = agentsOf({ a: costing(0.1), b: costing(0.7), c: costing(0.4) })
  const json = definition([call('a'), call('b'), call('c'), call('d')], ['a > b', 'b > c', 'c > d'], { max_budget: 1 })
  const { error, run } = await ran(json, { agents })
  expect(run.status).toBe('failed')
  expect(error.cause.message).toBe('Budget exceeded: $1.2 > max $1 (at node "c")')
  expect(codeOf(error)).toBe('BUDGET_EXCEEDED')
  expect(order()).toEqual(['a', 'b', 'c'])
})

test('C25: a budget that is spent exactly lets go on what costs nothing; 0 allows nothing that costs', async () => {
  const { agents } = agentsOf({ a: costing(1) })
  const json = definition([call('a'), call('b')], ['a > b'])
  expect((await ran(json, { agents, maxBudget: 1 })).output.b).toBe('b done')
  const none = await ran(json, { agents }, {}, withMaxBudget(0))
  expect(none.error.cause.message).toBe('Budget exceeded: $1 > max $0 (at node "a")')
  expect((await ran(definition([call('b')]), { agents }, {}, withMaxBudget(0))).output.b).toBe('b done')
})

test('S2-24: the budget of a run overrides that of the environment, which overrides the definition', async () => {
  const { agents } = agentsOf({ a: costing(2) })
  const json = definition([call('a')], [], { max_budget: 1 })
  expect((await ran(json, { agents })).error).toBeDefined()
  expect((await ran(json, { agents, maxBudget: 3 })).error).toBeUndefined()
  expect((await ran(json, { agents, maxBudget: 3 }, {}, withMaxBudget(1.5))).error).toBeDefined()
  expect(() => withMaxBudget(-1)).toThrow('maxBudget')
})

test('C25, AC-5: siblings at work are aborted, and costs inside of bodies and subworkflows count', async () => {
  let aborted = false
  const agents = {
    spend: costing(0.6),
    wait: (_: unknown, { signal }: RunContext) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason as Error)
        }),
      ),
  }
  const spend = (id: string) => ({ id, type: 'agent_call', agent_id: 'spend' })
  const workflows = () => parseWorkflow(definition([spend('inSub')]))
  const json = definition([
    { id: 'wait', type: 'agent_call', agent_id: 'wait' },
    { id: 'sub', type: 'subworkflow', config: { workflow_id: 'x' } },
    {
      id: 'l',
      type: 'loop',
      config: { for_each: [1], body: [{ id: 'g', type: 'parallel_group', config: { nodes: [spend('inGroup')] } }] },
    },
  ])
  const { error, run, events } = await ran(json, { agents, workflows }, {}, withMaxBudget(1))
  expect(run.status).toBe('failed')
  expect(aborted).toBe(true)
  expect(error.message).toContain('Budget exceeded: $1.2 > max $1')
  const rows = nodeStatuses(parseWorkflow(json), events)
  expect(rows.filter(row => row.parent === undefined).reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(1.2)
})

test('C25: the end of the money is told alike, however deep inside of bodies and subworkflows it came', async () => {
  const { agents } = agentsOf({ a: costing(2) })
  const group = (id: string, node: object) => ({ id, type: 'parallel_group', config: { nodes: [node] } })
  const loop = { id: 'l', type: 'loop', config: { until: 'true', body: { nodes: [group('g', call('a'))] } } }
  const sub = { id: 's', type: 'subworkflow', config: { workflow_id: 'x' } }
  for (const json of [definition([group('g', call('a'))]), definition([loop]), definition([sub])]) {
    const workflows = () => parseWorkflow(definition([loop]))
    const { error } = await ran(json, { agents, workflows }, {}, withMaxBudget(1))
    expect(error.cause.message).toBe('Budget exceeded: $2 > max $1 (at node "a")')
    expect(codeOf(error)).toBe('BUDGET_EXCEEDED')
  }
})

test('C25: nothing in a workflow takes up the end of the money', async () => {
  const { agents } = agentsOf({ a: costing(2) })
  const node = { id: 'a', type: 'agent_call', agent_id: 'a', retry: 3, fallback: 'x', on_error: 'continue' }
  const { error } = await ran(definition([node]), { agents }, {}, withMaxBudget(1))
  expect(codeOf(error)).toBe('BUDGET_EXCEEDED')
  const group = {
    id: 'g',
    type: 'parallel_group',
    config: { policy: 'any', nodes: [node, call('b', { agent_id: 'a' })] },
  }
  expect((await ran(definition([group]), { agents }, {}, withMaxBudget(1))).run.status).toBe('failed')
})

test('S2-16: what agents report counts, priced by the table; what nobody can price fails under a budget', async () => {
  const agents = { a: (_: unknown, context: RunContext) => context.usage({ model: 'm', inputTokens: 1_000_000 }) }
  const json = definition([call('a')])
  const prices = { currency: 'USD', asOf: '2025-01-31', models: { m: { inputPerMillion: 2, outputPerMillion: 8 } } }
  const priced = await ran(json, { agents, prices, maxBudget: 3 })
  expect(nodeStatuses(parseWorkflow(json), priced.events, prices)[0]?.cost).toBe(2)
  expect((await ran(json, { agents, prices, maxBudget: 1 })).error.cause.message).toContain(
    'Budget exceeded: $2 > max $1',
  )
  expect(codeOf((await ran(json, { agents, maxBudget: 3 })).error)).toBe('PRICE_UNKNOWN')
  expect((await ran(json, { agents, maxBudget: 3, unpriced: 'allow' })).error).toBeUndefined()
})

test('S2-15, S2-35: the limit and what was spent are kept with the run, and hold after a restart', async () => {
  const { agents } = agentsOf({ a: costing(0.6), b: costing(0.6) })
  const json = definition([call('a'), { id: 'ok', type: 'human_approval' }, call('b')], ['a > ok', 'ok > b'])
  const store = new MemoryJournalStore()
  const { run } = await ran(json, { agents }, {}, { store, ...withMaxBudget(1) })
  await store.close()
  const later = await compiled(json, { agents }).resume(run.id, { store: store.reopen() })
  await later.approve('ok')
  await expect(later.result).rejects.toThrow('Budget exceeded: $1.2 > max $1')
})
