import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type ApprovalOutcome,
  ApprovalRunnable,
  type OrchestrationRunnable,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import {
  Journal,
  MemoryJournalStore,
  SqliteJournalStore,
  type StoredAnswer,
  StoreError,
} from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { Machine, pass, rejection, step } from '../core/machines.js'
import {
  approval,
  Draft,
  ended,
  everythingOf,
  type Kept,
  keep,
  nested,
  Reply,
  type Sample,
  toEnd,
} from './recorded-runs.js'

class AskA extends ApprovalRunnable<number> {}
class AskB extends ApprovalRunnable<number> {
  constructor() {
    super({ timeoutMs: 1000 })
  }
}
class Hold extends SignalRunnable<number, Reply> {
  constructor() {
    super({ signal: Reply })
  }
}

/** Three requests at once, each of whose outcomes is a result. */
function asking(): Sample {
  const say = step<ApprovalOutcome<number>, string>('Say', outcome =>
    outcome.outcome === 'expired' ? 'expired' : `${outcome.outcome} by ${outcome.decision.by}`,
  )
  const tell = step<Reply, string>('Tell', reply => (reply instanceof Reply ? reply.text : 'no instance'))
  const hold = new Hold()
  hold.addAdvancer(tell).onError(
    () => true,
    tell,
    ({ error }) => Reply.of(error.message),
  )
  const start = pass<number>('Start').configure({ parallelAdvances: true }) as OrchestrationRunnable<number, number>
  start.addAdvancer(new AskA().addAdvancer(say)).addAdvancer(new AskB().addAdvancer(say)).addAdvancer(hold)
  return new Machine(start).configure({ failure: 'collect' }) as unknown as Sample
}

/** A run that asks, and a journal on another store object, as another process has it. */
async function asked(
  make: () => Sample = asking,
  input: unknown = 1,
): Promise<Kept & { readonly elsewhere: Kept['journal'] }> {
  const kept = keep(make(), input)
  await kept.clock.advance(0)
  const elsewhere = new Journal(make().configure({ clock: kept.clock }), { store: kept.store.reopen() })
  return { ...kept, elsewhere }
}

