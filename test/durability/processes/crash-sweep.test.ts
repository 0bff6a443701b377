import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MachineName } from './machines.js'
import { ProcessStage, thorough } from './process-stage.js'
import type { RecordedRun } from './recorded-run.js'
import type { Moment } from './worker-commands.js'
import type { WorkerProcess } from './worker-process.js'

const swept = ['linear', 'fan-out', 'loop', 'approval', 'nested', 'once', 'signal-and-delay'] as const

/** What has to be the same about a run, whatever happened to the processes that drove it. */
const essenceOf = ({ record, steps }: RecordedRun) => ({ status: record?.status, states: record?.states, steps })

describe.each(['sqlite', 'postgres'] as const)('on %s a run whose process is killed with SIGKILL', kind => {
  let stage: ProcessStage
  let survivor: WorkerProcess

  beforeAll(async () => {
    stage = await ProcessStage.open(kind)
    await stage.store.get('opened')
    survivor = stage.process()
  })
  afterAll(() => stage.close())

  /** Drives a run to its end in the process that nobody kills; begins it if nothing of it was written. */
  async function finish(machine: MachineName, runId: string): Promise<number | undefined> {
    const exists = (await stage.store.get(runId)) !== undefined
    while (true) {
      survivor.tell({ do: exists ? 'resume' : 'start', machine, runId, answers: true })
      const report = await survivor.says(runId, 'ended', 'refused')
      // A server may take a moment to notice that a process is gone.
      if (report?.is === 'refused' && report.code === 'RUN_BUSY') continue
      if (report?.is !== 'ended') throw new Error(`${runId} did not end: ${JSON.stringify(report)}`)
      return report.output
    }
  }

  /** Lets a process die at a write of a run; whether it did, and did not come to the end before. */
  async function crash(machine: MachineName, runId: string, write: number, when: Moment): Promise<boolean> {
    const victim = stage.process()
    const exists = (await stage.store.get(runId)) !== undefined
    while (true) {
      victim.tell({ do: 'die', write, when }, { do: exists ? 'resume' : 'start', machine, runId, answers: true })
      const report = await victim.says(runId, 'ended', 'refused')
      if (report === undefined) break
      if (report.is === 'refused' && report.code === 'RUN_BUSY') continue
      if (report.is === 'refused') throw new Error(`${runId}: ${report.code} ${report.message}`)
      victim.child.stdin.end()
      break
    }
    const [code, signal] = await victim.exit
    // A snapshot holds nothing up, so a process may also die of one when the run has ended already.
    if (code === 0) return false
    expect(signal).toBe('SIGKILL')
    return true
  }

  /** Nothing that was committed is in the journal twice, or was done again by a process that came later. */
  function expectOnce(runId: string, run: RecordedRun): void {
    expect(run.numbers).toEqual(run.numbers.map((_, index) => index + 1))
    expect(run.record?.seq).toBe(run.numbers.length)
    expect(run.committed.toSorted()).toEqual([...new Set(run.committed)].toSorted())
    const done = stage.effects(runId).map(({ key, pid }) => `${pid} ${key}`)
    expect(done.toSorted()).toEqual([...new Set(done)].toSorted())
  }

  /** All writes; or every other one, and those in between as what comes after the one before. */
  const stride = thorough || kind === 'sqlite' ? 1 : 2

  describe.each(swept)('%s', machine => {
    it('S1-36 S3-31 S4-29 at any write ends as if it had not been, and repeats nothing that was committed', async () => {
      const output = await finish(machine, `${machine}-whole`)
      const whole = essenceOf(await stage.recorded(`${machine}-whole`))

      const sweep = async (when: Moment): Promise<number> => {
        for (let write = 1; ; write += stride) {
          const runId = `${machine}-${when}-${write}`
          if (!(await crash(machine, runId, write, when))) return write
          const atCrash = await stage.recorded(runId)
          const doneAtCrash = stage.effects(runId)
          const outputAfter = await finish(machine, runId)
          const run = await stage.recorded(runId)
          const takenUp = atCrash.record?.status === 'running' ? 1 : 0
          // With the id, so that a failure says which write it was.
          const after = { runId, ...essenceOf(run), output: outputAfter, takenUp: run.takenUp }
          expect(after).toEqual({ runId, ...whole, output, takenUp })
          expectOnce(runId, run)
          const doneLater = stage.effects(runId).slice(doneAtCrash.length)
          const repeated = doneLater.filter(({ key }) => atCrash.committed.includes(key))
          const kept = run.committed.slice(0, atCrash.committed.length)
          expect({ runId, kept, repeated }).toEqual({ runId, kept: atCrash.committed, repeated: [] })
        }
      }
      const writes = await Promise.all([sweep('before'), sweep('after')])
      for (const number of writes) expect(number).toBeGreaterThan(4)
    }, 300_000)

    it.runIf(thorough || kind === 'sqlite')(
      'S4-29 again and again, each time one write later, comes to the same end',
      async () => {
        const runId = `${machine}-relay`
        let processes = 1
        while (await crash(machine, runId, processes, processes % 2 === 0 ? 'before' : 'after')) processes++
        const run = await stage.recorded(runId)
        expect(processes).toBeGreaterThan(2)
        expect(essenceOf(run)).toEqual(essenceOf(await stage.recorded(`${machine}-whole`)))
        expectOnce(runId, run)
      },
    )
  })
})
