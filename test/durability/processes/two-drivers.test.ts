import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProcessStage, thorough } from './process-stage.js'
import type { WorkerProcess } from './worker-process.js'

const machine = 'fan-out'

describe.each([
  ['sqlite', 100],
  ['postgres', thorough ? 100 : 10],
] as const)('on %s two processes that resume one run at the same time, %i times', (kind, rounds) => {
  let stage: ProcessStage

  beforeAll(async () => {
    stage = await ProcessStage.open(kind)
    await stage.store.get('opened')
  })
  afterAll(() => stage.close())

  /** Runs that stand still in the middle, left by a process that was killed; and what had been done in each. */
  async function halfDone(prefix: string): Promise<ReadonlyMap<string, number>> {
    const runIds = Array.from({ length: rounds }, (_, index) => `${prefix}-${index}`)
    const starter = stage.process()
    starter.tell({ do: 'park', write: 4 }, ...runIds.map(runId => ({ do: 'start', machine, runId }) as const))
    for (const runId of runIds) expect(await starter.says(runId, 'parked')).toBeDefined()
    await starter.kill()
    return new Map(runIds.map(runId => [runId, stage.effects(runId).length]))
  }

  /** Two processes whose states only work when they are told to. */
  function drivers(): readonly [WorkerProcess, WorkerProcess] {
    const pair = [stage.process(), stage.process()] as const
    for (const each of pair) each.tell({ do: 'close-gates' })
    return pair
  }

  /** Nothing was committed twice, and nothing that had been before was done again. */
  async function expectOnce(runId: string, doneBefore: number): Promise<void> {
    const { numbers, committed, record } = await stage.recorded(runId)
    expect(record).toMatchObject({ status: 'completed', seq: numbers.length })
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    expect(new Set(committed).size).toBe(committed.length)
    expect(committed).toHaveLength(9)
    const [first] = stage.effects(runId)
    const later = stage.effects(runId).slice(doneBefore)
    expect(later.filter(({ key }) => key === first?.key)).toEqual([])
  }

  it('S1-36 S4-29 one drives it to its end, and the other is told that it is busy', async () => {
    const pair = drivers()
    const pids = pair.map(({ child }) => child.pid)
    for (const [runId, doneBefore] of await halfDone('contested')) {
      const said = await Promise.all(
        pair.map(each => {
          each.tell({ do: 'resume', machine, runId })
          return each.says(runId, 'driving', 'refused')
        }),
      )
      expect([runId, ...said.map(report => `${report?.is}`).toSorted()]).toEqual([runId, 'driving', 'refused'])
      expect(said.find(report => report?.is === 'refused')).toMatchObject({ code: 'RUN_BUSY' })
      const winner = said.findIndex(report => report?.is === 'driving')
      pair[winner]?.tell({ do: 'open-gate', runId })
      expect(await pair[winner]?.says(runId, 'ended')).toMatchObject({ runId, output: 70 })
      await expectOnce(runId, doneBefore)
      expect((await stage.recorded(runId)).takenUp).toBe(1)
      const later = stage.effects(runId).slice(doneBefore)
      expect(new Set(later.map(({ pid }) => pid))).toEqual(new Set([pids[winner]]))
    }
    await Promise.all(pair.map(each => each.end()))
  })

  it('S3-31 S4-29 no commit is there twice even if both take it for theirs, and one of them is told of the conflict', async () => {
    const pair = drivers()
    for (const each of pair) each.tell({ do: 'ignore-claims' })
    for (const [runId, doneBefore] of await halfDone('claimed')) {
      const said = await Promise.all(
        pair.map(async each => {
          each.tell({ do: 'resume', machine, runId })
          await each.says(runId, 'driving')
        }),
      )
      expect(said).toHaveLength(2)
      for (const each of pair) each.tell({ do: 'open-gate', runId })
      const ends = await Promise.all(pair.map(each => each.says(runId, 'ended', 'refused')))
      expect([runId, ...ends.map(report => `${report?.is}`).toSorted()]).toEqual([runId, 'ended', 'refused'])
      expect(ends.find(report => report?.is === 'refused')).toMatchObject({ code: 'RUN_CONFLICT' })
      expect(ends.find(report => report?.is === 'ended')).toMatchObject({ output: 70 })
      await expectOnce(runId, doneBefore)
    }
    await Promise.all(pair.map(each => each.end()))
  })
})
