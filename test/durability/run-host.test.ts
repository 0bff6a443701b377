import { firstValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { ApprovalRunnable, Orchestration, OrchestrationRunnable } from '../../src/core/index.js'
import { MemoryJournalStore, RunHost } from '../../src/durability/index.js'

/** An orchestration whose second state waits until it is let go. */
function gated(name = 'Gated') {
  let open = (): void => undefined
  let arrived = (): void => undefined
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  const reached = new Promise<void>(resolve => {
    arrived = resolve
  })
  const invoked: string[] = []
  class First extends OrchestrationRunnable<string, string> {
    invoke(input: string) {
      invoked.push('First')
      return `${input}!`
    }
  }
  class Second extends OrchestrationRunnable<string, string> {
    async invoke(input: string) {
      invoked.push('Second')
      arrived()
      await gate
      return `${input}!`
    }
  }
  class Third extends OrchestrationRunnable<string, string> {
    invoke(input: string) {
      invoked.push('Third')
      return `${input}!`
    }
  }
  class Gated extends Orchestration<string, string> {
    override initialRunnable = new First().addAdvancer(new Second().addAdvancer(new Third()))
  }
  const orchestration = new Gated().configure({ name, input: String, output: String })
  return { orchestration, open, reached, invoked }
}

function approval() {
  class Review extends ApprovalRunnable<string> {
    message(input: string) {
      return `Publish ${input}?`
    }
  }
  class Asking extends Orchestration<string, unknown> {
    override initialRunnable = new Review()
  }
  return new Asking()
}

describe('a host of runs', () => {
  it('starts runs by the name of their orchestration, and tells their events, record and definition', async () => {
    const { orchestration, open } = gated()
    const host = new RunHost({ store: new MemoryJournalStore(), orchestrations: [orchestration] })
    const run = await host.start('Gated', 'a', { runId: 'r', tags: { team: 'x' } })
    expect(host.driven('r')).toBe(run)
    expect(await host.record('r')).toMatchObject({ status: 'running', tags: { team: 'x' } })
    expect(await host.definitionOf('r')).toBe(orchestration)
    open()
    expect(await run.result).toBe('a!!!')
    const events = await firstValueFrom(host.observe('r').pipe(toArray()))
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
    expect(events.at(-1)).toMatchObject({ type: 'orchestration.completed', output: 'a!!!' })
    expect(host.active).toBe(0)
  })

  it('names the nearest orchestration for one that it does not have, and refuses two of one name', async () => {
    const host = new RunHost({ store: new MemoryJournalStore(), orchestrations: [gated().orchestration] })
    await expect(host.start('Gatet', 'a')).rejects.toMatchObject({
      code: 'ORCHESTRATION_UNKNOWN',
      message: 'There is no orchestration "Gatet". Did you mean "Gated"?',
    })
    expect(() => host.add(gated().orchestration)).toThrow(/different names/)
    await expect(host.record('nowhere')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  })

  it('tells whoever starts a run that could not be begun', async () => {
    const host = new RunHost({ store: new MemoryJournalStore(), orchestrations: [gated().orchestration] })
    await host.start('Gated', 'a', { runId: 'r' })
    await expect(host.start('Gated', 'a', { runId: 'r' })).rejects.toMatchObject({ code: 'RUN_EXISTS' })
  })

  it('pauses, resumes and cancels what it drives', async () => {
    const { orchestration, open, reached, invoked } = gated()
    const host = new RunHost({ store: new MemoryJournalStore(), orchestrations: [orchestration] })
    const run = await host.start(orchestration, 'a', { runId: 'r' })
    await reached
    const pausing = host.pause('r')
    open()
    expect(await pausing).toBe(true)
    expect((await host.record('r')).status).toBe('paused')
    expect(invoked).toEqual(['First', 'Second'])
    expect(await host.resume('r')).toBe(run)
    expect(await run.result).toBe('a!!!')
    expect(await host.pause('r')).toBe(false)

    await host.start(gated('Other').orchestration, 'b', { runId: 's' })
    await host.cancel('s', 'not wanted')
    expect((await host.record('s')).status).toBe('cancelled')
    await host.cancel('s')
  })

  it('cancels a paused run that nobody drives', async () => {
    const store = new MemoryJournalStore()
    const first = gated()
    const host = new RunHost({ store, orchestrations: [first.orchestration] })
    await host.start('Gated', 'a', { runId: 'r' })
    await first.reached
    const pausing = host.pause('r')
    first.open()
    await pausing
    await store.close()
    const next = new RunHost({ store: store.reopen(), orchestrations: [gated().orchestration] })
    expect((await next.recover()).runIds).toEqual([])
    await next.cancel('r')
    expect((await next.record('r')).status).toBe('cancelled')
  })

  it('pauses a run whose process has died: what was at work is done, and no more', async () => {
    const store = new MemoryJournalStore()
    const dying = gated()
    await new RunHost({ store, orchestrations: [dying.orchestration] }).start('Gated', 'a', { runId: 'r' })
    await dying.reached
    await store.close()
    const { orchestration, open, invoked } = gated()
    const host = new RunHost({ store: store.reopen(), orchestrations: [orchestration] })
    const pausing = host.pause('r')
    open()
    expect(await pausing).toBe(true)
    expect((await host.record('r')).status).toBe('paused')
    expect(invoked).toEqual(['Second'])
    expect(await (await host.resume('r')).result).toBe('a!!!')
  })

  it('takes up what a process that died has left, once, also when two ask at the same time', async () => {
    const store = new MemoryJournalStore()
    const dying = gated()
    await new RunHost({ store, orchestrations: [dying.orchestration] }).start('Gated', 'a', { runId: 'r' })
    await dying.reached
    await store.close()
    const { orchestration, open, invoked } = gated()
    const host = new RunHost({ store: store.reopen(), orchestrations: [orchestration] })
    const [recovery, run] = await Promise.all([host.recover(), host.resume('r')])
    expect(recovery).toEqual({ runIds: ['r'], refused: [] })
    open()
    expect(await run.result).toBe('a!!!')
    expect(invoked).toEqual(['Second', 'Third'])
  })

  it('closes gently: what it drove is paused, and the next host goes on with it, but not with what somebody had paused', async () => {
    const store = new MemoryJournalStore()
    const [a, b] = [gated('A'), gated('B')]
    const host = new RunHost({ store, orchestrations: [a.orchestration, b.orchestration] })
    await host.start('A', 'a', { runId: 'a' })
    await host.start('B', 'b', { runId: 'b' })
    await Promise.all([a.reached, b.reached])
    b.open()
    await host.pause('b')
    const closing = host.close()
    a.open()
    await closing
    await expect(host.start('A', 'x')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    const next = new RunHost({ store, orchestrations: [gated('A').orchestration, gated('B').orchestration] })
    expect((await next.recover()).runIds).toEqual(['a'])
    expect(await next.driven('a')?.result).toBe('a!!!')
    expect((await next.record('b')).status).toBe('paused')
  })

  it('gives what it drove to the next host also if that looks while this one is still closing', async () => {
    const store = new MemoryJournalStore()
    const closing = gated()
    const host = new RunHost({ store, orchestrations: [closing.orchestration] })
    await host.start('Gated', 'a', { runId: 'r' })
    await closing.reached
    const closed = host.close()
    const other = store.reopen()
    const next = new RunHost({ store: other, orchestrations: [gated().orchestration] })
    expect((await next.recover()).runIds).toEqual([])
    closing.open()
    await closed
    expect((await next.recover()).runIds).toEqual(['r'])
    expect(await next.driven('r')?.result).toBe('a!!!')
  })

  it('puts aside what it is just taking up when it is closed, too', async () => {
    const store = new MemoryJournalStore()
    const dying = gated()
    void dying.orchestration.start('a', { store, runId: 'r' }).result.catch(() => undefined)
    await dying.reached
    await store.close()
    const there = store.reopen()
    const { orchestration, open, invoked } = gated()
    let asked = (): void => undefined
    let find = (): void => undefined
    const isAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    const isFound = new Promise<void>(resolve => {
      find = resolve
    })
    const resolve = async () => {
      asked()
      await isFound
      return orchestration
    }
    const host = new RunHost({ store: there, resolve })
    const recovering = host.recover()
    await isAsked
    const closing = host.close()
    find()
    open()
    expect((await recovering).runIds).toEqual(['r'])
    await closing
    expect([(await there.get('r'))?.status, invoked]).toEqual(['paused', ['Second']])
    const next = new RunHost({ store: there.reopen(), orchestrations: [orchestration] })
    expect((await next.recover()).runIds).toEqual(['r'])
    expect(await next.driven('r')?.result).toBe('a!!!')
  })

  it('keeps the run that it drives when another one is started under its id, and refused', async () => {
    const { orchestration, reached } = gated()
    const host = new RunHost({ store: new MemoryJournalStore(), orchestrations: [orchestration] })
    const starting = host.start('Gated', 'a', { runId: 'r' })
    await expect(host.start('Gated', 'a', { runId: 'r' })).rejects.toMatchObject({ code: 'RUN_EXISTS' })
    const run = await starting
    await reached
    await expect(host.start('Gated', 'a', { runId: 'r' })).rejects.toMatchObject({ code: 'RUN_EXISTS' })
    expect([host.driven('r'), host.active]).toEqual([run, 1])
    expect(await host.cancel('r')).toBe(true)
    const refused = host.start('Gated', 'b', { runId: 't', properties: { no: () => 'JSON' } })
    const valid = await host.start('Gated', 'b', { runId: 't' })
    await expect(refused).rejects.toMatchObject({ code: 'PAYLOAD_NOT_SERIALIZABLE' })
    expect(host.driven('t')).toBe(valid)
  })

  it('leaves a run paused that was put aside and then paused by somebody', async () => {
    const store = new MemoryJournalStore()
    const closing = gated()
    const host = new RunHost({ store, orchestrations: [closing.orchestration] })
    await host.start('Gated', 'a', { runId: 'r' })
    await closing.reached
    const closed = host.close()
    closing.open()
    await closed
    const next = new RunHost({ store, orchestrations: [gated().orchestration] })
    expect(await next.pause('r')).toBe(true)
    expect((await next.recover()).runIds).toEqual([])
  })

  it('says once of a run that it cannot be taken up, however often it is tried', async () => {
    const store = new MemoryJournalStore()
    await new RunHost({ store, orchestrations: [approval()] }).start('Asking', 'it', { runId: 'r' })
    await store.close()
    const told: string[] = []
    const host = new RunHost({ store: store.reopen(), logger: { warn: message => told.push(message) } })
    for (let time = 0; time < 3; time++) expect((await host.recover()).refused).toHaveLength(1)
    expect(told).toEqual(['Run r cannot be taken up'])
  })

  it('finds definitions that were not added where it is told to look', async () => {
    const store = new MemoryJournalStore()
    await new RunHost({ store, orchestrations: [approval()] }).start('Asking', 'it', { runId: 'r' })
    await store.close()
    const stored = store.reopen()
    const lost = new RunHost({ store: stored })
    expect((await lost.recover()).refused).toMatchObject([{ runId: 'r', error: { code: 'ORCHESTRATION_UNKNOWN' } }])
    const host = new RunHost({
      store: stored,
      resolve: ({ orchestration }) => (orchestration === 'Asking' ? approval() : undefined),
    })
    expect((await host.recover()).runIds).toEqual(['r'])
    await (await host.journalOf('r')).approve('r', 'Review', { by: 'Ada' })
    expect(await host.driven('r')?.result).toMatchObject({ decision: { by: 'Ada' } })
  })
})
