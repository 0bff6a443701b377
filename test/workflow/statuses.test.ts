import 'reflect-metadata'
import { expect, test } from 'vitest'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { nodeStatuses, parseWorkflow } from '../../src/workflow/index.js'
import { agentsOf, call, compiled, definition, ran } from './runs.js'

const json = definition(
  [
    call('search'),
    { id: 'c', type: 'condition', config: { condition: 'true', then_branch: 'group', else_branch: 'no' } },
    { id: 'group', type: 'parallel_group', config: { nodes: [call('x'), call('y', { on_error: 'continue' })] } },
    { id: 'no', type: 'loop', config: { for_each: [1], body: [call('never')] } },
    { id: 'ok', type: 'human_approval' },
    call('end'),
  ],
  ['search > c', 'group > ok', 'ok > end'],
)

const { agents } = agentsOf({
  search: () => ({ _cost: 0.25 }),
  x: () => ({ _cost: 0.5 }),
  y: () => {
    throw new Error('no')
  },
})

const brief = (rows: readonly { nodeId: string; status: string; cost: number; parent?: string }[]) =>
  Object.fromEntries(rows.map(({ nodeId, status, cost }) => [nodeId, `${status} ${cost}`]))

test('S2-29, S2-40: each node has a status, with input, output, cost, attempts and times', async () => {
  const workflow = parseWorkflow(json)
  const { run, events } = await ran(json, { agents })
  const waiting = {
    search: 'completed 0.25',
    c: 'completed 0',
    group: 'completed 0.5',
    x: 'completed 0.5',
    y: 'failed 0',
    no: 'skipped 0',
    never: 'skipped 0',
    ok: 'waiting 0',
    end: 'pending 0',
  }
  expect(brief(nodeStatuses(workflow, events))).toEqual(waiting)
  await run.approve('ok')
  await run.result
  const rows = nodeStatuses(workflow, events)
  expect(brief(rows)).toEqual({ ...waiting, ok: 'completed 0', end: 'completed 0' })
  expect(rows.find(({ nodeId }) => nodeId === 'y')).toMatchObject({ parent: 'group', errorMessage: 'no', attempts: 1 })
  expect(rows.find(({ nodeId }) => nodeId === 'search')).toEqual({
    nodeId: 'search',
    nodeType: 'agent_call',
    status: 'completed',
    cost: 0.25,
    attempts: 1,
    input: { input: {} },
    output: { _cost: 0.25 },
    startedAt: expect.any(Number),
    completedAt: expect.any(Number),
  })
  expect(rows.find(({ nodeId }) => nodeId === 'ok')?.output).toEqual({ approved: true, outcome: 'approved' })
})

test('S2-29: events that have been JSON tell the same', async () => {
  const { run, events } = await ran(json, { agents })
  await run.approve('ok', { by: 'ann' })
  await run.result
  const workflow = parseWorkflow(json)
  expect(nodeStatuses(workflow, JSON.parse(JSON.stringify(events)))).toEqual(nodeStatuses(workflow, events))
})

test('S2-15, S2-27: the journal of a run tells the statuses without its events', async () => {
  const store = new MemoryJournalStore()
  const orchestration = compiled(json, { agents })
  const run = orchestration.start({}, { store })
  await new Promise(resolve => run.on('state.waiting', resolve))
  const journal = new Journal(orchestration, { store })
  const at = () => journal.stateAt(run.id)
  const workflow = parseWorkflow(json)
  const waiting = nodeStatuses(workflow, await at())
  expect(brief(waiting)).toEqual({
    search: 'completed 0.25',
    c: 'completed 0',
    group: 'completed 0.5',
    x: 'completed 0.5',
    y: 'skipped 0',
    no: 'skipped 0',
    never: 'skipped 0',
    ok: 'waiting 0',
    end: 'pending 0',
  })
  await run.approve('ok')
  await run.result
  expect(brief(nodeStatuses(workflow, await at()))).toMatchObject({ ok: 'completed 0', end: 'completed 0' })
})

test('S2-10: a rejected approval is a failed node, with who and why', async () => {
  const { run, events } = await ran(definition([{ id: 'ok', type: 'human_approval' }, call('end')], ['ok > end']), {
    agents,
  })
  await run.reject('ok', { by: 'ann', comment: 'no' })
  await run.result.catch(() => undefined)
  const rows = nodeStatuses(
    parseWorkflow(definition([{ id: 'ok', type: 'human_approval' }, call('end')], ['ok > end'])),
    events,
  )
  expect(rows).toMatchObject([
    { nodeId: 'ok', status: 'failed', errorMessage: 'Node "ok" was rejected by ann: no' },
    { nodeId: 'end', status: 'pending' },
  ])
})
