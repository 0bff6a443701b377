import { describe, expect, it } from 'vitest'
import { OrchestrationFailedError } from '../../src/core/index.js'
import { type OrchestrationError } from '../../src/errors/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { compileTopology, Topology } from '../../src/topology/index.js'
import { Cast, finish, invokeAll, play, type Script } from './agents-at-work.js'

const ring = { nodes: ['User', 'A', 'B'], edges: ['User -> A', 'A -> B', 'B -> A', 'B -> User'] }
const fan = { nodes: ['User', 'P', 'A', 'B', 'C'], edges: ['User -> P', 'P -> A', 'P -> B', 'P -> C'] }
const never: Script = (_, _turn, signal) =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))

const causeOf = (error: Error | undefined): OrchestrationError =>
  (error as OrchestrationFailedError).cause as OrchestrationError

describe('S1-07: rules at work', () => {
  it('S1-50 S1-68 fails at max_steps, counted over all branches, and says so', async () => {
    const { error, steps } = await play(
      { ...ring, rules: ['max_turns(A <-> B, 1000)', 'max_steps(7)'] },
      { A: 'a', B: 'b' },
    )
    expect(steps).toHaveLength(7)
    expect(causeOf(error)).toMatchObject({ code: 'NEVER_COMPLETES', details: { maxSteps: 7 } })
    expect(error?.message).toContain('max_steps: the agents have had all 7 steps')
  })

  it('S1-50 counts branches that work side by side', async () => {
    const scripts = { P: 'p', A: 'a', B: 'b', C: 'c' }
    expect((await play(fan, scripts, { maxSteps: 4 })).error).toBeUndefined()
    const { error, steps } = await play(fan, scripts, { maxSteps: 3 })
    expect(steps).toHaveLength(3)
    expect(causeOf(error)).toMatchObject({ code: 'NEVER_COMPLETES' })
  })

  it('S1-50 has a hundred steps if nobody says otherwise', async () => {
    const { steps, error } = await play({ ...ring, rules: ['max_turns(A <-> B, 1000)'] }, { A: 'a', B: 'b' })
    expect(steps).toHaveLength(100)
    expect(causeOf(error).code).toBe('NEVER_COMPLETES')
  })

  it('S1-22 S1-42 fails the run at its timeout', async () => {
    const clock = new ManualClock()
    const cast = new Cast({ A: never, B: 'b' })
    const topology = Topology.of({ ...ring, rules: ['timeout(300)'] })
    const run = compileTopology(topology, { registry: cast.registry }).configure({ clock }).start({ task: 'x' })
    await clock.advance(299_999)
    expect(run.status).toBe('running')
    await clock.advance(1)
    await expect(run.result).rejects.toMatchObject({ cause: { code: 'RUN_TIMED_OUT' } })
  })

  it('S1-68 S1-42 fails an agent at its own timeout', async () => {
    const clock = new ManualClock()
    const cast = new Cast({ P: 'p', A: never, B: 'b', C: 'c' })
    const topology = Topology.of({ ...fan, rules: ['agent_timeout(A: 120, default: 90)'] })
    const run = compileTopology(topology, { registry: cast.registry }).configure({ clock }).start({ task: 'x' })
    await clock.advance(119_999)
    expect(run.status).toBe('running')
    await clock.advance(1)
    await expect(run.result).rejects.toMatchObject({ cause: { code: 'STATE_TIMED_OUT' }, stateName: 'A' })
    expect(cast.asked('C')).toHaveLength(1)
  })

  it('S1-68 has so many agents at work at once with max_agents', async () => {
    let atWork = 0
    let most = 0
    const busy: Script = async () => {
      most = Math.max(most, ++atWork)
      await new Promise(resolve => setImmediate(resolve))
      atWork--
      return 'done'
    }
    await play({ ...fan, rules: ['max_agents(2)'] }, { P: 'p', A: busy, B: busy, C: busy })
    expect(most).toBe(2)
  })

  it('S1-68 has an agent begin so often with rate_limit', async () => {
    const clock = new ManualClock()
    const cast = new Cast({
      P: (_, turn) => (turn === 1 ? invokeAll(['A', 'B']) : finish('p')),
      A: 'a',
      B: 'b',
      C: 'c',
    })
    const topology = Topology.of({
      nodes: ['User', 'P', 'A', 'B', 'C'],
      edges: ['User -> P', 'P -> A', 'P -> B', 'A <=> C', 'B <=> C'],
      rules: ['rate_limit(C, 1/min)'],
    })
    const run = compileTopology(topology, { registry: cast.registry }).configure({ clock }).start({ task: 'x' })
    await clock.advance(59_000)
    expect(cast.asked('C')).toHaveLength(1)
    await clock.advance(1_000)
    await run.result
    expect(cast.asked('C')).toHaveLength(2)
  })
})

describe('S1-42: what fails', () => {
  const failing: Script = () => new Error('out of order')

  it('lets siblings finish, then fails the run with all that failed (C14)', async () => {
    const { error, steps } = await play(fan, { P: 'p', A: failing, B: 'b', C: failing })
    expect(steps).toEqual(['P', 'B'])
    const messages = (error as OrchestrationFailedError).errors.map(({ message }) => message)
    expect(messages.filter(message => message.includes('out of order'))).toHaveLength(2)
  })

  it('stops the siblings with `failFast`', async () => {
    const { events } = await play(fan, { P: 'p', A: failing, B: never, C: never }, { failure: 'failFast' })
    expect(events.filter(event => event.type === 'state.skipped')).toHaveLength(2)
  })

  it('is no failure where the first answer is enough', async () => {
    const { outcome } = await play(fan, {
      P: (_, turn) => (turn === 1 ? invokeAll(['A', 'B'], false) : finish('p')),
      A: failing,
      B: async () => {
        await new Promise(resolve => setImmediate(resolve))
        return 'b'
      },
      C: 'c',
    })
    expect(outcome?.response).toBe('p')
  })

  it('fails the agent that waits for all answers, with what its callee failed of', async () => {
    const { error } = await play(
      { nodes: ['User', 'P', 'A', 'B'], edges: ['User -> P', 'P <=> A', 'P <=> B'] },
      { P: 'p', A: failing, B: 'b' },
    )
    expect((error as OrchestrationFailedError).errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('out of order'),
    ])
  })
})
