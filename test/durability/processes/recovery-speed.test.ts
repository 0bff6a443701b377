import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Orchestration, OrchestrationRunnable, type RunContext } from '../../../src/core/index.js'
import type { JournalEntry, JournalSnapshot, NewRun, RunChange } from '../../../src/durability/journal-records.js'
import { SqliteJournalStore } from '../../../src/durability/sqlite/sqlite-journal-store.js'

/** Counts what it is given to write, in bytes. */
class MeasuredStore extends SqliteJournalStore {
  /** The entries, that of number 1 first. */
  readonly entries: string[] = []
  readonly snapshots: number[] = []

  override create(run: NewRun): Promise<void> {
    this.#count(run.entries)
    return super.create(run)
  }

  override append(runId: string, expected: number, entries: JournalEntry[], change: RunChange): Promise<void> {
    this.#count(entries)
    return super.append(runId, expected, entries, change)
  }

  override saveSnapshot(runId: string, snapshot: JournalSnapshot): Promise<void> {
    this.snapshots.push(Buffer.byteLength(snapshot.data))
    return super.saveSnapshot(runId, snapshot)
  }

  /** The bytes of the entries from one number up to another, without that. */
  bytes(from: number, to: number): number {
    return sum(this.entries.slice(from - 1, to - 1).map(data => Buffer.byteLength(data)))
  }

  #count(entries: readonly JournalEntry[]): void {
    this.entries.push(...entries.map(({ data }) => data))
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

interface Plan {
  readonly steps: number
  readonly topic: string
}

class Step extends OrchestrationRunnable<Plan, Plan> {
  readonly #document: string | undefined

  constructor(document: string | undefined) {
    super()
    this.#document = document
    this.configure({ name: 'Step' })
    this.addAdvancer(plan => plan.steps > 0, 'Step').addAdvancer(plan => plan.steps === 0, 'Done')
  }

  override async invoke({ steps, topic }: Plan, { properties }: RunContext): Promise<Plan> {
    const document = this.#document
    if (document !== undefined && !properties.has('document')) properties.set('document', document)
    return { steps: steps - 1, topic }
  }
}

class Done extends OrchestrationRunnable<Plan, string> {
  override async invoke({ topic }: Plan, { properties }: RunContext): Promise<string> {
    return properties.get<string>('document') ?? topic
  }
}

class Stepping extends Orchestration<Plan, string> {
  constructor(document?: string) {
    super()
    this.configure({ maxSteps: 20_000 })
    this.initialRunnable = new Step(document)
    this.register(new Done().configure({ name: 'Done' }))
  }
}

/** An ordinary payload: what a step hands on beside the number in it. */
const topic = 'How do batteries age? '.repeat(10)

describe('S4-29 a journal on sqlite', () => {
  let directory: string
  let opened: SqliteJournalStore[]

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'advancer-recovery-'))
    opened = []
  })
  afterEach(async () => {
    await Promise.all(opened.map(store => store.close()))
    rmSync(directory, { recursive: true, force: true })
  })

  function open(name: string): MeasuredStore {
    const store = new MeasuredStore(join(directory, name), { synchronous: 'normal' })
    opened.push(store)
    return store
  }

  /** The bytes on disk of a store that has kept one run of so many steps, snapshots and indexes included. */
  async function sizeOnDisk(steps: number): Promise<number> {
    const store = open(`${steps}.db`)
    await new Stepping().run({ steps, topic }, { store, runId: 'run' })
    // The last to close the file puts everything into it.
    await store.close()
    return statSync(join(directory, `${steps}.db`)).size
  }

  it('takes as much for a step at step 10,000 as at step 10', async () => {
    const store = open('long.db')
    await new Stepping().run({ steps: 10_010, topic }, { store, runId: 'run' })
    expect(store.entries.length).toBeGreaterThan(10_010)
    const early = store.bytes(10, 11)
    const late = store.bytes(10_000, 10_001)
    expect(early).toBeGreaterThan(200)
    expect(late / early).toBeGreaterThan(0.9)
    expect(late / early).toBeLessThan(1.1)
    expect(store.bytes(9000, 10_000) / store.bytes(10, 1010)).toBeLessThan(1.1)
  })

  it('takes as much for a snapshot late in the run as early, and for all of them less than for the entries', async () => {
    const store = open('snapshots.db')
    await new Stepping().run({ steps: 4000, topic }, { store, runId: 'run', snapshotEvery: 100 })
    const sizes = store.snapshots
    expect(sizes.length).toBeGreaterThan(20)
    expect((sizes.at(-1) ?? 0) / (sizes[0] ?? 0)).toBeLessThan(1.1)
    expect(sum(sizes)).toBeLessThan(store.bytes(1, Infinity))
  })

  it('grows on disk by as much for each step, however many there are', async () => {
    const sizes = [await sizeOnDisk(1000), await sizeOnDisk(2000), await sizeOnDisk(9000), await sizeOnDisk(10_000)]
    const [one = 0, two = 0, nine = 0, ten = 0] = sizes
    expect((ten - nine) / (two - one)).toBeGreaterThan(0.9)
    expect((ten - nine) / (two - one)).toBeLessThan(1.1)
  })

  it('has a property of 100 KB once, when it is written, and in a snapshot only when as much has been written besides', async () => {
    const document = 'x'.repeat(100_000)
    const store = open('large.db')
    const steps = 3000
    const options = { store, runId: 'run', snapshotEvery: 50 }
    expect(await new Stepping(document).run({ steps, topic }, options)).toBe(document)
    const large = store.entries.filter(data => data.includes(document.slice(0, 1000)))
    // Once as the property, and once as what the last state returns.
    expect(large.map(data => store.entries.indexOf(data))).toEqual([1, store.entries.length - 2])
    expect(store.bytes(3, store.entries.length - 1)).toBeLessThan(steps * 1000)
    expect(sum(store.snapshots)).toBeLessThan(store.bytes(1, Infinity) + document.length)
  })
})
