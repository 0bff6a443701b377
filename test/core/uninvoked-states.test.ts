import { describe, expect, it } from 'vitest'
import {
  type AnyRunnable,
  ApprovalRunnable,
  DelayRunnable,
  type Interceptor,
  SignalRunnable,
  SubOrchestrationRunnable,
  WiringError,
} from '../../src/core/index.js'
import { machine, pass } from './machines.js'

const plain: Interceptor = { kind: 'retry', around: (_call, next) => next() }
const nested: Interceptor = { kind: 'budget', nested: true, around: (_call, next) => next() }

class Reviewing extends ApprovalRunnable<string> {}
class Hearing extends SignalRunnable<string, string> {}

function faultsOf(state: unknown) {
  try {
    void machine(pass<string>('Start').addAdvancer(state as never)).graph
  } catch (thrown) {
    if (thrown instanceof WiringError) return thrown.faults
    throw thrown
  }
  return []
}

describe('an interceptor that is given to a state that is not invoked', () => {
  const states: readonly [what: string, state: () => AnyRunnable, message: string][] = [
    ['an approval', () => new Reviewing() as unknown as AnyRunnable, 'a state that waits'],
    ['a signal', () => new Hearing() as unknown as AnyRunnable, 'a state that waits'],
    ['a delay', () => new DelayRunnable(1) as unknown as AnyRunnable, 'a state that waits'],
    [
      'a sub-orchestration',
      () => new SubOrchestrationRunnable(machine(pass('Inner'))) as AnyRunnable,
      'an orchestration, which is run',
    ],
  ]

  it.each(states)('is a fault of the definition: %s', (_what, state, is) => {
    const faults = faultsOf(state().configure({ name: 'It', interceptors: [plain, nested] }))
    expect(faults).toMatchObject([
      {
        code: 'DECLARATION_INVALID',
        stateName: 'It',
        message: `state "It" has the interceptor "retry" around it, but is ${is} and not invoked, so that it would do nothing`,
      },
    ])
  })

  it.each(states)(
    'is taken if it wraps what is inside, or is a default of the whole orchestration: %s',
    (_what, state) => {
      expect(faultsOf(state().configure({ interceptors: [nested] }))).toEqual([])
      const whole = machine(pass<string>('Start').addAdvancer(state() as never)).configure({ interceptors: [plain] })
      expect(() => whole.graph).not.toThrow()
    },
  )
})
