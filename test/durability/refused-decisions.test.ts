import { describe, expect, it } from 'vitest'
import { ApprovalRunnable, type Decision } from '../../src/core/index.js'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { begin, machine, rejection, step } from '../core/machines.js'

const wrong = [
  ['`by` is a number', { by: 5 }, 'decision.by'],
  ['`by` is an object', { by: {} }, 'decision.by'],
  ['`by` is null', { by: null }, 'decision.by'],
  ['`by` is a function', { by: () => 1 }, 'decision.by'],
  ['`comment` is a list', { by: 'x', comment: ['y'] }, 'decision.comment'],
  ['it is a text', 'x', 'decision'],
  ['it is null', null, 'decision'],
  ['it is a list', [], 'decision'],
] as const

const asking = () =>
  machine<string, unknown>(
    new ApprovalRunnable<string>()
      .configure({ name: 'Ask' })
      .addAdvancer(step<unknown, unknown>('Done', outcome => outcome)) as ApprovalRunnable<string>,
  )

async function waiting(store?: MemoryJournalStore) {
  const begun = begin(asking(), 'draft', store === undefined ? {} : { store, runId: 'r' })
  await expect.poll(() => begun.run.requests.length).toBe(1)
  return begun
}

describe.each(['approve', 'reject'] as const)('%s() with a decision that is none', door => {
  it.each(wrong)(
    'is refused by the run, in memory and in a store, and the request stays open: %s',
    async (_, given, option) => {
      for (const store of [undefined, new MemoryJournalStore()]) {
        const { run } = await waiting(store)
        const error = await rejection(run[door]('Ask', given as Decision))
        expect(error).toMatchObject({ code: 'OPTION_INVALID', details: { option } })
        expect(run.requests).toHaveLength(1)
        await run[door]('Ask', { by: 'ada' })
        expect(await run.result).toMatchObject({ decision: { by: 'ada' } })
      }
    },
  )

  it.each(wrong)('is refused by the journal, and the request stays open: %s', async (_, given, option) => {
    const store = new MemoryJournalStore()
    const { run } = await waiting(store)
    const journal = new Journal(asking(), { store: store.reopen() })
    const error = await rejection(journal[door]('r', 'Ask', given as Decision))
    expect(error).toMatchObject({ code: 'OPTION_INVALID', details: { option } })
    expect((await journal.requests()).requests).toHaveLength(1)
    await journal[door]('r', 'Ask', { comment: 'good' })
    expect(await run.result).toMatchObject({ decision: { comment: 'good' } })
  })
})

describe('a decision', () => {
  it('is kept as what it is made of, whatever else stands there, in memory and in a store', async () => {
    const given: object = { by: 'ada', comment: undefined, more: () => 'no data' }
    for (const store of [undefined, new MemoryJournalStore()]) {
      const { run } = await waiting(store)
      await run.approve('Ask', given)
      expect(await run.result).toEqual({ outcome: 'approved', subject: 'draft', decision: { by: 'ada' } })
    }
  })
})

describe('the data of a decision', () => {
  it('reaches what comes after as plain JSON, in memory and through a store, also by way of the journal', async () => {
    const data = { pages: [1, 2], $: 'no tag' }
    for (const store of [undefined, new MemoryJournalStore()]) {
      const { run } = await waiting(store)
      if (store === undefined) await run.approve('Ask', { data })
      else await new Journal(asking(), { store: store.reopen() }).approve('r', 'Ask', { data })
      expect(await run.result).toMatchObject({ outcome: 'approved', decision: { data } })
    }
  })

  it('is refused if it cannot be written as JSON, and the request stays open', async () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    const { run } = await waiting()
    for (const data of [cycle, () => 1, 1n]) {
      const error = await rejection(run.approve('Ask', { data }))
      expect(error).toMatchObject({ code: 'OPTION_INVALID', details: { option: 'decision.data' } })
    }
    expect(run.requests).toHaveLength(1)
  })
})
