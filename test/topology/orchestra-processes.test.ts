import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileStorageBackend, StateManager } from '../../src/durability/index.js'
import { Orchestra, type OrchestraResult } from '../../src/topology/index.js'

const program = fileURLToPath(new URL('processes/session-process.ts', import.meta.url))

let directory: string
let started: ChildProcess[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'orchestra-'))
  started = []
})
afterEach(async () => {
  await Promise.all(started.map(kill))
  rmSync(directory, { recursive: true, force: true })
})

function start(what: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory, what], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { child, next: async () => (await lines.next()).value as string }
}

async function kill(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

function agentsOf({ branchResults }: OrchestraResult): readonly string[] {
  return branchResults.flatMap(({ executionTrace }) => executionTrace.map(({ agent, action }) => `${agent} ${action}`))
}

const complete = ['Researcher invoke_agent', 'Analyst invoke_agent', 'Writer final_response']

describe('S1-36 a session of an orchestra', () => {
  it('S1-35 S1-59 is paused from outside, and resumed by a new process, which makes the result of the whole run', async () => {
    const driver = start('start')
    expect(await driver.next()).toBe('at work')
    const store = new FileStorageBackend(directory)
    const orchestra = new Orchestra(undefined, { stateManager: new StateManager(store, { pollMs: 20 }) })
    const paused = orchestra.pauseSession('analysis_123')
    const asked = async () => (await store.documents('run-wishes'))[0]?.data
    await expect.poll(asked).toContain('accepted')
    driver.child.kill('SIGUSR2')
    expect([await paused, await driver.next()]).toEqual([true, 'paused'])
    const soFar = await (await orchestra.openSession('analysis_123')).resultSoFar
    expect(soFar).toMatchObject({ success: false, finalResponse: 'an analysis', metadata: { status: 'paused' } })
    expect(agentsOf(soFar)).toEqual(complete.slice(0, 2))
    await store.close()
    const { result, invoked } = JSON.parse(await start('resume').next())
    expect(result).toMatchObject({
      success: true,
      finalResponse: 'a report',
      totalSteps: 3,
      metadata: { sessionId: 'analysis_123', status: 'completed', topologyNodes: 4, topologyEdges: 4 },
    })
    expect(agentsOf(result)).toEqual(complete)
    expect(Object.keys(result.branchResults[0].branchMemory)).toEqual(['Researcher', 'Analyst', 'Writer'])
    // The bus of the new process tells of what happens there, by the same name of the branch.
    expect(invoked).toEqual([`Writer in ${result.branchResults[0].branchId}`])
    expect(result.branchResults[0].branchId).toMatch(/^main_researcher_[0-9a-f]{6}$/)
  })

  it('goes on after its process was killed; the step that was under way begins again and counts once', async () => {
    const driver = start('start')
    expect(await driver.next()).toBe('at work')
    await kill(driver.child)
    const { result } = JSON.parse(await start('resume').next())
    expect([result.success, result.finalResponse, result.totalSteps]).toEqual([true, 'a report', 3])
    expect(agentsOf(result)).toEqual(complete)
  })
})
