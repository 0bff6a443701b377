import {
  Advancer,
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  DelayRunnable,
  Expired,
  type Orchestration,
  OrchestrationAdvancer,
  type OrchestrationEvent,
  OrchestrationRunnable,
  Rejected,
  Runnable,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import type { DiagramOutline } from '../../src/graph/index.js'
import { begin, each, fail, fork, type Machine, machine, pass, say, slow, step } from '../core/machines.js'

/** Two states, the second with a declared type. */
export function linear(): Machine<unknown, unknown> {
  return machine(pass('First').addAdvancer(say('Second')))
}

class Draft {
  score = 0
}

@Runnable({ input: String, output: Draft })
class Writing extends OrchestrationRunnable<string, Draft> {
  async invoke(_topic: string): Promise<Draft> {
    return Object.assign(new Draft(), { score: 9 })
  }
}

function isWeak(draft: Draft): boolean {
  return draft.score < 5
}

/** Written until it is good enough, then approved by a person. */
export function review(): Orchestration<string, unknown> {
  const writing = new Writing()
  const approval = new ApprovalRunnable<Draft>().configure({ name: 'Approval', input: Draft })
  const publish = step<Draft, string>('Publish', () => 'published')
  writing
    .addAdvancer(isWeak, 'Writing', draft => String(draft.score))
    .addAdvancer(draft => draft.score >= 5, approval)
    .onError('Apology')
  approval
    .addAdvancer(
      outcome => outcome instanceof Approved,
      publish,
      outcome => outcome.subject,
    )
    .addAdvancer(
      outcome => outcome instanceof Rejected,
      writing,
      () => 'again',
    )
    .addAdvancer(outcome => outcome instanceof Expired, 'Apology')
  return machine<string, unknown>(writing, say('Apology'))
}

/** Branches, one of which fails and is caught, one an orchestration of its own, joined and handed on. */
export function nested(): Machine<unknown, unknown> {
  const deep = machine(slow('Deep', 1500))
  deep.configure({ name: 'DeepMachine' })
  const innermost = new SubOrchestrationRunnable<unknown, unknown>(deep).configure({ name: 'Level 2' })
  const inner = machine(pass('Inner').addAdvancer(innermost.addAdvancer(say('Inner end'))))
  inner.configure({ name: 'InnerMachine' })
  const gather = new CollectRunnable<unknown>({ policy: { quorum: 3 } }).configure({ name: 'Gather' })
  const sub = new SubOrchestrationRunnable<unknown, unknown>(inner).configure({ name: 'Level 1' }).addAdvancer(gather)
  const broken = fail('Broken').onError(gather)
  const counted = step<unknown, string>('Counted', (_, context) => {
    context.usage({ model: 'small', inputTokens: 120, outputTokens: 30, cost: 0.004 })
    return 'counted'
  }).addAdvancer(gather)
  gather.addAdvancer(say('End'))
  return machine(fork('Fork', sub, broken, counted))
}

class Anywhere extends OrchestrationAdvancer<unknown> {
  getNextRunnable(): string {
    return 'Surprise'
  }
}

/** An advancer that does not say where it leads. */
export function undeclared(): Machine<unknown, unknown> {
  return machine(pass('Chooser').addAdvancer(new Anywhere()), say('Surprise'), say('Never'))
}

@Advancer({ sends: ['Square'] })
class SendEach extends OrchestrationAdvancer<readonly number[]> {
  getNextRunnable(): null {
    return null
  }
}

/** Values that are sent, a signal, a delay, a loop onto itself, and several instances of one class. */
export function kinds(): Machine<unknown, unknown> {
  const numbers = step<unknown, readonly number[]>('Numbers', () => [1, 2, 3]).addAdvancer(each<number>('Square'))
  const square = step<number>('Square', value => value * value)
  const sum = new CollectRunnable<number>().configure({ name: 'Sum' })
  const delay = new DelayRunnable<unknown>(1000).configure({ name: 'Delay' })
  const reply = new SignalRunnable<unknown, string>({ signal: String }).configure({ name: 'Reply' })
  const again = step<string>('Again', text => text)
  const sentNowhere = step<string, readonly number[]>('Sender', () => []).addAdvancer(new SendEach())
  again
    .addAdvancer(text => text === 'more', again)
    .addAdvancer(text => text === 'send', sentNowhere)
    .addAdvancer(say('Done'))
  square.addAdvancer(sum)
  sum.addAdvancer(delay.addAdvancer(reply.addAdvancer(again)))
  return machine(numbers, square)
}

/** A run to its end, answered and timed by `work`. */
export async function eventsOf<TIn>(
  orchestration: Orchestration<TIn, unknown>,
  input: TIn,
  work: (started: ReturnType<typeof begin<TIn, unknown>>) => Promise<void> = async ({ clock }) => {
    await clock.advance(60_000)
  },
): Promise<readonly OrchestrationEvent[]> {
  const started = begin(orchestration, input)
  await work(started)
  return started.events.events
}

/** Two nodes that begin at once, one of them with nodes and one with an orchestration inside, and a route for failures. */
export function outlined(): DiagramOutline {
  const inner: DiagramOutline = {
    name: 'Inside',
    nodes: [
      { name: 'c', kind: 'work' },
      { name: 'd', kind: 'orchestration', inner: linear() },
    ],
    ways: [],
  }
  return {
    name: 'Outlined',
    nodes: [
      { name: 'a', kind: 'orchestration', kindText: 'loop: 3 < 4', inner },
      { name: 'b', kind: 'approval', kindText: 'approval' },
      { name: 'e', kind: 'join' },
    ],
    ways: [
      { from: 'a', to: 'e', advancer: '→ e', label: '', onError: false },
      { from: 'b', to: 'e', advancer: 'on_reject', label: 'rejected', onError: true },
    ],
  }
}
