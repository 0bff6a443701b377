import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type {
  DocumentChange,
  JournalEntry,
  RunChange,
  RunPage,
  RunQuery,
  StoredAnswer,
} from '../../src/durability/journal-records.js'
import { MemoryJournalStore } from '../../src/durability/memory/memory-journal-store.js'
import { ensureError } from '../../src/errors/index.js'
import { journalStoreContract } from '../../src/testing/store-contract/journal-store-contract.js'

class SkipsExpected extends MemoryJournalStore {
  override async append(runId: string, expected: number, entries: JournalEntry[], change: RunChange): Promise<void> {
    try {
      await super.append(runId, expected, entries, change)
    } catch {
      await super.append(runId, (await this.get(runId))?.seq ?? 0, entries, change)
    }
  }
}

class LosesEntries extends MemoryJournalStore {
  override async append(runId: string, expected: number, entries: JournalEntry[], change: RunChange): Promise<void> {
    await super.append(runId, expected, entries.slice(0, 2), change)
  }
}

class Reorders extends MemoryJournalStore {
  override async read(...range: Parameters<MemoryJournalStore['read']>): Promise<readonly JournalEntry[]> {
    return (await super.read(...range)).toSorted((a, b) => (`${a.seq}` < `${b.seq}` ? -1 : 1))
  }
}

class WritesOneByOne extends MemoryJournalStore {
  override async append(runId: string, expected: number, entries: JournalEntry[], change: RunChange): Promise<void> {
    for (const [index, entry] of entries.entries()) await super.append(runId, expected + index, [entry], change)
  }
}

class ChangesInSpiteOfConflict extends MemoryJournalStore {
  override async append(runId: string, expected: number, entries: JournalEntry[], change: RunChange): Promise<void> {
    const actual = (await this.get(runId))?.seq ?? 0
    if (actual !== expected) await super.append(runId, actual, [], { ...change, status: 'running', closed: [] })
    return super.append(runId, expected, entries, change)
  }
}

class AcceptsTwoAnswers extends MemoryJournalStore {
  override async answer(runId: string, answer: StoredAnswer): Promise<'accepted' | 'taken' | 'unknown'> {
    const said = await super.answer(runId, answer)
    return said === 'taken' ? 'accepted' : said
  }
}

class ForgetsClaims extends MemoryJournalStore {
  override async claim(runId: string): Promise<boolean> {
    await super.claim(runId)
    return true
  }
}

class DropsRequests extends MemoryJournalStore {
  override async append(runId: string, expected: number, entries: JournalEntry[], change: RunChange): Promise<void> {
    return super.append(runId, expected, entries, { ...change, opened: change.opened.slice(0, 3) })
  }
}

class RewritesText extends MemoryJournalStore {
  override async read(...range: Parameters<MemoryJournalStore['read']>): Promise<readonly JournalEntry[]> {
    const rewritten = (data: string) => JSON.stringify(JSON.parse(data))
    return (await super.read(...range)).map(entry => ({ ...entry, data: rewritten(entry.data) }))
  }
}

class PagesByPosition extends MemoryJournalStore {
  override async list({ limit = 100, cursor = '0', ...query }: RunQuery = {}): Promise<RunPage> {
    // What is no position is refused, as everywhere.
    await super.list(/^\d+$/.test(cursor) ? { limit } : { limit, cursor })
    const { runs } = await super.list({ ...query, limit: 10_000 })
    const end = Number(cursor) + limit
    return { runs: runs.slice(Number(cursor), end), ...(end < runs.length ? { next: `${end}` } : {}) }
  }
}

class WritesDocumentsOneByOne extends MemoryJournalStore {
  override async write(changes: readonly DocumentChange[]): Promise<void> {
    for (const change of changes) await super.write([change])
  }
}

class SortsByUtf16 extends MemoryJournalStore {
  override async documents(collection: string, after?: string, limit?: number) {
    const all = await super.documents(collection)
    const rest = all.filter(({ id }) => after === undefined || id > after)
    return rest.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
  }
}

class NeverCloses extends MemoryJournalStore {
  override async close(): Promise<void> {}
}

class WatchesOwnAppendsOnly extends MemoryJournalStore {
  readonly #own = new Set<() => void>()

  override watch(runId: string, listener: () => void): () => void {
    super.watch(runId, () => {})
    this.#own.add(listener)
    return () => this.#own.delete(listener)
  }

