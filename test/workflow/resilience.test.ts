import 'reflect-metadata'
import { expect, test } from 'vitest'
import { CircuitBreaker } from '../../src/resilience/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { nodeStatuses, parseWorkflow } from '../../src/workflow/index.js'
import { agentsOf, call, compiled, definition, faultsOf, ran } from './runs.js'

const fails = (): never => {
  throw new Error('down')
}

test('S2-38: a node is tried again, with waits in seconds, and its attempts are counted', async () => {
  let calls = 0
  const agents = { a: () => (++calls < 3 ? fails() : 'at last') }
  const json = definition([call('a', { retry: { max_retries: 3, backoff_type: 'fixed', initial_delay: 5 } })])
  const clock = new ManualClock()
  const run = compiled(json, { agents }).start({}, { clock, retainEvents: true })
  const delays: number[] = []
  run.on('state.retrying', ({ delayMs }) => {
    delays.push(delayMs)
    return clock.advance(delayMs)
  })
  expect((await run.result).output).toBe('at last')
  expect(delays).toEqual([5000, 5000])
  const events: any[] = [] // any: JSON that the test knows the form of
  run.eventsFrom(0).subscribe(event => events.push(event))
  expect(nodeStatuses(parseWorkflow(json), events)).toMatchObject([{ attempts: 3, status: 'completed' }])
})

test('a number of attempts alone is enough; when they are used up a fallback answers, with templates', async () => {
  const { agents, calls } = agentsOf({ a: fails })
  const retry = { max_retries: 2, initial_delay: 0 }
  const { output } = await ran(
    definition([call('a', { retry, fallback: { text: '{{input.t}}' } })]),
    { agents },
    { t: 1 },
  )
  expect(calls).toHaveLength(2)
  expect(output.a).toEqual({ text: 1 })
  expect(parseWorkflow(definition([call('a', { retry: 4 })])).nodes[0]?.retry).toEqual({ max_retries: 4 })
  expect(faultsOf(definition([call('a', { retry: { max_retries: 0, backof_type: 'x' } })]))).toEqual([
    'nodes[0].retry.backof_type: Key "backof_type" is unknown. Did you mean "backoff_type"?',
    'nodes[0].retry.max_retries: It is 0 (a number). It has to be a whole number from 1 to 100.',
  ])
})

test('a node that takes longer than its `timeout` in seconds fails', async () => {
  const clock = new ManualClock()
  const agents = { a: () => new Promise(() => undefined) }
  const run = compiled(definition([call('a', { timeout: 30 })]), { agents }).start({}, { clock })
  run.on('state.started', ({ stateName }) => (stateName === 'a' ? clock.advance(30_000) : undefined))
  await expect(run.result).rejects.toThrow('30000 ms')
})

test('what is inside of a node has to be done within its `timeout`, too', async () => {
  const agents = { a: () => new Promise(() => undefined), shout: () => 1 }
  const workflows = () => parseWorkflow(definition([call('a')]))
  const bodies = [
    { type: 'parallel_group', config: { nodes: [call('a')] } },
    { type: 'loop', config: { for_each: [1], body: [call('a')] } },
    { type: 'subworkflow', config: { workflow_id: 'w' } },
  ]
  for (const body of bodies) {
    const clock = new ManualClock()
    const json = definition([{ id: 'n', timeout: 30, on_error: 'late', ...body }, call('late', { agent_id: 'shout' })])
    const run = compiled(json, { agents, workflows }).start({}, { clock })
    run.on('state.started', ({ stateName }) => (stateName === 'a' ? clock.advance(30_000) : undefined))
    expect(await run.result).toEqual({ late: 1, output: 1 })
  }
})

test('S2-17, S2-32, S2-33: five failures in a row open the breaker of an agent for 30 s, then one call tries', async () => {
  let down = true
  let calls = 0
  const agents = { flaky: () => (calls++, down ? fails() : 'up') }
  const breakers = new Map<string, CircuitBreaker>()
  const clock = new ManualClock()
  const workflow = compiled(definition([call('one', { agent_id: 'flaky' })]), { agents, breakers })
  const other = compiled(definition([call('two', { agent_id: 'flaky' })]), { agents, breakers })
  const outcome = (which: typeof workflow) =>
    which.run({}, { clock }).then(
      ({ output }) => output,
      (error: Error) => error.message,
    )
  for (let number = 0; number < 5; number++) expect(await outcome(workflow)).toContain('down')
  expect(breakers.get('flaky')?.state.kind).toBe('open')
  expect(await outcome(other)).toContain('flaky')
  expect(calls).toBe(5)
  await clock.advance(30_000)
  down = false
  expect(await outcome(other)).toBe('up')
  expect(breakers.get('flaky')?.state).toEqual({ kind: 'closed', failures: 0 })
  expect(calls).toBe(6)
})

test('S2-33: the breaker takes other settings', async () => {
  const breakers = new Map<string, CircuitBreaker>()
  const workflow = compiled(definition([call('a')]), {
    agents: { a: fails },
    breakers,
    circuitBreaker: { failure_threshold: 1 },
  })
  await workflow.run({}).catch(() => undefined)
  expect(breakers.get('a')?.state.kind).toBe('open')
})
