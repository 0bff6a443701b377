import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  CollectRunnable,
  defineOrchestration,
  defineRunnable,
  Orchestration,
  SignalRunnable,
} from '../../src/core/index.js'
import { machine, pass } from './machines.js'

/** Options as plain JavaScript has them. */
const js = (options: object): never => options as never

const simple = () => machine<unknown, unknown>(pass('A'))

describe('misspelt options from plain JavaScript', () => {
  it.each<readonly [string, () => unknown, string]>([
    [
      'a class of orchestrations',
      () => defineOrchestration(class extends Orchestration<unknown, unknown> {}, js({ max_steps: 3 })),
      'maxSteps',
    ],
    ['an orchestration', () => simple().configure(js({ maxsteps: 3 })), 'maxSteps'],
    [
      'a class of states',
      () => defineRunnable(class extends ApprovalRunnable<unknown> {}, js({ allow_dead_end: true })),
      'allowDeadEnd',
    ],
    ['a state', () => pass('A').configure(js({ rerun: 3 })), 'reruns'],
    ['an approval', () => new ApprovalRunnable(js({ timeout_ms: 3 })), 'timeoutMs'],
    ['a signal', () => new SignalRunnable(js({ timeoutMS_: 3 })), 'timeoutMs'],
    ['a run', () => simple().start('x', js({ run_id: 'r' })), 'runId'],
    ['a run that is awaited', () => simple().run('x', js({ timeout_ms: 3 })), 'timeoutMs'],
  ])('are refused by %s, with what was meant', async (_of, action, meant) => {
    const refusal = { code: 'OPTION_INVALID', message: expect.stringContaining(`Did you mean "${meant}"?`) }
    await expect((async () => action())()).rejects.toMatchObject(refusal)
  })

  it('are refused by a join, with the other faults of the definition', () => {
    const misspelt = machine(new CollectRunnable(js({ onInsuficient: 'proceed' })))
    expect(() => misspelt.graph).toThrow('There is no option `onInsuficient` of a join. Did you mean "onInsufficient"?')
  })

  it('are refused with all there are where none is near', () => {
    expect(() => pass('A').configure(js({ wibble: 3 }))).toThrow(
      'There is no option `wibble` of a state. There are: name, parallelAdvances, reruns, allowDeadEnd, interceptors, input, output, advancers.',
    )
  })
})