describe('answering a run from elsewhere', () => {
  it('reaches it while it is driven, by id, by the name of the state, by its class and by an instance', async () => {
    const { elsewhere, run, clock } = await asked()
    const [first] = (await elsewhere.requests({ stateName: 'AskA' })).requests
    await elsewhere.approve('run', first?.requestId as string, { by: 'id' })
    await elsewhere.reject('run', AskB, { by: 'class' })
    await elsewhere.signal('run', 'Hold', { text: 'name' })
    await toEnd(run, clock, 'silent')
    expect(run.results).toEqual(['approved by id', 'rejected by class', 'name'])
  })

  it('takes the request itself, the event that announced it, and the state as it is registered', async () => {
    const { journal, run, clock, events, orchestration } = await asked()
    const [requested] = events.ofType('approval.requested')
    await journal.approve('run', requested as never, { by: 'event' })
    await journal.approve('run', run.requests.find(({ stateName }) => stateName === 'AskB') as never, { by: 'request' })
    const hold = orchestration.graph.byName.get('Hold')?.runnable as unknown as Hold
    await journal.signal('run', hold, Reply.of('instance'))
    await toEnd(run, clock, 'silent')
    expect(run.results).toEqual(['approved by event', 'approved by request', 'instance'])
  })

  it('is kept while nobody drives it: the run goes on when it is taken up', async () => {
    const { store, elsewhere } = await asked()
    await store.close()
    await elsewhere.approve('run', 'AskA', { by: 'ann' })
    await elsewhere.reject('run', 'AskB', { by: 'bob' })
    await elsewhere.signal('run', Hold, Reply.of('hello'))
    expect((await elsewhere.requests()).requests).toEqual([])
    const clock = new ManualClock(5_000_000)
    const run = await asking().configure({ clock }).resume('run', { store: store.reopen() })
    // The time of AskB was up long ago, but it was answered in time.
    await toEnd(run, clock, 'silent')
    expect(run.results).toEqual(['approved by ann', 'rejected by bob', 'hello'])
  })

  it('is kept while the run is paused, and counts when it goes on', async () => {
    const { run, clock, elsewhere } = await asked()
    await run.pause()
    await elsewhere.approve('run', 'AskA', { by: 'ann' })
    await clock.advance(0)
    expect(run.status).toBe('paused')
    run.resume()
    await clock.advance(0)
    expect(run.results).toEqual(['approved by ann'])
  })

  it('reaches runs inside, by the id that leads there', async () => {
    const { elsewhere, run, clock } = await asked(nested)
    const { requests } = await elsewhere.requests()
    expect(requests.map(({ requestId }) => requestId)).toEqual(['0:0.0:0/0:1', '0:0.1:0/0:1'])
    const several = await rejection(elsewhere.approve('run', 'Ask'))
    expect(several).toMatchObject({ code: 'REQUEST_UNKNOWN', message: expect.stringContaining('2 are open there') })
    await elsewhere.approve('run', '0:0.1:0/0:1')
    await elsewhere.reject('run', 'Ask')
    await clock.advance(0)
    expect(await toEnd(run, clock, 'silent')).toEqual({ status: 'completed', output: 3 - 1000 + 4 + 1 })
  })

  it('says what is open when it is not what was meant', async () => {
    const { elsewhere, journal } = await asked()
    class Other extends ApprovalRunnable<number> {}
    for (const ref of ['Nobody', '0:0.0:7', 'Hold', '', '../0:0.0:0', '__proto__', new Other(), Other]) {
      expect(await rejection(elsewhere.approve('run', ref))).toMatchObject({
        code: 'REQUEST_UNKNOWN',
        message: expect.stringContaining('0:0.0:0 (approval of "AskA"), 0:0.1:0 (approval of "AskB")'),
      })
    }
    expect(await rejection(elsewhere.signal('run', 'AskA', 1))).toMatchObject({ code: 'REQUEST_UNKNOWN' })
    expect(await rejection(elsewhere.approve('nobody', 'AskA'))).toMatchObject({ code: 'RUN_UNKNOWN' })
    expect((await journal.requests()).requests).toHaveLength(3)
  })

  it('is refused before it is stored if it is not what the state declares; the state still waits', async () => {
    const { elsewhere, store, run, clock } = await asked()
    const before = await everythingOf(store)
    for (const payload of [{ text: 5 }, {}, 'text', null, undefined, [], JSON.parse('{"__proto__":{"text":"x"}}')]) {
      expect(await rejection(elsewhere.signal('run', 'Hold', payload))).toMatchObject({
        code: 'PAYLOAD_INVALID',
        message: expect.stringContaining('Hold'),
      })
    }
    const odd = { by: (() => 1) as never }
    expect(await rejection(elsewhere.approve('run', 'AskA', odd))).toMatchObject({ code: 'OPTION_INVALID' })
    expect(await everythingOf(store)).toEqual(before)
    await elsewhere.signal('run', 'Hold', { text: 'right' })
    await clock.advance(0)
    expect(run.results).toEqual(['right'])
  })

  it('wins against all others or is told that it has not', async () => {
    const { elsewhere, journal, run, clock } = await asked()
    const given = [
      elsewhere.approve('run', 'AskA', { by: '0' }),
      journal.reject('run', 'AskA', { by: '1' }),
      run.approve('AskA', { by: '2' }),
      elsewhere.reject('run', '0:0.0:0', { by: '3' }),
      run.reject('AskA', { by: '4' }),
    ]
    const settled = await Promise.allSettled(given)
    const winners = settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
    expect(winners).toHaveLength(1)
    for (const each of settled) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'REQUEST_UNKNOWN' })
    }
    await clock.advance(0)
    expect(run.results).toEqual([
      `${(winners[0] as number) % 2 === 1 || winners[0] === 4 ? 'rejected' : 'approved'} by ${winners[0]}`,
    ])
    const late = await rejection(elsewhere.approve('run', 'AskA'))
    expect(late).toMatchObject({ code: 'REQUEST_UNKNOWN' })
  })

  it('and the time limit: one of the two counts, never both', async () => {
    for (const order of ['answer', 'timeout'] as const) {
      const { elsewhere, run, clock } = await asked()
      const answered =
        order === 'answer'
          ? elsewhere.approve('run', 'AskB', { by: 'ann' }).then(() => 'approved by ann')
          : clock
              .advance(1000)
              .then(() => elsewhere.approve('run', 'AskB'))
              .catch((thrown: { code: string }) => thrown.code)
      await clock.advance(1000)
      const said = await answered
      expect(said).toBe(order === 'answer' ? 'approved by ann' : 'REQUEST_UNKNOWN')
      expect(run.results).toEqual([order === 'answer' ? 'approved by ann' : 'expired'])
    }
    // In the same moment.
    const { elsewhere, run, clock } = await asked()
    const both = await Promise.allSettled([clock.advance(1000), elsewhere.approve('run', 'AskB', { by: 'ann' })])
    await clock.advance(0)
    expect(run.results).toEqual([both[1].status === 'fulfilled' ? 'approved by ann' : 'expired'])
  })

  it('to a run that has ended, or to one inside that is not needed any more, comes too late', async () => {
    const done = await ended(approval(), Draft.of('T'))
    const late = await rejection(done.journal.approve('run', 'Check'))
    expect(late).toMatchObject({ code: 'REQUEST_UNKNOWN', message: expect.stringContaining('Open now: none') })
    const { elsewhere, run, clock } = await asked(nested)
    run.cancel('enough')
    await clock.advance(0)
    expect(await rejection(elsewhere.approve('run', '0:0.0:0/0:1'))).toMatchObject({ code: 'REQUEST_UNKNOWN' })
    expect((await elsewhere.requests()).requests).toEqual([])
  })

  it('reaches a question that a state asks in the middle of its work', async () => {
    const make = (): Sample =>
      new Machine(
        step<number, string>('Work', async (n, context) => {
          const outcome = await context.requestApproval('sure', { message: 'Sure?', subject: n })
          return outcome.outcome
        }),
      ) as unknown as Sample
    const { elsewhere, run, clock } = await asked(make)
    expect((await elsewhere.requests()).requests).toMatchObject([{ requestId: '0:0#sure', message: 'Sure?' }])
    await elsewhere.reject('run', 'Work')
    await clock.advance(0)
    expect(await run.result).toBe('rejected')
    expect(await elsewhere.recheck('run')).toBeUndefined()
  })
})

