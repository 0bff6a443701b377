import { IsInt, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  type ApprovalOutcome,
  ApprovalRunnable,
  Approved,
  DelayRunnable,
  Expired,
  Rejected,
  SignalRunnable,
  type StateFailure,
} from '../../src/core/index.js'
import { begin, fork, machine, pass, rejection, say, slow, step } from './machines.js'

class Reply {
  @IsString()
  text!: string
  @IsInt()
  stars!: number
}

function routed(approval: ApprovalRunnable<unknown>): ApprovalRunnable<unknown> {
  return approval
    .configure({ name: 'Ask' })
    .addAdvancer(
      (outcome): outcome is Approved<unknown> => outcome instanceof Approved,
      pass('Publish'),
      ({ subject, decision }) => ['published', subject, decision],
    )
    .addAdvancer(
      outcome => outcome instanceof Rejected,
      pass('Revise'),
      outcome => ['revised', outcome.subject],
    )
    .addAdvancer(
      outcome => outcome instanceof Expired,
      pass('Escalate'),
      outcome => ['escalated', outcome.subject],
    ) as ApprovalRunnable<unknown>
}

describe('an approval', () => {
  it('that is approved takes its route, with who decided', async () => {
    const { clock, run, events } = begin(
      machine(routed(new ApprovalRunnable({ message: draft => `Publish ${String(draft)}?` }))),
      'draft',
    )
    await clock.advance(0)
    expect(run.requests).toEqual([
      { id: '0:0', kind: 'approval', stateName: 'Ask', input: 'draft', message: 'Publish draft?', until: undefined },
    ])
    await run.approve('Ask', { by: 'Ada', comment: 'fine' })
    expect(await run.result).toEqual(['published', 'draft', { by: 'Ada', comment: 'fine' }])
    events.expectInOrder([
      { type: 'state.started', stateName: 'Ask' },
      { type: 'state.waiting', kind: 'approval' },
      { type: 'approval.requested', requestId: '0:0', message: 'Publish draft?', subject: 'draft' },
      { type: 'approval.answered', requestId: '0:0', outcome: 'approved', by: 'Ada', comment: 'fine' },
      { type: 'state.completed', stateName: 'Ask' },
    ])
  })

  it('that is rejected takes its own route', async () => {
    const { clock, run } = begin(machine(routed(new ApprovalRunnable())), 'draft')
    await clock.advance(0)
    const answered = run.reject('Ask')
    expect(run.requests).toEqual([])
    await answered
    expect(await run.result).toEqual(['revised', 'draft'])
  })

  it('that nobody answers expires, and takes its own route', async () => {
    const { clock, run, events } = begin(machine(routed(new ApprovalRunnable({ timeoutMs: 1000 }))), 'draft')
    await clock.advance(999)
    expect(run.requests).toMatchObject([{ until: 1000 }])
    await clock.advance(1)
    expect(await run.result).toEqual(['escalated', 'draft'])
    expect(events.ofType('approval.answered')).toMatchObject([{ outcome: 'expired' }])
  })

  it.each(['reject', 'expire'] as const)('with a route for approvals only fails the run on %s', async how => {
    const approval = new ApprovalRunnable<unknown>({ timeoutMs: 10 }).configure({ name: 'Ask' })
    approval.addAdvancer(outcome => outcome instanceof Approved, pass('Publish'))
    const { clock, run } = begin(machine(approval), 1)
    await clock.advance(0)
    if (how === 'reject') await run.reject('Ask')
    await clock.advance(10)
    expect((await rejection(run.result)).cause).toMatchObject({ code: 'UNABLE_TO_ADVANCE' })
  })

  it('of several that are open is answered in any order while other branches run', async () => {
    const asks = ['A', 'B', 'C'].map(name => new ApprovalRunnable<unknown>().configure({ name }))
    const { clock, run, events } = begin(
      machine(fork('F', ...(asks as never[]), slow('Work', 10).addAdvancer(say('Done')))),
      'x',
    )
    await clock.advance(0)
    expect(run.requests.map(request => request.id)).toEqual(['0:0.0:0', '0:0.1:0', '0:0.2:0'])
    await run.reject('C')
    await run.approve(asks[0] as ApprovalRunnable<unknown>)
    await clock.advance(10)
    expect(events.states).toContain('Done')
    await run.approve(run.requests[0] as NonNullable<(typeof run.requests)[0]>)
    await run.result
    expect(run.results.map(result => (result as { outcome?: string }).outcome)).toEqual([
      'approved',
      'approved',
      'rejected',
      undefined,
    ])
  })

  it('of one state in several branches is named by its id', async () => {
    const ask = new ApprovalRunnable<unknown>().configure({ name: 'Ask' })
    const { clock, run } = begin(
      machine(fork('F', say('A').addAdvancer(ask as never), say('B').addAdvancer(ask as never))),
      1,
    )
    await clock.advance(0)
    await expect(run.approve('Ask')).rejects.toThrow(
      'State "Ask" has 2 open requests; say which by its id: 0:0.0:1, 0:0.1:1.',
    )
    await run.approve('0:0.1:1')
    await run.reject('0:0.0:1')
    await run.result
    expect((run.results as ApprovalOutcome<unknown>[]).map(result => result.outcome)).toEqual(['rejected', 'approved'])
  })

  it('cannot be answered twice, nor if it was never asked', async () => {
    const ask = new ApprovalRunnable<unknown>().configure({ name: 'Ask' })
    const { clock, run } = begin(machine(ask.addAdvancer(slow('After', 10) as never)), 1)
    await clock.advance(0)
    const [request] = run.requests
    await expect(run.approve('Other')).rejects.toThrow('No request "Other" is open')
    await run.approve('Ask')
    for (const ref of ['Ask', request as never, ask]) {
      await expect(run.reject(ref)).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    }
    await clock.advance(10)
    await run.result
    await expect(run.approve('Ask')).rejects.toThrow('Open now: none')
  })

  it('whose message throws fails the state', async () => {
    const ask = new ApprovalRunnable<unknown>({
      message: () => {
        throw new Error('no words')
      },
    }).configure({ name: 'Ask' })
    expect((await rejection(machine(ask).run(1))).cause).toMatchObject({ message: 'no words' })
  })

  it('gets its subject as an instance, in the request and in the event', async () => {
    const ask = new ApprovalRunnable<Reply>().configure({ name: 'Ask', input: Reply })
    const { clock, run, events } = begin(machine(ask as never), { text: 'a', stars: 1 })
    await clock.advance(0)
    expect(run.requests[0]?.input).toBeInstanceOf(Reply)
    expect(events.ofType('approval.requested')[0]?.subject).toBeInstanceOf(Reply)
    run.cancel()
  })

  it.each([0, -1, Number.NaN])('refuses a timeout of %d', timeoutMs => {
    expect(() => new ApprovalRunnable({ timeoutMs })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})

describe('a signal', () => {
  const waitForReply = () =>
    new SignalRunnable<unknown, Reply>({ signal: Reply }).configure({ name: 'Wait' }) as SignalRunnable<unknown, Reply>

  it('is the output of the state that waits for it, as an instance', async () => {
    const { clock, run, events } = begin(machine<unknown, Reply>(waitForReply()), 1)
    await clock.advance(0)
    expect(run.requests).toMatchObject([{ kind: 'signal', stateName: 'Wait' }])
    await run.signal<Reply>('Wait' as never, { text: 'hi', stars: 5 })
    expect(await run.result).toBeInstanceOf(Reply)
    expect(events.ofType('state.waiting')).toMatchObject([{ kind: 'signal' }])
  })

  it('with a wrong payload is refused, and the state still waits', async () => {
    const wait = waitForReply()
    const { clock, run } = begin(machine<unknown, Reply>(wait), 1)
    await clock.advance(0)
    const error = await rejection(run.signal(wait, { text: 'hi', stars: 'many' } as never))
    expect(error).toMatchObject({ code: 'PAYLOAD_INVALID' })
    expect(error.message).toContain('Signal of state "Wait" is not a Reply: stars must be an integer')
    expect(run.requests).toHaveLength(1)
    await run.signal(wait, { text: 'hi', stars: 1 })
    expect(await run.result).toMatchObject({ stars: 1 })
  })

  it('that nobody waits for is refused', async () => {
    const wait = waitForReply()
    const { clock, run } = begin(machine(slow('A', 10).addAdvancer(wait as never)), 1)
    await clock.advance(1)
    await expect(run.signal(wait, { text: '', stars: 1 })).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    await clock.advance(10)
    await run.signal(wait, { text: '', stars: 1 })
    await expect(run.signal(wait, { text: '', stars: 2 })).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    expect(await run.result).toMatchObject({ stars: 1 })
  })

  it('that does not come in time fails the state, which onError can route', async () => {
    const wait = new SignalRunnable<unknown, string>({ timeoutMs: 10 }).configure({ name: 'Wait' })
    wait.onError(step<StateFailure, string>('Late', failure => failure.error.message))
    const { clock, run } = begin(machine(wait as never), 1)
    await clock.advance(10)
    expect(await run.result).toContain('Nobody sent the signal that state "Wait" was waiting for in time')
  })

  it('names the branch by the id of the request', async () => {
    const wait = new SignalRunnable<unknown, string>().configure({ name: 'Wait' }) as SignalRunnable<unknown, string>
    const { clock, run } = begin(machine(fork('F', say('A').addAdvancer(wait), say('B').addAdvancer(wait))), 1)
    await clock.advance(0)
    await run.signal('0:0.1:1', 'for B')
    await run.signal(wait, 'for A')
    await run.result
    expect(run.results).toEqual(['for A', 'for B'])
  })
})

describe('a delay', () => {
  it('hands its input on after so many milliseconds, and holds no slot meanwhile', async () => {
    const delay = new DelayRunnable<unknown>(1000).configure({ name: 'Wait' })
    const { clock, run, events } = begin(machine(fork('F', delay as never, slow('A', 10).addAdvancer(say('B')))), 'x', {
      maxConcurrency: 1,
    })
    await clock.advance(10)
    expect(events.states).toContain('B')
    expect(events.ofType('state.waiting')).toMatchObject([{ kind: 'delay', until: 1000 }])
    await clock.advance(990)
    await run.result
    expect(run.results).toEqual(['x', 'B'])
    expect(run.requests).toEqual([])
  })

  it('waits for a moment, also one that follows from its input; the past is no delay', async () => {
    const at = new DelayRunnable<number>(ms => new Date(ms)).configure({ name: 'Wait' })
    const future = begin(machine(at as never), 500 as unknown)
    await future.clock.advance(499)
    expect(future.run.status).toBe('running')
    await future.clock.advance(1)
    expect(await future.run.result).toBe(500)
    const past = begin(machine(new DelayRunnable<unknown>(-5).configure({ name: 'Wait' }) as never), 1 as unknown)
    await past.clock.advance(0)
    expect(await past.run.result).toBe(1)
  })

  it('that is no time fails the state', async () => {
    const delay = new DelayRunnable<unknown>(() => Number.NaN).configure({ name: 'Wait' })
    expect((await rejection(machine(delay as never).run(1))).cause).toMatchObject({ code: 'OPTION_INVALID' })
  })
})