  override async append(...given: Parameters<MemoryJournalStore['append']>): Promise<void> {
    await super.append(...given)
    for (const listener of this.#own) listener()
  }
}

/** What the suite says of a store, by check. The checks run at once, for they share nothing but the data. */
async function verdict(
  Store: new (shared?: MemoryJournalStore) => MemoryJournalStore,
): Promise<Record<string, string>> {
  const first = new Store()
  const failures: Record<string, string> = {}
  const checks = journalStoreContract.map(async ({ name, check }) => {
    await check(() => new Store(first)).catch(error => {
      failures[name] = ensureError(error).message
    })
  })
  // A check that waits for a watch in vain gives up after a while.
  await vi.advanceTimersByTimeAsync(60_000)
  await Promise.all(checks)
  return failures
}

type Verdict = Record<string, string>

const broken: readonly [title: string, Store: typeof MemoryJournalStore, Verdict][] = [
  [
    'does not look at the expected entry',
    SkipsExpected,
    {
      'an append that expects an entry too few is refused': 'should be refused with RUN_CONFLICT, but was done',
      'an append that expects an entry too many is refused': 'should be refused with RUN_CONFLICT, but was done',
      'an append that is refused changes nothing': 'should be refused with RUN_CONFLICT, but was done',
      'an append that is refused changes nothing about who has the run': 'RUN_CONFLICT, but was done',
      'of appends at the same place at once, exactly one is made, with all that belongs to it':
        'of 4 attempts to append entry 2, 4 were done instead of one',
    },
  ],
  [
    'loses entries',
    LosesEntries,
    {
      'an append adds its entries and changes status, states, seq and updatedAt with them': 'the journal should be',
      'whoever reads meanwhile sees all of an append or nothing': 'a reader saw 2 of 100 entries of one append',
    },
  ],
  [
    'reorders entries',
    Reorders,
    {
      'every entry of a hundred appends is there, in order': 'the journal should be',
      'a journal is read from any number on, as far as is asked for':
        'what is read from 1 on with limit of all should be',
      'a journal of more than a thousand entries is read whole':
        'the number of the last entry should be 1500, but is 999',
    },
  ],
  [
    'commits the entries of an append one by one',
    WritesOneByOne,
    { 'whoever reads meanwhile sees all of an append or nothing': 'a reader saw 1 of 100 entries of one append' },
  ],
  [
    'makes the change of an append that it refuses',
    ChangesInSpiteOfConflict,
    { 'an append that is refused changes nothing': 'the record should be' },
  ],
  [
    'accepts two answers',
    AcceptsTwoAnswers,
    {
      'the first answer to a request is accepted, every other is told that it is taken':
        'what the next answer gets should be "taken", but is "accepted"',
      'of many answers at once, exactly one is accepted': 'what six answers at once get should be',
    },
  ],
  [
    'forgets claims',
    ForgetsClaims,
    {
      'a run belongs to who created it, until it is released': 'a claim by another store object should be false',
      'a claim is for one run': 'claims of a held and of a free run should be [false,true], but is [true,true]',
      'who does not have a run cannot release it': 'should be false, but is true',
      'a run is taken and given back in turn, any number of times': 'should be [true,false], but is [true,true]',
      'an append after which a run is running takes it if it is free': 'should be [false,false], but is [true,true]',
      'an append after which a run is running leaves it with who appended, and had it': 'should be [false,false]',
      'an append takes a running run from who had it': 'should be false, but is true',
      'an append that is refused changes nothing about who has the run': 'should be false, but is true',
      'who does not have a run can read and answer it, and keep its snapshot': 'should be false, but is true',
      'the id of a deleted run may be used again, for a run that has nothing of the first':
        'should be false, but is true',
      'of claims at once, exactly one succeeds': 'how many of four claims at once succeed should be 1, but is 4',
      'closing one store object leaves the others as they are': 'should be false, but is true',
    },
  ],
  [
    'drops a request',
    DropsRequests,
    { 'all requests that one commit opens are there': 'should be ["a","b","c","d"], but is ["a","b","c"]' },
  ],
  [
    'reads JSON and writes it anew',
    RewritesText,
    { 'text comes back as it was handed in, whatever is in it': 'entries should be' },
  ],
  [
    'counts off pages by position',
    PagesByPosition,
    {
      'while runs come, change and go between pages, none comes twice, and none that stays as it is is missed':
        'how many runs came, against how many different ones',
    },
  ],
  [
    'commits documents one by one',
    WritesDocumentsOneByOne,
    {
      'changes that are written together are all made, or none if one is refused':
        'the documents after a refused write',
      'writes of the same documents in different order, at once, are all made, one after another':
        'by how many writers the documents are should be 1, but is 2',
    },
  ],
  [
    'sorts by UTF-16',
    SortsByUtf16,
    {
      'documents come in the order of their ids by code points, after one and as many as is asked for':
        'all documents should be',
    },
  ],
  [
    'never closes',
    NeverCloses,
    {
      'a store that is closed refuses everything': 'create() after close() should be refused with STORE_CLOSED',
      'a store that is closed gives back what it had':
        'claims after the close should be [true,true], but is [false,false]',
    },
  ],
  [
    'has watches for its own appends only',
    WatchesOwnAppendsOnly,
    {
      'a watch hears of an append, whichever store object makes it': 'has not heard of an append within 4000 ms',
      'a watch hears of an answer, whichever store object takes it': 'has not heard of an answer within 4000 ms',
      'a watch hears of one change after another, and sees it': 'has not heard of append 1',
      'each of several watches is called, until it is ended': 'has not heard of an append',
      'a run may be watched before it is there': 'has not heard of a new run',
    },
  ],
]

describe('the contract suite', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('finds nothing wrong with a store that keeps the contract', async () => {
    expect(await verdict(MemoryJournalStore)).toEqual({})
  })

  it('gives every check a name of its own', () => {
    expect(new Set(journalStoreContract.map(({ name }) => name)).size).toBe(journalStoreContract.length)
  })

  for (const [title, Store, reasons] of broken) {
    it(`refuses a store that ${title}, for that reason and no other`, async () => {
      const said = Object.entries(reasons).map(([name, reason]) => [name, expect.stringContaining(reason)])
      expect(await verdict(Store)).toEqual(Object.fromEntries(said))
    })
  }
})
