import { describe, expect, it } from 'vitest'
import { CollectRunnable, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { begin, each, machine, pass, rejection, say } from './machines.js'

class Hooked extends OrchestrationRunnable<unknown, unknown> {
  readonly calls: string[] = []
  constructor(
    readonly hooks: {
      initialize?: () => unknown
      cleanup?: (context: RunContext) => unknown
      invoke?: () => unknown
    } = {},
  ) {
    super()
  }
  override async initialize() {
    this.calls.push('initialize')
    await this.hooks.initialize?.()
  }
  invoke(input: unknown) {
    this.calls.push('invoke')
    this.hooks.invoke?.()
    return input
  }
  override async cleanup(context: RunContext) {
    this.calls.push('cleanup')
    await this.hooks.cleanup?.(context)
  }
}

const silent = { warn: () => undefined }

describe('the hooks of a state (S4-37)', () => {
  it('are called once per run, however often the state is invoked', async () => {
    const state = new Hooked().addAdvancer(new CollectRunnable<unknown>().configure({ name: 'J' }))
    const orchestration = machine(pass('Start').addAdvancer(each<number>('Hooked') as never), state)
    await orchestration.run([1, 2, 3])
    await orchestration.run([1])
    expect(state.calls.join(' ')).toBe('initialize invoke invoke invoke cleanup initialize invoke cleanup')
  })

  it('are not called for a state that is never reached', async () => {
    const state = new Hooked()
    await machine(
      pass('Start')
        .addAdvancer(() => false, state)
        .addAdvancer(say('End')),
    ).run(1)
    expect(state.calls).toEqual([])
  })

  it.each([
    [
      'the run fails',
      {
        invoke: () => {
          throw new Error('boom')
        },
      },
    ],
    ['initialize fails', { initialize: () => Promise.reject(new Error('boom')) }],
  ])('clean up when %s, and the state fails with the error', async (_, hooks) => {
    const state = new Hooked(hooks)
    const error = await rejection(machine(state).run(1))
    expect(error).toMatchObject({ stateName: 'Hooked', cause: { message: 'boom' } })
    expect(state.calls.filter(call => call === 'cleanup')).toHaveLength(1)
  })

  it('clean up when the run is cancelled, before it ends', async () => {
    let cleaned = false
    const state = new Hooked({
      invoke: () => undefined,
      cleanup: async () =>
        Promise.resolve().then(() => {
          cleaned = true
        }),
    })
    const { run, events } = begin(
      machine(state.addAdvancer(async () => new Promise<boolean>(() => undefined), say('B'))),
      1,
    )
    while (!events.types.includes('state.completed')) await Promise.resolve()
    run.cancel()
    await rejection(run.result)
    expect(cleaned).toBe(true)
  })

  it('clean up in reverse order', async () => {
    const order: string[] = []
    const a = new Hooked({ cleanup: () => order.push('a') }).configure({ name: 'A' }) as Hooked
    const b = new Hooked({ cleanup: () => order.push('b') }).configure({ name: 'B' }) as Hooked
    await machine(a.addAdvancer(b)).run(1)
    expect(order).toEqual(['b', 'a'])
  })

  it('that throw while cleaning up are an event and a warning, and do not change the outcome', async () => {
    const warnings: string[] = []
    const state = new Hooked({
      cleanup: () => {
        throw new Error('leak')
      },
    })
    const { run, events } = begin(machine(state), 1, {
      logger: { warn: (message, error) => warnings.push(`${message}: ${error.message}`) },
    })
    expect(await run.result).toBe(1)
    expect(warnings).toEqual(['cleanup() of state "Hooked" threw; the outcome of the run stands: leak'])
    events.expectInOrder([{ type: 'hook.failed', stateName: 'Hooked', hook: 'cleanup' }, 'orchestration.completed'])
    const failing = new Hooked({
      cleanup: () => Promise.reject(new Error('leak')),
      invoke: () => {
        throw new Error('boom')
      },
    })
    expect((await rejection(machine(failing).run(1, { logger: silent }))).cause).toMatchObject({ message: 'boom' })
  })

  it('may still emit and use their signal while cleaning up', async () => {
    let aborted: boolean | undefined
    const state = new Hooked({
      cleanup: context => {
        aborted = context.signal.aborted
        context.emit({ type: 'custom', name: 'closed' })
      },
    })
    const { run, events } = begin(machine(state), 1)
    await run.result
    expect(aborted).toBe(false)
    events.expectInOrder([{ type: 'custom', name: 'closed', stateName: 'Hooked' }, 'orchestration.completed'])
  })

  it('may be synchronous', async () => {
    const calls: string[] = []
    const state = Object.assign(pass('A'), {
      initialize: () => void calls.push('in'),
      cleanup: () => void calls.push('out'),
    })
    await machine(state).run(1)
    expect(calls).toEqual(['in', 'out'])
  })
})
