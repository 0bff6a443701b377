import { IsNumber, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  CollectRunnable,
  DelayRunnable,
  type JoinOptions,
  type Migration,
  type Orchestration,
  type OrchestrationEvent,
  OrchestrationRunnable,
  type ResumeOptions,
  SignalRunnable,
  type StateFailure,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { definitionText } from '../../src/durability/definition.js'
import { Journal, type MemoryJournalStore } from '../../src/durability/index.js'
import type { OrchestrationError } from '../../src/errors/index.js'
import { fork, machine, pass, rejection, slow, step } from '../core/machines.js'
import { begun, type Driven, restarted } from './restart.js'

type AnyState = OrchestrationRunnable<unknown, unknown>
type AnyOrchestration = Orchestration<never, unknown>

const state = (name: string): AnyState => pass<unknown>(name)
const waiting = (name = 'Wait'): AnyState => new DelayRunnable<unknown>(10).configure({ name }) as AnyState

/** What changed, as the refusal of a run says it that was started with one definition and is taken up with another. */
async function changesBetween(before: AnyOrchestration, after: AnyOrchestration): Promise<readonly string[]> {
  const first = begun(before as Orchestration<unknown, unknown>, 1)
  const error = (await rejection(restarted(first, after))) as OrchestrationError
  expect(error.code).toBe('DEFINITION_CHANGED')
  const changes = error.details['changes'] as readonly string[]
  for (const change of changes) expect(error.message).toContain(change)
  expect(error.message).toContain('{ allowModified: true }')
  return changes
}

async function observed(orchestration: AnyOrchestration, store: MemoryJournalStore, from = 0) {
  const events: OrchestrationEvent[] = []
  await new Promise<void>((resolve, reject) =>
    orchestration
      .observe('r', { store, from })
      .subscribe({ next: event => events.push(event), complete: resolve, error: reject }),
  )
  return events
}

describe('the fingerprint of a definition', () => {
  const one = (options: { readonly name?: string } = {}) =>
    machine(state('A').addAdvancer(waiting().addAdvancer(state('B')))).configure(options)

  it('is that of any object that is built in the same way', () => {
    expect(definitionText(one().graph)).toEqual(definitionText(one().graph))
    expect(definitionText(one().graph).fingerprint).toMatch(/^[0-9a-f]{32}$/)
  })

  it('does not depend on what states do', async () => {
    const work = (n: number) => machine(step<unknown, unknown>('A', () => n).addAdvancer(waiting()))
    const second = await restarted(begun(work(1), 1), work(2))
    await second.clock.advance(10)
    expect(await second.run.result).toBe(1)
  })

  it('changes with the name', () => {
    expect(definitionText(one({ name: 'X' }).graph).fingerprint).not.toBe(
      definitionText(one({ name: 'Y' }).graph).fingerprint,
    )
  })
})

describe('a run whose definition has changed is refused, and the refusal lists what', () => {
  const plain = () => machine(waiting().addAdvancer(state('A').addAdvancer(state('B'))))

  it('states that are gone and that are new', async () => {
    expect(await changesBetween(plain(), machine(waiting().addAdvancer(state('A').addAdvancer(state('C')))))).toEqual([
      'state "B" is gone',
      'state "C" is new',
      expect.stringContaining('advancers of state "A"'),
    ])
  })

  it('where a run starts', async () => {
    expect(
      await changesBetween(
        plain(),
        machine(state('First').addAdvancer('Wait'), waiting().addAdvancer(state('A').addAdvancer(state('B')))),
      ),
    ).toContain('the run starts at "First" instead of "Wait"')
  })

  it('whose output is the result', async () => {
    const named = () => {
      const b = state('B')
      const orchestration = machine(waiting().addAdvancer(state('A').addAdvancer(b)))
      orchestration.resultRunnable = b
      return orchestration
    }
    expect(await changesBetween(plain(), named())).toEqual([
      'the result is that of "B" instead of the last terminal state',
    ])
  })

  it('the class of a state, and what kind it is', async () => {
    class Other extends OrchestrationRunnable<unknown, unknown> {
      invoke() {
        return 1
      }
    }
    const other = machine(waiting().addAdvancer(new Other().configure({ name: 'A' }).addAdvancer(state('B'))))
    expect(await changesBetween(plain(), other)).toEqual(['class of state "A": "Step", now "Other"'])
    const asks = new ApprovalRunnable<unknown>().configure({ name: 'A' }) as unknown as AnyState
    expect(await changesBetween(plain(), machine(waiting().addAdvancer(asks.addAdvancer(state('B')))))).toEqual([
      expect.stringMatching(/^kind of state "A": ".*", now "approval"$/),
      'class of state "A": "Step", now "ApprovalRunnable"',
    ])
  })

  it('the ways on from a state, and those for failures', async () => {
    const more = machine(
      waiting().addAdvancer(
        state('A')
          .addAdvancer(() => false, 'Wait' as never)
          .addAdvancer(state('B')),
      ),
    )
    expect(await changesBetween(plain(), more)).toEqual([
      expect.stringMatching(/^advancers of state "A": \[.*→ B\], now \[.*→ Wait, .*→ B\]$/),
    ])
    const rescued = () => {
      const a = state('A')
      a.onError('B' as never)
      return machine(waiting().addAdvancer(a.addAdvancer(state('B'))))
    }
    expect(await changesBetween(plain(), rescued())).toEqual([
      expect.stringMatching(/^errorAdvancers of state "A": not set, now \[.*→ B\]$/),
    ])
  })

  it('whether an advancer converts', async () => {
    const converting = machine(
      waiting().addAdvancer(
        state('A').addAdvancer(
          () => true,
          state('B'),
          output => output,
        ),
      ),
    )
    const matching = machine(waiting().addAdvancer(state('A').addAdvancer(() => true, state('B'))))
    expect((await changesBetween(matching, converting)).join()).toContain('advancers of state "A"')
  })

  it('how a state behaves', async () => {
    const behaving = (behaviour: object) =>
      machine(waiting().addAdvancer((state('A').configure(behaviour) as AnyState).addAdvancer(state('B'))))
    expect(await changesBetween(plain(), behaving({ parallelAdvances: true }))).toEqual([
      'parallelAdvances of state "A": not set, now true',
    ])
    expect(await changesBetween(behaving({ reruns: 1 }), behaving({ reruns: 2 }))).toEqual([
      'reruns of state "A": 1, now 2',
    ])
    expect(await changesBetween(behaving({ allowDeadEnd: true }), plain())).toEqual([
      'allowDeadEnd of state "A": true, now not set',
    ])
  })

  it('how a join waits', async () => {
    const joining = (options: JoinOptions) =>
      machine(
        fork('Fork', slow('A', 10).addAdvancer('Join'), slow('B', 10).addAdvancer('Join')),
        new CollectRunnable<unknown>(options).configure({ name: 'Join' }),
      )
    expect(await changesBetween(joining({}), joining({ policy: 'any' }))).toEqual([
      expect.stringMatching(/^join of state "Join": \{.*\}, now \{.*"quorum":1.*\}$/),
    ])
  })

  it('what runs inside', async () => {
    const around = (inner: AnyState) => machine(new SubOrchestrationRunnable(machine(inner)).configure({ name: 'Sub' }))
    expect(
      await changesBetween(around(waiting().addAdvancer(state('A'))), around(waiting().addAdvancer(state('B')))),
    ).toEqual([
      'state "Sub/A" is gone',
      'state "Sub/B" is new',
      expect.stringContaining('advancers of state "Sub/Wait"'),
    ])
  })

  it('the order of the states', async () => {
    const first = machine(waiting().addAdvancer('A'), state('A').addAdvancer('B'), state('B'))
    const second = machine(waiting().addAdvancer('A'), state('B'), state('A').addAdvancer('B'))
    const changes = await changesBetween(first, second)
    expect(changes).toEqual(['the order of the states'])
  })

  it('the version; the run stays as it was, and free', async () => {
    const first = begun(plain().configure({ version: 2 }), 1)
    const older = (await rejection(restarted(first, plain().configure({ version: 1 })))) as OrchestrationError
    expect(older).toMatchObject({ code: 'DEFINITION_CHANGED', details: { recordedVersion: 2, version: 1 } })
    expect(older.message).toContain('version 2, which is newer')
    // Also where modifications are allowed: the older code knows nothing of the newer.
    expect(await rejection(restarted(first, plain(), { allowModified: true }))).toMatchObject({
      code: 'DEFINITION_CHANGED',
    })
    const second = await restarted(first, plain().configure({ version: 2 }))
    await second.clock.advance(10)
    expect(await second.run.result).toBe(1)
  })
})

describe('a run that has ended', () => {
  it('is refused like one that has not, unless that is allowed', async () => {
    const first = begun(machine(state('A')), 1)
    await first.run.result
    const changed = () => machine(state('A').addAdvancer(state('B')))
    expect(await rejection(restarted(first, changed()))).toMatchObject({ code: 'DEFINITION_CHANGED' })
    const second = await restarted(first, changed(), { allowModified: true })
    expect(await second.run.result).toBe(1)
    // It was only read.
    expect(second.store.commits).toEqual([])
    expect(await (await restarted(second, machine(state('A')))).run.result).toBe(1)
  })
})

describe('allowModified', () => {
  const modified: ResumeOptions = { allowModified: true }

  it('goes on where the states are that the run is at, with the new ways on', async () => {
    const first = begun(machine(state('A').addAdvancer(waiting().addAdvancer(state('B')))), 'x')
    const second = await restarted(
      first,
      machine(state('A').addAdvancer(waiting().addAdvancer(step<unknown, unknown>('C', text => `${String(text)}C`)))),
      modified,
    )
    await second.clock.advance(10)
    expect(await second.run.result).toBe('xC')
    expect([...second.events.states]).toEqual(['C'])
  })

  it('refuses a run that is at a state that is gone, by name', async () => {
    const first = begun(machine(state('A').addAdvancer(waiting())), 1)
    const error = await rejection(restarted(first, machine(state('A').addAdvancer(waiting('Other'))), modified))
    expect(error).toMatchObject({ code: 'DEFINITION_CHANGED' })
    expect(error.message).toContain('state "Wait", which the definition does not have')
  })

  it('refuses a run that waits where nothing waits any more', async () => {
    const first = begun(machine(waiting()), 1)
    expect((await rejection(restarted(first, machine(state('Wait')), modified))).message).toMatch(/waiting at "Wait"/)
    const signal = new SignalRunnable<unknown, unknown>().configure({ name: 'Wait' })
    const asks = new ApprovalRunnable<unknown>().configure({ name: 'Wait' })
    const second = begun(machine(signal), 1)
    expect((await rejection(restarted(second, machine(asks), modified))).message).toMatch(/kind "approval"/)
  })

  it('takes up branches at a join, and lets a join go that nobody is at', async () => {
    const join = () => new CollectRunnable<unknown>().configure({ name: 'Join' })
    const first = begun(
      machine(fork('Fork', state('A').addAdvancer('Join'), slow('B', 10).addAdvancer('Join')), join()),
      1,
    )
    const more = machine(
      fork('Fork', state('A').addAdvancer('Join'), slow('B', 10).addAdvancer('Join'), state('New').addAdvancer('Join')),
      join().addAdvancer(step<readonly unknown[], unknown>('Count', items => items.length)),
    )
    const second = await restarted(first, more, modified)
    await second.clock.advance(10)
    expect(await second.run.result).toBe(2)
  })

  it('is remembered: from then on the run is under the new definition', async () => {
    const first = begun(machine(waiting().addAdvancer(state('A'))), 1)
    const changed = () => machine(waiting().addAdvancer(slow('B', 10)))
    const second = await restarted(first, changed(), modified)
    await second.clock.advance(10)
    expect(await rejection(restarted(second, machine(waiting().addAdvancer(state('A')))))).toMatchObject({
      code: 'DEFINITION_CHANGED',
    })
    const third = await restarted(second, changed())
    await third.clock.advance(10)
    expect(await third.run.result).toBe('B')
  })

  it('goes on in runs inside too', async () => {
    const around = (inner: AnyState) => machine(new SubOrchestrationRunnable(machine(inner)).configure({ name: 'Sub' }))
    const first = begun(around(waiting().addAdvancer(state('A'))), 'x')
    const second = await restarted(
      first,
      around(waiting().addAdvancer(step<unknown, unknown>('B', text => `${String(text)}B`))),
      modified,
    )
    await second.clock.advance(10)
    expect(await second.run.result).toBe('xB')
  })

  it('keeps open requests open, also in the store', async () => {
    const ask = () => new ApprovalRunnable<unknown>().configure({ name: 'Ask' })
    const first = begun(machine(ask()), 1)
    const second = await restarted(first, machine(ask().addAdvancer(state('After') as never)), modified)
    await second.clock.advance(0)
    expect((await second.store.requests()).requests).toHaveLength(1)
    expect(second.run.requests).toHaveLength(1)
    await second.run.approve('Ask')
    expect(await second.run.result).toMatchObject({ outcome: 'approved' })
    expect((await second.store.requests()).requests).toEqual([])
  })

  for (const snapshotEvery of [1, 500]) {
    it(`numbers events on, and whoever observes hears all of them; snapshots every ${snapshotEvery}`, async () => {
      const first = begun(machine(state('A').addAdvancer(waiting().addAdvancer(state('B')))), 'x', { snapshotEvery })
      await first.clock.advance(0)
      const changed = () =>
        machine(state('A').addAdvancer(waiting().addAdvancer(slow('C', 10).addAdvancer(state('D')))))
      const during: OrchestrationEvent[] = []
      const error: unknown[] = []
      const watcher = first.store.reopen()
      changed()
        .observe('r', { store: watcher })
        .subscribe({ next: event => during.push(event), error: thrown => error.push(thrown) })
      const second = await restarted(first, changed(), { ...modified, snapshotEvery })
      await second.clock.advance(15)
      const third = await restarted(second, changed(), { snapshotEvery })
      await third.clock.advance(10)
      await third.run.result
      await third.clock.advance(0)
      const live = [first, second, third].flatMap(({ events }) => events.events)
      expect(live.map(event => event.seq)).toEqual([...live.keys()])
      expect(await observed(changed(), third.store)).toEqual(live)
      expect(error).toEqual([])
      expect(during).toEqual(live)
      for (const from of [3, 6, live.length - 1]) {
        expect(await observed(changed(), third.store, from)).toEqual(live.slice(from))
      }
    })
  }
})

class DraftV1 {
  @IsString() text = ''
}
class DraftV2 {
  @IsString() text = ''
  @IsNumber() length = 0
  words() {
    return this.text.split(' ').length
  }
}

describe('migrations', () => {
  /** Version 1: writes a draft, waits, publishes it. */
  const first = () =>
    machine<string, unknown>(
      step<string, DraftV1>('Write', (text, { properties }) => {
        properties.set('author', 'Ann')
        properties.set('old', 1)
        return Object.assign(new DraftV1(), { text })
      })
        .configure({ output: DraftV1 })
        .addAdvancer(
          (
            new DelayRunnable<DraftV1>(10).configure({ name: 'Wait' }) as OrchestrationRunnable<DraftV1, DraftV1>
          ).addAdvancer(step<DraftV1, unknown>('Publish', draft => draft.text)),
        ),
    ).configure({ name: 'Blog' })

  /** Version 3: `Wait` is called `Hold`, `Write` is called `Draft`, and a draft has a length. */
  const third = (migrations: Readonly<Record<number, Migration>>) =>
    machine<string, unknown>(
      step<string, DraftV2>('Draft', text => Object.assign(new DraftV2(), { text, length: text.length }))
        .configure({ output: DraftV2 })
        .addAdvancer(
          (
            new DelayRunnable<DraftV2>(10).configure({ name: 'Hold' }) as OrchestrationRunnable<DraftV2, DraftV2>
          ).addAdvancer(
            step<DraftV2, unknown>('Publish', (draft, context) => [
              draft instanceof DraftV2 && draft.words(),
              draft.length,
              (context.outputOf('Draft') as DraftV2).length,
              context.properties.get('author'),
              context.properties.has('old'),
            ]),
          ),
        ),
    ).configure({ name: 'Blog', version: 3, migrations })

  const toSecond: Migration = run => {
    run.renameState('Wait', 'Hold')
    run.renameState('Write', 'Draft')
    run.mapProperty('author', author => `${String(author)} B.`)
    run.mapProperty('old', () => undefined)
  }
  const grown = (draft: unknown): unknown => {
    const { $, v } = draft as { $: string; v: { text: string } }
    return { $, v: { ...v, length: v.text.length } }
  }
  const toThird: Migration = run => {
    run.mapInput('Hold', grown)
    run.mapOutput('Draft', grown)
    run.renameClass('DraftV1', 'DraftV2')
  }

  async function live(first: Driven<unknown>, second: Driven<unknown>) {
    await second.clock.advance(10)
    await second.run.result
    return [...first.events.events, ...second.events.events]
  }

  for (const snapshotEvery of [1, 500]) {
    it(`take a run over two versions: states, inputs, outputs, properties, classes; snapshots every ${snapshotEvery}`, async () => {
      const before = begun(first(), 'two words', { snapshotEvery })
      await before.clock.advance(0)
      const seen: (readonly string[])[] = []
      const migrations: Record<number, Migration> = {
        1: run => {
          seen.push(run.states)
          toSecond(run)
          seen.push(run.states)
        },
        2: toThird,
      }
      const after = await restarted(before, third(migrations), { snapshotEvery })
      const events = await live(before, after)
      expect(await after.run.result).toEqual([2, 9, 9, 'Ann B.', false])
      expect(seen).toEqual([['Wait'], ['Hold']])
      expect(await after.store.get('r')).toMatchObject({ version: 3, status: 'completed' })
      expect(events.map(event => event.seq)).toEqual([...events.keys()])
      // What happened under the first version is told as it was recorded: its classes are not at hand.
      const all = await observed(third({}), after.store)
      expect(all.map(({ seq, type }) => [seq, type])).toEqual(events.map(({ seq, type }) => [seq, type]))
      expect(all.find(event => event.type === 'state.completed')).toMatchObject({
        stateName: 'Write',
        output: { $: 'DraftV1', v: { text: 'two words' } },
      })
      expect(all.find(event => event.type === 'state.started' && event.stateName === 'Publish')).toMatchObject({
        input: expect.any(DraftV2),
      })
    })
  }

  it('are needed one by one: a missing one is named, and the run stays as it was', async () => {
    const before = begun(first(), 'x')
    const error = (await rejection(restarted(before, third({ 1: toSecond })))) as OrchestrationError
    expect(error).toMatchObject({ code: 'DEFINITION_CHANGED', details: { recordedVersion: 1, version: 3 } })
    expect(error.message).toContain('no migration from version 2')
    expect(error.message).toContain('state "Wait" is gone')
    const again = await restarted(before, first())
    await again.clock.advance(10)
    expect(await again.run.result).toBe('x')
  })

  it('that throw are named with what they threw; nothing is changed, and the run is free', async () => {
    const before = begun(first(), 'x')
    const broken: Migration = run => {
      run.renameState('Wait', 'Hold')
      throw new TypeError('no such thing')
    }
    const error = await rejection(restarted(before, third({ 1: broken, 2: toThird })))
    expect(error).toMatchObject({ code: 'DEFINITION_CHANGED', cause: { name: 'TypeError' } })
    expect(error.message).toContain('migration from version 1 failed: no such thing')
    const again = await restarted(before, first())
    await again.clock.advance(10)
    expect(await again.run.result).toBe('x')
  })

  it('that leave a branch at a state that is gone are refused', async () => {
    const before = begun(first(), 'x')
    const error = await rejection(restarted(before, third({ 1: () => undefined, 2: toThird })))
    expect(error).toMatchObject({ code: 'DEFINITION_CHANGED' })
    expect(error.message).toContain('"Wait"')
  })

  it('that leave a value of a class that is gone are refused', async () => {
    const before = begun(first(), 'x')
    const error = await rejection(restarted(before, third({ 1: toSecond, 2: () => undefined })))
    expect(error).toMatchObject({ code: 'DEFINITION_CHANGED' })
    expect(error.message).toContain('DraftV1')
  })

  it('are not needed where only the version has changed, but one that does nothing has to say so', async () => {
    const before = begun(first(), 'x')
    const same = (migrations: Readonly<Record<number, Migration>>) => first().configure({ version: 2, migrations })
    const error = await rejection(restarted(before, same({})))
    expect(error.message).toContain('nothing but the version')
    const after = await restarted(before, same({ 1: () => undefined }))
    await after.clock.advance(10)
    expect(await after.run.result).toBe('x')
    expect(await after.store.get('r')).toMatchObject({ version: 2 })
  })

  it('rename a state under branches that wait at a join, and in a run that has failures', async () => {
    const joining = (name: string, join: string) =>
      machine(
        fork(
          'Fork',
          state('A').addAdvancer(join),
          slow(name, 10).addAdvancer(join),
          step<unknown, unknown>('Broken', () => {
            throw new Error('broken')
          })
            .onError(step<StateFailure, unknown>('Rescue', failure => failure.stateName) as never)
            .addAdvancer(join),
        ),
        new CollectRunnable<unknown>({ timeoutMs: 1000, onInsufficient: 'proceed' }).configure({ name: join }),
      ).configure({ name: 'Joining' })
    const before = begun(joining('B', 'Join'), 1, { failure: 'collect' })
    const after = await restarted(
      before,
      joining('C', 'Together').configure({
        version: 2,
        migrations: {
          1: run => {
            run.renameState('B', 'C')
            run.renameState('Join', 'Together')
          },
        },
      }),
    )
    await after.clock.advance(10)
    expect(after.run.results).toContainEqual([1, 'C'])
    expect(after.clock.pendingTimers).toBe(0)
  })

  it('rename a state inside of which a run is, which goes on', async () => {
    const around = (name: string) =>
      machine(new SubOrchestrationRunnable(machine(waiting().addAdvancer(state('A')))).configure({ name })).configure({
        name: 'Around',
      })
    const before = begun(around('Old'), 'x')
    const after = await restarted(
      before,
      around('New').configure({ version: 2, migrations: { 1: run => run.renameState('Old', 'New') } }),
    )
    await after.clock.advance(10)
    expect(await after.run.result).toBe('x')
    expect(after.events.ofType('state.completed').map(event => event.path ?? [])).toEqual([['New'], ['New'], []])
  })

  it('have run once: the next process finds the run migrated', async () => {
    let migrated = 0
    const before = begun(first(), 'x')
    const definition = () =>
      third({
        1: run => {
          migrated++
          toSecond(run)
        },
        2: toThird,
      })
    const second = await restarted(before, definition())
    const last = await restarted(second, definition())
    await last.clock.advance(10)
    expect(await last.run.result).toEqual([1, 1, 1, 'Ann B.', false])
    expect(migrated).toBe(1)
  })
})

describe('a payload class that has another name, where nothing else has changed', () => {
  class Note {
    @IsString()
    text!: string
  }
  class Memo {
    @IsString()
    text!: string
    shout() {
      return `${this.text}!`
    }
  }

  const holding = <T extends object>(type: new () => T, say: (value: T) => unknown, options: object = {}) =>
    machine<string, unknown>(
      step<string, T>('Write', text => Object.assign(new type(), { text }))
        .configure({ output: type as any }) // any: `T` cannot be held against the class as long as it is open
        .addAdvancer(
          (new DelayRunnable<T>(10).configure({ name: 'Wait' }) as OrchestrationRunnable<T, T>).addAdvancer(
            step<T, unknown>('Tell', value => say(value)),
          ),
        ),
    ).configure(options)
  const before = (snapshotEvery = 500) =>
    begun(
      holding(Note, note => note.text),
      'hi',
      { snapshotEvery },
    )
  const after = (options: object = {}) => holding(Memo, memo => memo instanceof Memo && memo.shout(), options)

  for (const snapshotEvery of [1, 500]) {
    it(`is renamed by a migration, once and for all; snapshots every ${snapshotEvery}`, async () => {
      const migrated = () =>
        after({ version: 2, migrations: { 1: (run => run.renameClass('Note', 'Memo')) as Migration } })
      const second = await restarted(before(snapshotEvery), migrated(), { snapshotEvery })
      const third = await restarted(second, migrated(), { snapshotEvery })
      await third.clock.advance(10)
      expect(await third.run.result).toBe('hi!')
      const journal = new Journal(migrated(), { store: third.store })
      expect((await journal.history('r')).flatMap(({ events }) => events).at(-1)?.type).toBe('orchestration.completed')
      expect((await journal.stateAt('r', 2)).branches).toHaveLength(1)
    })
  }

  it('is read with a class of the old name, which `classes` names', async () => {
    const old = { Note: class Note extends Memo {} }
    const second = await restarted(before(), after({ classes: [old.Note] }))
    await second.clock.advance(10)
    expect(await second.run.result).toBe('hi!')
  })

  it('is refused by name otherwise, with both ways out, and the run stays as it was', async () => {
    const first = before()
    for (const options of [{}, { allowModified: true }]) {
      const error = (await rejection(restarted(first, after(), options))) as OrchestrationError
      expect(error.code).toBe('JOURNAL_DAMAGED')
      for (const words of ['"Note"', '`classes`', 'renameClass()']) expect(error.message).toContain(words)
    }
    const nothing: Migration = () => undefined
    const error = (await rejection(
      restarted(first, after({ version: 2, migrations: { 1: nothing } })),
    )) as OrchestrationError
    expect(error.code).toBe('DEFINITION_CHANGED')
    for (const words of ['"Note"', '`classes`', 'renameClass()']) expect(error.message).toContain(words)
    const again = await restarted(
      first,
      holding(Note, note => note.text),
    )
    await again.clock.advance(10)
    expect(await again.run.result).toBe('hi')
  })
})
