import { describe, expect, it } from 'vitest'
import { StoredChatHistory } from '../../src/chat/index.js'
import { OrchestrationOptions, type RunOptions, type RunStore } from '../../src/core/index.js'
import {
  Journal,
  type JournalStore,
  MemoryJournalStore,
  type RunEdits,
  type RunQuery,
  type SessionQuery,
  SqliteJournalStore,
  StateManager,
  StoredCircuitBreakers,
} from '../../src/durability/index.js'
import { Machine, machine, pass, rejection } from '../core/machines.js'

const simple = () => machine<unknown, unknown>(pass('A'))
const advice = { code: 'OPTION_INVALID', message: expect.stringContaining('new SqliteJournalStore(path)') as string }

async function thrownBy(action: () => unknown): Promise<unknown> {
  return rejection((async () => action())())
}

describe.each([
  ['null', null],
  ['an object', {}],
  ['a path', 'runs.db'],
  ['a map', new Map()],
  ['a class', MemoryJournalStore],
  ['half a store', { begin: () => undefined }],
])('%s instead of a store', (_what, given) => {
  const store = given as unknown as RunStore & JournalStore

  it.each([
    ['run()', () => simple().run(1, { store })],
    ['start()', () => simple().start(1, { store })],
    ['resume()', () => simple().resume('r', { store })],
    ['recover()', () => simple().recover({ store })],
    ['observe()', () => simple().observe('r', { store })],
    ['configure()', () => simple().configure({ store })],
    ['a journal', () => new Journal(simple(), { store })],
    ['a state manager', () => new StateManager(store)],
    ['a chat history', () => new StoredChatHistory(store)],
    ['stored circuit breakers', () => new StoredCircuitBreakers(store)],
  ])('is refused by %s, which says what to give', async (_where, action) => {
    expect(await thrownBy(action)).toMatchObject(advice)
  })

  it('is refused where a class declares it', async () => {
    @OrchestrationOptions({ store })
    class Declared extends Machine<unknown, unknown> {}
    expect(await thrownBy(() => new Declared(pass('A')).run(1))).toMatchObject(advice)
  })
})

it('no store at all is refused where one is needed', async () => {
  expect(await thrownBy(() => new Journal(simple(), {} as { store: JournalStore }))).toMatchObject(advice)
  expect(await thrownBy(() => new StateManager(undefined as unknown as JournalStore))).toMatchObject(advice)
})

it('`undefined` as a store is that of the orchestration', async () => {
  const store = new MemoryJournalStore()
  const orchestration = simple().configure({ store })
  await orchestration.run(1, { runId: 'r', store: undefined } as unknown as RunOptions)
  expect(await store.get('r')).toMatchObject({ status: 'completed' })
})

async function ended() {
  const store = new MemoryJournalStore()
  await simple().run(1, { store, runId: 'r' })
  return { store, journal: new Journal(simple(), { store }) }
}

describe.each([-1, 1.5, Number.NaN, Infinity, '0', null])('events from number %s on', given => {
  it('are refused', async () => {
    const from = given as number
    const { store, journal } = await ended()
    for (const action of [() => simple().observe('r', { store, from }), () => journal.replay('r', { from })]) {
      expect(await thrownBy(action)).toMatchObject({ code: 'OPTION_INVALID', details: { option: 'from' } })
    }
  })
})

describe('a fork', () => {
  it.each([
    ['edits that are a text', 'x', 'edits'],
    ['edits that are null', null, 'edits'],
    ['edits that are a list', [], 'edits'],
    ['a kind of edit that there is none of', { input: { A: 2 } }, 'edits'],
    ['properties that are a list', { properties: [1] }, 'edits.properties'],
    ['properties in a map', { properties: new Map([['a', 1]]) }, 'edits.properties'],
    ['inputs that are null', { inputs: null }, 'edits.inputs'],
    ['outputs that are a text', { outputs: 'abc' }, 'edits.outputs'],
  ])('refuses %s, and creates nothing', async (_what, edits, option) => {
    const { store, journal } = await ended()
    const error = await rejection(journal.fork('r', { at: 1, edits: edits as RunEdits, runId: 'f' }))
    expect(error).toMatchObject({ code: 'OPTION_INVALID', details: { option } })
    expect(await store.get('f')).toBeUndefined()
  })
})

const noStatuses = [
  ['a text', 'paused'],
  ['null', null],
  ['a status that there is none of', ['running', 'done']],
  ['a set', new Set(['running'])],
] as const

describe.each([
  ['memory', () => new MemoryJournalStore()],
  ['sqlite', () => new SqliteJournalStore(':memory:')],
])('runs in %s', (_where, open) => {
  it.each(noStatuses)('are not listed by %s as statuses', async (_what, status) => {
    const store = open()
    const query = { status } as unknown as RunQuery
    expect(await rejection(store.list(query))).toMatchObject({ code: 'OPTION_INVALID', details: { option: 'status' } })
    await store.close()
  })
})

describe('sessions', () => {
  const list = (query: object) => new StateManager(new MemoryJournalStore()).listSessions(query as SessionQuery)

  it.each(noStatuses)('are not listed by %s as statuses', async (_what, status) => {
    expect(await rejection(list({ status }))).toMatchObject({ code: 'OPTION_INVALID', details: { option: 'status' } })
  })

  it.each([0, -1, 1.5, Number.NaN, '2', null])('are not listed %s at a time', async limit => {
    expect(await rejection(list({ limit }))).toMatchObject({ code: 'OPTION_INVALID', details: { option: 'limit' } })
  })

  it('are listed by any status that there is', async () => {
    expect(await list({ status: ['pending', 'running', 'paused', 'completed', 'failed', 'cancelled'] })).toEqual([])
  })
})
