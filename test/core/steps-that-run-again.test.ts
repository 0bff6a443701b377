import { describe, expect, it } from 'vitest'
import { type Interceptor, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { FailingRunnable } from '../../src/testing/index.js'
import { begin, machine, step } from './machines.js'

const twice: Interceptor = {
  async around(_, next) {
    return next().catch(next)
  },
}

describe('S4-28 a step that runs again', () => {
  it('has the same idempotency key, so that a server can recognise the second call', async () => {
    const keys: string[] = []
    const flaky = step<number, number>('Flaky', (n, context) => {
      keys.push(context.idempotencyKey)
      if (keys.length === 1) throw new Error('the answer was lost')
      return n
    }).configure({ interceptors: [twice] })
    await machine(flaky).run(1, { runId: 'r' })
    expect(keys).toEqual(['r/0:0', 'r/0:0'])
  })

  it('gets its input unchanged', async () => {
    const failing = new FailingRunnable<number, string>({ failures: 1, output: n => `${n}` })
    expect(await machine(failing.configure({ interceptors: [twice] })).run(3)).toBe('3')
  })

  it('has another key in the next round of a loop', async () => {
    const keys: string[] = []
    const loop = step<number, number>('Loop', (n, context) => {
      keys.push(context.idempotencyKey)
      return n + 1
    })
    loop.addAdvancer(n => n < 3, loop).addAdvancer(step<number, number>('End', n => n))
    await machine(loop).run(1, { runId: 'r' })
    expect(keys).toEqual(['r/0:0', 'r/0:1'])
  })
})

describe('S0-08, S0-26 a state', () => {
  it('may be synchronous, and reports its progress into the stream', async () => {
    class Working extends OrchestrationRunnable<number, string> {
      invoke(n: number, context: RunContext) {
        context.emit({ type: 'custom', name: 'progress', data: { done: 1, of: n } })
        return 'end'
      }
    }
    const { run, events } = begin(machine(new Working()), 2)
    expect(await run.result).toBe('end')
    expect(events.ofType('custom')).toMatchObject([
      { name: 'progress', data: { done: 1, of: 2 }, stateName: 'Working' },
    ])
  })
})