/** Puts an answer in the store that no journal has written. */
async function forged(store: MemoryJournalStore, requestId: string, data: string): Promise<void> {
  expect(await store.answer('run', { requestId, data, at: 1 } satisfies StoredAnswer)).toBe('accepted')
}

const nonsense = [
  '',
  '{',
  'null',
  '5',
  '"approved"',
  '[]',
  '{}',
  '{"kind":"maybe"}',
  '{"kind":"__proto__"}',
  '{"kind":"decision","approved":true}',
  '{"kind":"decision","approved":true,"decision":null}',
  '{"kind":"decision","approved":true,"decision":{"by":5}}',
  '{"kind":"decision","approved":true,"decision":{"$":"Gone","v":{}}}',
  '{"kind":"decision","approved":true,"decision":{"$":"Approved","v":{"__proto__":{"polluted":1}}}}',
  '{"kind":"signal","payload":true}',
  '{"kind":"signal","payload":{"$":"Approved","v":{"outcome":"approved"}}}',
]

describe('an answer that nobody can have given', () => {
  it.each(nonsense)('fails the approval that waits for it, clearly, and is never taken for a yes: %s', async data => {
    const { store, run, clock, elsewhere } = await asked()
    await forged(store, '0:0.0:0', data)
    await clock.advance(0)
    expect(run.results).toEqual([])
    await elsewhere.approve('run', 'AskB', { by: 'ann' })
    await elsewhere.signal('run', 'Hold', { text: 'hello' })
    const failure = await rejection(run.result)
    expect(failure.message).toMatch(/AskA.*(cannot be read|answered with)/)
    expect(failure.cause).toMatchObject({ code: expect.stringMatching('PAYLOAD_') })
    expect(run.results).toEqual(['approved by ann', 'hello'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(await elsewhere.recheck('run')).toBeUndefined()
  })

  it.each(['1', '"true"', '{}', '[true]', 'null', '"approved"'])('with approved: %s is no approval', async approved => {
    const { store, run, clock } = await asked()
    await forged(store, '0:0.0:0', `{"kind":"decision","approved":${approved},"decision":{"by":"x"}}`)
    await clock.advance(0)
    expect(run.results).toEqual(['rejected by x'])
  })

  it.each([
    '{',
    '{"kind":"decision","approved":true,"decision":{}}',
    '{"kind":"signal"}',
    '{"kind":"signal","payload":{"text":5}}',
    '{"kind":"signal","payload":{"$":"Reply","v":{"text":5}}}',
    '{"kind":"signal","payload":{"$":"Gone","v":{}}}',
    '{"kind":"signal","payload":{"$":"Reply","v":{"constructor":1}}}',
  ])('fails the signal that waits for it, for which its error route is asked: %s', async data => {
    const { store, run, clock } = await asked()
    await forged(store, '0:0.2:0', data)
    await clock.advance(0)
    expect(run.results).toEqual([expect.stringMatching(/cannot be read|answered with|Hold/)])
    expect(run.requests).toHaveLength(2)
  })

  it('brings nothing into the events of the run but who decided, and why', async () => {
    const { store, run, clock, events } = await asked()
    const decision =
      '{"by":"x","type":"orchestration.completed","runId":"other","outcome":"approved","__proto__":{"a":1}}'
    await forged(store, '0:0.0:0', `{"kind":"decision","approved":false,"decision":${decision}}`)
    await clock.advance(0)
    const [answered] = events.ofType('approval.answered')
    expect(answered).toMatchObject({ runId: 'run', outcome: 'rejected', by: 'x' })
    expect(Object.keys(answered as object)).not.toContain('__proto__')
    expect(run.results).toEqual(['rejected by x'])
  })

  it('is found when a run is taken up, too', async () => {
    const { store } = await asked()
    await forged(store, '0:0.2:0', 'garbage')
    await store.close()
    const clock = new ManualClock(1_000_000)
    const run = await asking().configure({ clock }).resume('run', { store: store.reopen() })
    await clock.advance(0)
    expect(run.results).toEqual([
      expect.stringContaining('The answer to request "0:0.2:0" of run "run" cannot be read'),
    ])
  })

  it('does not keep those after it from arriving', async () => {
    const { store, run, clock, elsewhere } = await asked()
    await Promise.all([
      forged(store, '0:0.2:0', '{'),
      elsewhere.approve('run', 'AskA', { by: 'ann' }),
      elsewhere.approve('run', 'AskB', { by: 'bob' }),
    ])
    await clock.advance(0)
    expect(run.results).toHaveLength(3)
  })

  it('of a run inside, fails that run', async () => {
    const { store, run, clock } = await asked(nested)
    await forged(store, '0:0.0:0/0:1', '{')
    await clock.advance(0)
    expect((await rejection(run.result)).message).toContain('cannot be read')
    expect(run.status).toBe('failed')
  })
})

/** A store whose answers cannot be read, for as long as it is told. */
class ForgetfulStore extends MemoryJournalStore {
  failing = 0

  override async answers(runId: string): Promise<readonly StoredAnswer[]> {
    if (this.failing-- > 0) throw new StoreError('STORE_FAILED', 'The store failed to read.')
    return super.answers(runId)
  }
}

describe('a store that fails to hand out an answer', () => {
  it('is asked again every second, until it does', async () => {
    const store = new ForgetfulStore()
    const { run, clock } = keep(approval(), Draft.of('T'), {}, store)
    await clock.advance(0)
    store.failing = Infinity
    await new Journal(approval(), { store: new MemoryJournalStore(store) }).approve('run', 'Check')
    await clock.advance(10_500)
    expect(run.status).toBe('running')
    store.failing = 0
    await clock.advance(499)
    expect(run.status).toBe('running')
    await clock.advance(1)
    expect(run.status).toBe('completed')
    expect(clock.pendingTimers).toBe(0)
  })

  it('is not asked any more when the run is over', async () => {
    const store = new ForgetfulStore()
    const { run, clock } = keep(approval(), Draft.of('T'), {}, store)
    await clock.advance(0)
    store.failing = Infinity
    await new Journal(approval(), { store: new MemoryJournalStore(store) }).approve('run', 'Check')
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(1)
    run.cancel('enough')
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
  })
})

it('in a file, an answer from another store object arrives as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'answers-'))
  const store = new SqliteJournalStore(join(folder, 'runs.db'))
  const other = new SqliteJournalStore(join(folder, 'runs.db'))
  try {
    const inside = new Machine<number, unknown>(new AskA() as OrchestrationRunnable<number, unknown>)
    const make = (): Sample =>
      new Machine(new SubOrchestrationRunnable(inside).configure({ name: 'Sub' }) as never) as never
    const run = make().start(1 as never, { store, runId: 'run' })
    await new Promise<void>(resolve => run.on('approval.requested', () => resolve()))
    const journal = new Journal(make(), { store: other })
    await journal.approve('run', AskA, { by: 'ann' })
    expect(await rejection(journal.approve('run', '0:0/0:0'))).toMatchObject({ code: 'REQUEST_UNKNOWN' })
    expect(await run.result).toMatchObject({ outcome: 'approved', decision: { by: 'ann' } })
  } finally {
    await store.close()
    await other.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
