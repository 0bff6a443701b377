import { describe, expect, it } from 'vitest'
import { ApprovalRunnable, Approved, SignalRunnable, SubOrchestrationRunnable } from '../../src/core/index.js'
import { FactRecorder } from '../../src/testing/index.js'
import { begin, fail, fork, type Machine, machine, pass, rejection, say, slow, step } from './machines.js'

function nested<TIn, TOut>(orchestration: Machine<TIn, TOut>, name = 'Sub'): SubOrchestrationRunnable<TIn, TOut> {
  return new SubOrchestrationRunnable(orchestration).configure({ name }) as SubOrchestrationRunnable<TIn, TOut>
}

describe('an orchestration as a state', () => {
  it('takes the input, and its result is the output', async () => {
    const inner = machine<number, number>(
      step<number, number>('Inc', n => n + 1).addAdvancer(step<number, number>('Double', n => n * 2)),
    )
    expect(await machine<number>(nested(inner).addAdvancer(step<number, string>('End', n => `${n}`))).run(3)).toBe('8')
  })

  it('puts its events into the outer stream with a path, numbered without gaps, under the outer id', async () => {
    const inner = machine(say('Inner'))
    const middle = machine(nested(inner, 'Deep'))
    const { run, events } = begin(machine(nested(middle).addAdvancer(pass('End'))), 1, { runId: 'r' })
    await run.result
    expect(events.events.map(event => event.seq)).toEqual([...events.events.keys()])
    expect(new Set(events.events.map(event => event.runId))).toEqual(new Set(['r']))
    events.expectInOrder([
      { type: 'state.started', stateName: 'Sub' },
      { type: 'orchestration.started', path: ['Sub'] },
      { type: 'state.started', stateName: 'Inner', path: ['Sub', 'Deep'] },
      { type: 'orchestration.completed', path: ['Sub'] },
      { type: 'state.completed', stateName: 'Sub' },
      { type: 'state.started', stateName: 'End' },
      'orchestration.completed',
    ])
    expect(events.states).toEqual(['Sub', 'End'])
  })

  it('fails the state with its failure, which onError can route', async () => {
    const inner = machine(fail('Inner', 'boom'))
    const error = await rejection(machine(nested(inner)).run(1))
    expect(error).toMatchObject({ stateName: 'Sub', cause: { stateName: 'Inner', cause: { message: 'boom' } } })
    const routed = nested(inner).onError(
      () => true,
      step<string, string>('Rescue', text => text),
      failure => failure.stateName,
    )
    expect(await machine(routed).run(1)).toBe('Sub')
  })

  it('follows the clock, pause, resume and cancel of the outer run', async () => {
    const inner = machine(slow('A', 10).addAdvancer(slow('B', 10)))
    const { clock, run, events } = begin(machine(nested(inner).addAdvancer(pass('End'))), 1)
    await clock.advance(5)
    const paused = run.pause()
    await clock.advance(100)
    await paused
    expect(events.ofType('state.started').map(event => event.stateName)).toEqual(['Sub', 'A'])
    run.resume()
    await clock.advance(5)
    run.cancel('enough')
    await rejection(run.result)
    await clock.advance(100)
    events.expectInOrder([
      { type: 'state.started', stateName: 'B', path: ['Sub'] },
      { type: 'orchestration.cancelled', path: ['Sub'], reason: 'enough' },
      { type: 'orchestration.cancelled', reason: 'enough' },
    ])
    expect(events.types.at(-1)).toBe('orchestration.cancelled')
    expect(clock.pendingTimers).toBe(0)
  })

  it('is cancelled when a sibling fails the outer run', async () => {
    const aborted: boolean[] = []
    const inner = machine(
      step('A', async (_, context) => {
        await context.sleep(1000).catch(() => aborted.push(context.signal.aborted))
      }),
    )
    const failing = step('Fail', async (_, context) => {
      await context.sleep(10)
      throw new Error('boom')
    })
    const { clock, run } = begin(machine(fork('F', nested(inner), failing)), 1)
    await clock.advance(10)
    await rejection(run.result)
    await clock.advance(0)
    expect(aborted).toEqual([true])
  })

  it('has its approvals and signals answered at the outer run: by id, request, name or state', async () => {
    const ask = new ApprovalRunnable<unknown>().configure({ name: 'Ask' }) as ApprovalRunnable<unknown>
    const wait = new SignalRunnable<unknown, string>().configure({ name: 'Wait' }) as SignalRunnable<unknown, string>
    const deepest = machine(fork('F', ask, wait))
    const outer = machine(pass('Start').addAdvancer(nested(machine(nested(deepest, 'Deep')))))
    const open = async () => {
      const begun = begin(outer, 'x')
      await begun.clock.advance(0)
      return begun
    }
    const first = await open()
    expect(first.run.requests).toMatchObject([
      { id: '0:1/0:0/0:0.0:0', stateName: 'Ask', input: 'x' },
      { id: '0:1/0:0/0:0.1:0', stateName: 'Wait' },
    ])
    expect(first.events.ofType('approval.requested')).toMatchObject([{ requestId: '0:1/0:0/0:0.0:0' }])
    await first.run.approve('0:1/0:0/0:0.0:0')
    await first.run.signal('Wait', 'hi')
    expect(await first.run.result).toBe('hi')
    expect(first.events.ofType('approval.answered')).toMatchObject([{ requestId: '0:1/0:0/0:0.0:0' }])

    const second = await open()
    await second.run.reject(second.run.requests[0] as never)
    await second.run.signal(wait, 'ho')
    expect(await second.run.result).toBe('ho')

    const third = await open()
    await third.run.approve(ask)
    await expect(third.run.approve(new ApprovalRunnable<unknown>())).rejects.toThrow('No request "Ask" is open')
    await third.run.signal(wait, 'hm')
    expect(await third.run.result).toBe('hm')
  })

  it('can be in several branches at once', async () => {
    const sub = nested(
      machine(
        step<unknown, unknown>('Ask', n => n).addAdvancer(
          new ApprovalRunnable<unknown>().configure({ name: 'Approve' }) as never,
        ),
      ),
    )
    const { clock, run } = begin(machine(fork('F', say('A').addAdvancer(sub), say('B').addAdvancer(sub))), 1)
    await clock.advance(0)
    expect(run.requests.map(request => request.input)).toEqual(['A', 'B'])
    for (const request of [...run.requests].reverse()) await run.approve(request)
    await run.result
    expect(run.results).toEqual([new Approved('A', {}), new Approved('B', {})])
  })

  it('keeps to its own limits', async () => {
    const loop = pass('Loop')
    loop.addAdvancer(() => true, loop).addAdvancer(say('End'))
    const inner = machine(loop).configure({ maxSteps: 5 })
    const error = await rejection(machine(nested(inner)).run(1))
    expect(error.message).toContain('has invoked 5 states')
  })

  it('is recorded under its own id if the recorder can do that', async () => {
    const recorder = new FactRecorder()
    await machine(pass('Start').addAdvancer(nested(machine(say('Inner'))))).run(1, { runId: 'r', recorder })
    expect([...recorder.children.keys()]).toEqual(['r/0:1'])
    expect(recorder.children.get('r/0:1')?.facts.map(fact => fact.type)).toEqual(['started', 'completed', 'ended'])
  })

  it('that starts while the outer run is pausing is paused too', async () => {
    let write: () => void = () => undefined
    let hold = false
    const recorder = new FactRecorder(async () => {
      if (hold)
        await new Promise<void>(resolve => {
          write = resolve
        })
    })
    const outer = machine(slow('A', 10).addAdvancer(nested(machine(say('Inner')))))
    const { clock, run, events } = begin(outer, 1, { recorder })
    await clock.advance(1)
    hold = true
    await clock.advance(9)
    const paused = run.pause()
    hold = false
    write()
    await paused
    await clock.advance(100)
    expect(events.ofType('state.started').map(event => event.stateName)).toEqual(['A', 'Sub'])
    run.resume()
    expect(await run.result).toBe('Inner')
  })

  it('is checked together with the outer one, before anything runs', async () => {
    const broken = machine(say('Inner').addAdvancer('Nowhere'))
    const outer = machine(say('First').addAdvancer(nested(broken)))
    const error = await rejection(outer.run(1))
    expect(error).toMatchObject({ code: 'WIRING_INVALID' })
    expect(error.message).toMatch(/state "Sub" cannot run: [\s\S]*"Nowhere"/)
  })

  it('that contains itself is refused', async () => {
    const outer = machine<number, unknown>(step<number, number>('First', n => n))
    outer.initialRunnable?.addAdvancer(new SubOrchestrationRunnable(outer).configure({ name: 'Again' }) as never)
    const error = await rejection(outer.run(1))
    expect(error.message).toMatch(/state "Again" cannot run: .*contains itself/)
  })

  it('has the payload types that were set on the instance', async () => {
    const inner = machine<string, string>(step<string, string>('Inner', text => text)).configure({ input: String })
    const error = await rejection(machine(nested(inner)).run(7 as never))
    expect(error.message).toMatch(/Input of state "Sub" is not a string/)
  })
})
