import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MachineName } from './machines.js'
import { ProcessStage } from './process-stage.js'
import type { WorkerProcess } from './worker-process.js'

describe.each(['sqlite', 'postgres'] as const)('on %s a run that waits', kind => {
  let stage: ProcessStage

  beforeAll(async () => {
    stage = await ProcessStage.open(kind)
    await stage.store.get('opened')
  })
  afterAll(() => stage.close())

  /** Starts a run in a process of its own, which comes as far as its first wait. */
  async function waiting(machine: MachineName, runId: string, input = 1): Promise<WorkerProcess> {
    const first = stage.process()
    first.tell({ do: 'start', machine, runId, input })
    expect(await first.says(runId, 'waiting', 'refused')).toMatchObject({ is: 'waiting' })
    return first
  }

  /** Leaves a run at its first wait: its process is gone as soon as that is written, before any time has run out. */
  async function leftWaiting(machine: MachineName, runId: string, input = 1): Promise<void> {
    const first = stage.process()
    first.tell({ do: 'die', write: 3, when: 'after' }, { do: 'start', machine, runId, input })
    expect(await first.exit).toEqual([null, 'SIGKILL'])
    expect((await stage.recorded(runId)).waits).toMatchObject([{ type: 'waiting' }])
  }

  /** Answers requests of a run from a process that does nothing else. */
  async function answerElsewhere(machine: MachineName, runId: string, ...requests: readonly string[]): Promise<void> {
    const second = stage.process()
    for (const request of requests) {
      second.tell({ do: 'answer', machine, runId, request, by: 'Ada' })
      const report = await second.says(runId, 'answered', 'refused')
      expect(report).toMatchObject({ is: 'answered' })
    }
    await second.end()
  }

  /** Goes on with a run in another process, to its end. */
  async function continueElsewhere(machine: MachineName, runId: string): Promise<number | undefined> {
    const third = stage.process()
    while (true) {
      third.tell({ do: 'resume', machine, runId })
      const report = await third.says(runId, 'ended', 'refused')
      // A server may take a moment to notice that a process is gone.
      if (report?.is === 'refused' && report.code === 'RUN_BUSY') continue
      expect(report).toMatchObject({ is: 'ended' })
      await third.end()
      return report?.is === 'ended' ? report.output : undefined
    }
  }

  const done = (runId: string) => stage.effects(runId).map(({ what }) => what)

  it.each(['ended', 'was-killed'])(
    'S1-36 S4-29 for an approval, asked for by a process that %s since, is answered by a second and continued by a third',
    async end => {
      const runId = `asked-${end}`
      const first = await waiting('approval', runId)
      await (end === 'ended' ? first.end() : first.kill())
      const { requests } = await stage.store.requests({ runId })
      expect(requests).toMatchObject([{ kind: 'approval', stateName: 'Review', message: 'Is 2 good?' }])
      await answerElsewhere('approval', runId, 'Review')
      expect((await stage.store.requests({ runId })).requests).toEqual([])
      expect(await continueElsewhere('approval', runId)).toBe(3)
      expect(done(runId)).toEqual(['Draft', 'Publish'])
      const { record, committed } = await stage.recorded(runId)
      expect(record?.status).toBe('completed')
      expect(new Set(committed).size).toBe(committed.length)
    },
  )

  it('S1-36 for two approvals inside sub-orchestrations goes on as they are answered, one by one, across processes', async () => {
    const runId = 'nested'
    const first = await waiting('nested', runId)
    expect(await first.says(runId, 'waiting')).toBeDefined()
    // Open, and Draft and Check in each of the two.
    while ((await stage.recorded(runId)).committed.length < 5) expect(first.child.exitCode).toBe(null)
    await first.end()
    const { committed } = await stage.recorded(runId)
    const before = done(runId).length
    const second = stage.process()
    second.tell({ do: 'resume', machine: 'nested', runId })
    expect(await second.says(runId, 'driving', 'refused')).toMatchObject({ is: 'driving' })
    const { requests } = await stage.store.requests({ runId })
    expect(requests.map(({ stateName }) => stateName)).toEqual(['Ask', 'Ask'])
    await answerElsewhere('nested', runId, ...requests.map(({ requestId }) => requestId))
    expect(await second.says(runId, 'ended', 'refused')).toMatchObject({ is: 'ended' })
    await second.end()
    const later = stage.effects(runId).slice(before)
    expect(later.filter(({ key }) => committed.includes(key))).toEqual([])
    expect(new Set(later.map(({ what }) => what))).toEqual(new Set(['Sign', 'Merge', 'Collect', 'Close']))
  })

  it('for an approval hears of an answer from another process while it is being driven', async () => {
    const runId = 'driven'
    const first = await waiting('approval', runId)
    await answerElsewhere('approval', runId, 'Review')
    expect(await first.says(runId, 'ended', 'refused')).toMatchObject({ output: 3 })
    await first.end()
    const [, answered] = (await stage.recorded(runId)).waits
    expect(answered?.type).toBe('answered')
    expect(done(runId)).toEqual(['Draft', 'Publish'])
  })

  it('S1-36 for an approval takes exactly one of the answers that two processes give at once, 50 times', async () => {
    const runIds = Array.from({ length: 50 }, (_, index) => `disputed-${index}`)
    const first = stage.process()
    first.tell(...runIds.map(runId => ({ do: 'start', machine: 'approval', runId }) as const))
    for (const runId of runIds) await first.says(runId, 'waiting')
    const pair = [stage.process(), stage.process()] as const
    for (const runId of runIds) {
      const said = await Promise.all(
        pair.map((each, index) => {
          each.tell({ do: 'answer', machine: 'approval', runId, request: 'Review', by: `${index}` })
          return each.says(runId, 'answered', 'refused')
        }),
      )
      expect([runId, ...said.map(report => `${report?.is}`).toSorted()]).toEqual([runId, 'answered', 'refused'])
      expect(said.find(report => report?.is === 'refused')).toMatchObject({ code: 'REQUEST_UNKNOWN' })
      const winner = said.findIndex(report => report?.is === 'answered')
      expect(await first.says(runId, 'ended', 'refused')).toMatchObject({ output: 3 })
      const { steps } = await stage.recorded(runId)
      const [answered, ...more] = Object.values(steps)
        .flat()
        .filter(fact => fact.includes('"answered"'))
      expect(more).toEqual([])
      expect(answered).toContain(`"by":"${winner}"`)
    }
    await Promise.all([first, ...pair].map(each => each.end()))
  })

  it('S1-36 for a moment that passes while no process is there goes on as soon as one is', async () => {
    const runId = 'delayed-before'
    const first = stage.process()
    first.tell({ do: 'die', write: 4, when: 'before' }, { do: 'start', machine: 'delayed', runId, input: 1 })
    expect(await first.exit).toEqual([null, 'SIGKILL'])
    expect((await stage.recorded(runId)).waits).toMatchObject([{ type: 'waiting' }])
    expect(await continueElsewhere('delayed', runId)).toBe(2)
    await expectWaitedOnce(runId, 1)
  })

  it('S1-36 for a moment still waits for the same one when its process was killed', async () => {
    const runId = 'delayed-after'
    await leftWaiting('delayed', runId, 1500)
    expect(await continueElsewhere('delayed', runId)).toBe(1501)
    await expectWaitedOnce(runId, 1500)
  })

  async function expectWaitedOnce(runId: string, ms: number): Promise<void> {
    expect(done(runId)).toEqual(['Before', 'After'])
    const [waited, over, ...more] = (await stage.recorded(runId)).waits
    expect(more).toEqual([])
    expect((waited?.until ?? Number.NaN) - (waited?.at ?? 0)).toBeLessThanOrEqual(ms)
    expect(over?.at).toBeGreaterThanOrEqual(waited?.until ?? Number.NaN)
  }

  it('S1-36 for an approval goes the way of the expired ones when its time ran out while no process was there', async () => {
    const runId = 'expired'
    await leftWaiting('expiring', runId)
    expect(await continueElsewhere('expiring', runId)).toBe(-2)
    expect(done(runId)).toEqual(['Draft', 'Escalate'])
    expect((await stage.store.requests({ runId })).requests).toEqual([])
  })

  it('S1-36 for a message takes it from another process while nobody drives it, and then waits as long as it has to', async () => {
    const runId = 'signalled'
    await (await waiting('signal-and-delay', runId)).kill()
    await answerElsewhere('signal-and-delay', runId, 'Reply')
    expect(await continueElsewhere('signal-and-delay', runId)).toBe(9)
    expect(done(runId)).toEqual(['Ask', 'Note', 'Done'])
  })
})
