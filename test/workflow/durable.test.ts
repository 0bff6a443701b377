import 'reflect-metadata'
import { expect, test } from 'vitest'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { nodeStatuses, parseWorkflow } from '../../src/workflow/index.js'
import { livedThrough } from '../durability/lives.js'
import { agentsOf, call, compiled, definition } from './runs.js'

const everything = definition(
  [
    call('search'),
    { id: 'c', type: 'condition', config: { condition: 'search.count > 1', then_branch: 'group', else_branch: 'no' } },
    { id: 'group', type: 'parallel_group', config: { nodes: [call('x'), call('y', { on_error: 'continue' })] } },
    call('no'),
    {
      id: 'l',
      type: 'loop',
      config: { for_each: '{{search.items}}', body: [call('each', { config: { item: '{{item}}' } })] },
    },
    { id: 'sub', type: 'subworkflow', config: { workflow_id: 'sub', input: '{{l.results}}' } },
    call('end', { config: { all: '{{sub.output}}', x: '{{group.x}}' } }),
  ],
  ['search > c', 'group > l', 'l > sub', 'sub > end'],
)

function surroundings() {
  const { agents, order } = agentsOf({
    search: () => ({ count: 2, items: ['a', 'b'] }),
    x: () => 'x',
    y: () => {
      throw new Error('no')
    },
    each: ({ config }) => `<${config.item}>`,
    inSub: ({ input }) => input.join(''),
    end: ({ config }) => config,
  })
  const workflows = () => parseWorkflow(definition([call('inSub')]))
  return { environment: { agents, workflows }, order }
}

test('S2-15: a run that dies at any commit goes on to the same end', async () => {
  const living = { make: () => compiled(everything, surroundings().environment), input: { t: 1 }, seed: 0 }
  const whole = await livedThrough(living as never, [])
  expect(whole.status).toBe('completed')
  const [result] = whole.results as [{ end: unknown }]
  expect(result.end).toEqual({ all: '<a><b>', x: 'x' })
  const rows = nodeStatuses(parseWorkflow(everything), whole.events)
  expect(whole.commits).toBeGreaterThan(15)
  for (let commit = 1; commit < whole.commits; commit++) {
    for (const written of [true, false]) {
      const crashed = await livedThrough(living as never, [{ commit, written }])
      expect(crashed.results).toEqual(whole.results)
      const strip = (all: typeof rows) => all.map(({ startedAt: _s, completedAt: _c, attempts: _a, ...row }) => row)
      expect(strip(nodeStatuses(parseWorkflow(everything), crashed.events))).toEqual(strip(rows))
    }
  }
})

test('S2-15: nodes that were done are not asked again', async () => {
  const json = definition([call('a'), { id: 'ok', type: 'human_approval' }, call('b')], ['a > ok', 'ok > b'])
  const first = agentsOf()
  const store = new MemoryJournalStore()
  const run = compiled(json, { agents: first.agents }).start({ t: 1 }, { store, runId: 'r' })
  await new Promise(resolve => run.on('state.waiting', resolve))
  await store.close()
  const second = agentsOf()
  const later = store.reopen()
  const orchestration = compiled(json, { agents: second.agents }).configure({ store: later })
  await new Journal(orchestration, { store: later }).approve('r', 'ok', { by: 'ann' })
  const { runs } = await orchestration.recover()
  expect(await runs[0]?.result).toEqual({
    a: 'a done',
    ok: { approved: true, outcome: 'approved', by: 'ann' },
    b: 'b done',
    output: 'b done',
  })
  expect(first.order()).toEqual(['a'])
  expect(second.order()).toEqual(['b'])
})

test('S2-29: what was under way when a process died is another attempt', async () => {
  const json = definition([{ id: 'l', type: 'loop', config: { for_each: [1], body: [call('each')] } }])
  const store = new MemoryJournalStore()
  let reached: (value: unknown) => void = () => undefined
  const begun = new Promise(resolve => {
    reached = resolve
  })
  const hanging = { each: () => new Promise(() => reached(undefined)) }
  void compiled(json, { agents: hanging })
    .start({}, { store, runId: 'r' })
    .result.catch(() => undefined)
  await begun
  await store.close()
  const later = store.reopen()
  const orchestration = compiled(json, { agents: { each: () => 'done' } }).configure({ store: later })
  const { runs } = await orchestration.recover()
  await runs[0]?.result
  const history = await new Journal(orchestration, { store: later }).history('r')
  const rows = nodeStatuses(
    parseWorkflow(json),
    history.flatMap(entry => entry.events),
  )
  expect(rows).toMatchObject([
    { nodeId: 'l', attempts: 1 },
    { nodeId: 'each', attempts: 2, output: 'done' },
  ])
})

test('C24: a run is paused between nodes, also inside of a body, and goes on in another process', async () => {
  const json = definition(
    [{ id: 'l', type: 'loop', config: { for_each: [1, 2, 3], body: [call('each')] } }, call('end')],
    ['l > end'],
  )
  const store = new MemoryJournalStore()
  const turns: number[] = []
  let pausing: Promise<void> | undefined
  const agents = {
    each: ({ item }: { item: number }) => {
      turns.push(item)
      if (item === 2) pausing ??= run.pause()
      return item
    },
    end: () => 'end',
  }
  const run = compiled(json, { agents }).start({}, { store, runId: 'r' })
  await expect.poll(() => run.status).toBe('paused')
  await pausing
  await store.close()
  expect(turns).toEqual([1, 2])
  const resumed = await compiled(json, { agents }).resume('r', { store: store.reopen() })
  resumed.resume()
  expect((await resumed.result)['l']).toMatchObject({ results: [1, 2, 3] })
  expect(turns).toEqual([1, 2, 3])
})
