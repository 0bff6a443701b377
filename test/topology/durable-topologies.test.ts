import { describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { compileTopology, ensureTopology, PatternConfig, type TopologyOutcome } from '../../src/topology/index.js'
import { Cast, finish, invokeAll, type Script, turnsOf } from './agents-at-work.js'

const hub: Script = ({ messages }) => (messages.length <= 2 ? 'the plan' : 'the summary')

const silent = { warn: () => undefined, error: () => undefined } as never

/** A definition of its own, as another process would have it. */
function definition(store: MemoryJournalStore, scripts: Readonly<Record<string, Script | string>>, maxSteps = 100) {
  const cast = new Cast(scripts)
  const topology = ensureTopology(
    PatternConfig.hubAndSpoke({ hub: 'Hub', spokes: ['A', 'B', 'C'], parallelSpokes: true }),
  )
  return { cast, orchestration: compileTopology(topology, { registry: cast.registry, maxSteps }).configure({ store }) }
}

describe('S1-06 a topology in a store', () => {
  it('S1-29 S1-36 is paused in the middle of a parallel gather and goes on in a fresh definition', async () => {
    const store = new MemoryJournalStore()
    let release = (): void => undefined
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    let isAtWork = (): void => undefined
    const atWork = new Promise<void>(resolve => {
      isAtWork = resolve
    })
    const first = definition(store, {
      Hub: hub,
      A: 'from a',
      B: async () => {
        isAtWork()
        await released
        return 'from b'
      },
      C: 'from c',
    })
    // One at a time: A is done, B is at work, C has not begun.
    const run = first.orchestration.start({ task: 'x', context: { k: 1 } }, { runId: 'r', maxConcurrency: 1 })
    await atWork
    const paused = run.pause()
    release()
    await paused
    expect(run.status).toBe('paused')
    expect([first.cast.asked('A').length, first.cast.asked('B').length, first.cast.asked('C').length]).toEqual([
      1, 1, 0,
    ])

    const second = definition(store, { Hub: hub, A: 'again', B: 'again', C: 'from c' })
    const resumed = await second.orchestration.resume('r')
    const outcome = await resumed.result
    expect(outcome.response).toBe('the summary')
    expect([second.cast.asked('A').length, second.cast.asked('B').length]).toEqual([0, 0])
    expect(second.cast.asked('C')[0]).toBe('Task: x\n\nContext: {"k":1}\n\nFrom Hub:\nthe plan')
    expect(second.cast.asked('Hub')).toEqual(['From A:\nfrom a\n\nFrom B:\nfrom b\n\nFrom C:\nfrom c'])
    expect(second.cast.models['Hub']?.requests[0]?.messages).toHaveLength(4)
  })

  it('S1-50 counts the steps from before towards max_steps, and a step that begins again once', async () => {
    for (const maxSteps of [5, 4]) {
      const store = new MemoryJournalStore()
      let isAtWork = (): void => undefined
      const atWork = new Promise<void>(resolve => {
        isAtWork = resolve
      })
      const never: Script = () => {
        isAtWork()
        return new Promise(() => undefined)
      }
      const first = definition(store, { Hub: hub, A: 'a', B: 'b', C: never }, maxSteps)
      first.orchestration.start({ task: 'x' }, { runId: 'r', logger: silent })
      await atWork
      // The process dies with C at work: its fourth step.
      await store.close()
      const second = definition(store.reopen(), { Hub: hub, A: 'a', B: 'b', C: 'c' }, maxSteps)
      const resumed = await second.orchestration.resume('r')
      if (maxSteps === 5) expect(((await resumed.result) as TopologyOutcome).response).toBe('the summary')
      else await expect(resumed.result).rejects.toMatchObject({ cause: { code: 'NEVER_COMPLETES' } })
    }
  })

  it('S1-60 says so when somebody at work answers to nobody in the topology that it goes on with', async () => {
    const store = new MemoryJournalStore()
    const scripts = { A: 'a', B: 'b', C: 'c' }
    const make = (edges: readonly string[]) => {
      const topology = ensureTopology({ nodes: ['User', 'A', 'B', 'C'], edges })
      return compileTopology(topology, { registry: new Cast(scripts).registry }).configure({ store, logger: silent })
    }
    const before = make(['User -> A -> B -> C -> User'])
    const run = before.start({ task: 'x' }, { runId: 'r' })
    const paused = new Promise<void>(resolve => {
      run.on('state.completed', ({ stateName }) => (stateName === 'A' ? resolve(run.pause()) : undefined))
    })
    await paused
    const after = make(['User -> A', 'A <=> B', 'A <=> C', 'A -> User'])
    const resumed = await after.resume('r', { allowModified: true })
    await expect(resumed.result).rejects.toMatchObject({
      cause: { cause: { code: 'DEFINITION_CHANGED', details: { from: 'C', to: 'gather(User)' } } },
    })
  })

  it('S1-45 replays what agents have decided, as events', async () => {
    const store = new MemoryJournalStore()
    const { orchestration } = definition(store, {
      Hub: ({ messages }) => (messages.length <= 2 ? invokeAll(['A', 'C']) : finish('done')),
      A: 'a',
      B: 'b',
      C: 'c',
    })
    await orchestration.run({ task: 'x' }, { runId: 'r' })
    const events: Parameters<typeof turnsOf>[0][number][] = []
    await new Promise<void>((resolve, reject) => {
      orchestration.observe('r').subscribe({ next: event => events.push(event), complete: resolve, error: reject })
    })
    expect(turnsOf(events).map(({ agent, action }) => `${agent}: ${action.type}`)).toEqual([
      'Hub: parallel_invoke',
      'A: final_response',
      'C: final_response',
      'Hub: final_response',
    ])
  })
})
