import { expect, it, vi } from 'vitest'
import type { NewRun, RunChange } from '../../src/durability/journal-records.js'
import { MemoryJournalStore } from '../../src/durability/memory/memory-journal-store.js'
import { byCodePoints } from '../../src/durability/memory/memory-queries.js'
import { OptionError } from '../../src/errors/index.js'

const change: RunChange = { status: 'running', states: ['Writing'], opened: [], closed: [] }

function sample() {
  const entry = { seq: 1, at: 5, data: '"first"' }
  const tags: Record<string, string> = { team: 'press' }
  const states = ['Writing']
  const request = {
    requestId: 'asked',
    kind: 'approval',
    stateName: 'Asking',
    message: '?',
    openedAt: 5,
    input: '1',
  } as const
  const opened = [{ ...request }] as { message: string }[] & RunChange['opened']
  const parent = { runId: 'parent', seq: 2 }
  const definition = { fingerprint: 'f', version: 1, data: '{}' }
  const given = { entry, tags, states, opened, parent }
  const run: NewRun = {
    ...{
      runId: 'run',
      orchestration: 'Publishing',
      format: 1,
      definition,
      tags,
      parent,
      createdAt: 1,
      entries: [entry],
    },
    change: { ...change, states, opened },
  }
  return { run, given }
}

it('what a caller changes afterwards does not change what the memory store keeps', async () => {
  const store = new MemoryJournalStore()
  const { run, given } = sample()
  await store.create(run)
  given.entry.data = '"changed"'
  given.tags.team = 'changed'
  given.states.push('changed')
  given.parent.runId = 'changed'
  Object.assign(given.opened[0] as object, { message: 'changed' })
  const kept = JSON.stringify([await store.get('run'), await store.read('run'), await store.requests()])
  expect(kept).not.toContain('changed')
})

it('what the memory store hands out is frozen, or a copy', async () => {
  const store = new MemoryJournalStore()
  await store.create(sample().run)
  const record = await store.get('run')
  const [entry] = await store.read('run')
  for (const value of [record, record?.tags, record?.states, record?.parent, entry])
    expect(Object.isFrozen(value)).toBe(true)
  const journal = (await store.read('run')) as unknown[]
  journal.pop()
  expect(await store.read('run')).toHaveLength(1)
})

it('two memory stores that do not share their data know nothing of each other', async () => {
  const store = new MemoryJournalStore()
  await store.create(sample().run)
  expect(await new MemoryJournalStore().get('run')).toBeUndefined()
  expect(await store.reopen().get('run')).toBeDefined()
})

it('a memory store can be opened again after it was closed', async () => {
  const store = new MemoryJournalStore()
  await store.create(sample().run)
  await store.close()
  expect(await store.reopen().claim('run')).toBe(true)
})

it('a watch is called after the call that made the change, and one that throws harms nobody', async () => {
  const store = new MemoryJournalStore()
  await store.create(sample().run)
  const listener = vi.fn<() => void>()
  store.watch('run', () => {
    throw new Error('trouble of the listener')
  })
  store.watch('run', listener)
  const appended = store.append('run', 1, [{ seq: 2, at: 6, data: '2' }], change)
  expect(listener).not.toHaveBeenCalled()
  await appended
  await expect.poll(() => listener.mock.calls.length).toBe(1)
})

it('a memory store that is closed calls none of its watches any more', async () => {
  const store = new MemoryJournalStore()
  const other = store.reopen()
  await store.create(sample().run)
  const [ended, still] = [vi.fn<() => void>(), vi.fn<() => void>()]
  const end = store.watch('run', ended)
  await store.close()
  end()
  other.watch('run', still)
  await other.append('run', 1, [{ seq: 2, at: 6, data: '2' }], change)
  await expect.poll(() => still.mock.calls.length).toBeGreaterThan(0)
  expect(ended).not.toHaveBeenCalled()
})

it('a cursor that is none is refused', async () => {
  const store = new MemoryJournalStore()
  for (const cursor of ['', 'next', '[1]', '{}', '[1,2,3,4]']) {
    await expect(store.list({ cursor })).rejects.toThrow(OptionError)
    await expect(store.requests({ cursor })).rejects.toThrow(OptionError)
  }
})

it('texts are ordered by code points', () => {
  const ordered = ['', 'A', 'Z', 'a', 'aa', 'ab', '\uE000', '\uFF5E', '\u{1F600}', '\u{1F601}', '\u{10FFFF}']
  expect(ordered.toReversed().sort(byCodePoints)).toEqual(ordered)
})
