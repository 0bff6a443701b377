import { IsInt, IsString } from 'class-validator'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  DelayRunnable,
  JoinRunnable,
  type Orchestration,
  type OrchestrationEvent,
  type OrchestrationRun,
  OrchestrationRunnable,
  Rejected,
  type RunContext,
  type RunOptions,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { Journal, type JournalStore, MemoryJournalStore } from '../../src/durability/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { fork, Machine, step } from '../core/machines.js'

/** A value that is of a class. */
export class Draft {
  @IsString() title!: string
  @IsInt() version!: number

  static of(title: string, version = 1): Draft {
    return Object.assign(new Draft(), { title, version })
  }
}

/** What is sent to the signal state. */
export class Reply {
  @IsString() text!: string

  static of(text: string): Reply {
    return Object.assign(new Reply(), { text })
  }
}

/** A machine of these samples; what it takes and returns is up to the test. */
export type Sample = Orchestration<never, unknown>
type State = OrchestrationRunnable<unknown, unknown>

/** Which states have been invoked, in all machines that were made with the list. */
export type Invoked = string[]

export function add(name: string, invoked: Invoked, by = 1): OrchestrationRunnable<number, number> {
  return step<number, number>(name, (input, context: RunContext) => {
    invoked.push(name)
    const total = (context.properties.get('total') as number | undefined) ?? 0
    context.properties.set('total', total + by)
    return input + by
  })
}

export function linear(invoked: Invoked = []): Sample {
  const c = add('C', invoked)
  return new Machine(add('A', invoked).addAdvancer(add('B', invoked).addAdvancer(c))) as Sample
}

export class Sum extends JoinRunnable<number, number> {
  join(items: readonly number[]): number {
    return items.reduce((a, b) => a + b, 0)
  }
}

export function fanOut(invoked: Invoked = []): Sample {
  const sum = new Sum().configure({ name: 'Sum' }).addAdvancer(add('End', invoked)) as OrchestrationRunnable<
    number,
    number
  >
  const branch = (name: string, by: number): OrchestrationRunnable<number, number> =>
    add(`${name}1`, invoked, by).addAdvancer(add(`${name}2`, invoked, by).addAdvancer(sum))
  return new Machine(fork('Fork', branch('L', 1), branch('M', 10), branch('R', 100)) as State) as unknown as Sample
}

export function loop(invoked: Invoked = []): Sample {
  const count = add('Count', invoked)
  count.addAdvancer(n => n < 4, count).addAdvancer(add('Done', invoked, 100))
  return new Machine(count) as Sample
}

/** Drafts until somebody approves; `Hold` waits for a message in between. */
export function approval(invoked: Invoked = []): Sample {
  const write = step<Draft, Draft>('Write', ({ title, version }) => {
    invoked.push('Write')
    return Draft.of(title, version + 1)
  }).configure({ input: Draft, output: Draft }) as OrchestrationRunnable<Draft, Draft>
  const publish = step<Draft, string>('Publish', ({ title, version }) => {
    invoked.push('Publish')
    return `${title} v${version}`
  }).configure({ input: Draft }) as OrchestrationRunnable<Draft, string>
  const hold = new SignalRunnable<Draft, Reply>({ signal: Reply }).configure({ name: 'Hold' }).addAdvancer(
    () => true,
    write,
    reply => Draft.of(reply.text, 0),
  ) as OrchestrationRunnable<Draft, Reply>
  const check = new ApprovalRunnable<Draft>()
    .configure({ name: 'Check' })
    .addAdvancer(
      outcome => outcome instanceof Approved,
      publish,
      ({ subject }) => subject,
    )
    .addAdvancer(
      outcome => outcome instanceof Rejected,
      hold,
      ({ subject }) => subject,
    )
  write.addAdvancer(check as OrchestrationRunnable<Draft, unknown>)
  return new Machine<Draft, string>(write) as unknown as Sample
}

export function inner(invoked: Invoked = []): Orchestration<number, number> {
  const ask = new ApprovalRunnable<number>()
    .configure({ name: 'Ask' })
    .addAdvancer(
      outcome => outcome instanceof Approved,
      add('InnerEnd', invoked),
      ({ subject }) => subject,
    )
    .addAdvancer(
      outcome => outcome instanceof Rejected,
      add('InnerNo', invoked, -1000),
      ({ subject }) => subject,
    )
  return new Machine<number, number>(
    add('InnerStart', invoked).addAdvancer(ask as OrchestrationRunnable<number, unknown>),
  )
}

/** Two runs inside, side by side. */
export function nested(invoked: Invoked = []): Sample {
  const sum = new Sum().configure({ name: 'Sum' }).addAdvancer(add('End', invoked)) as OrchestrationRunnable<
    number,
    number
  >
  const sub = (name: string): OrchestrationRunnable<number, number> =>
    new SubOrchestrationRunnable(inner(invoked)).configure({ name }).addAdvancer(sum) as OrchestrationRunnable<
      number,
      number
    >
  return new Machine(
    add('Begin', invoked).configure({ parallelAdvances: true }).addAdvancer(sub('Left')).addAdvancer(sub('Right')),
  ) as unknown as Sample
}

/** Waits of every kind, a time limit of a join among them, and a branch that comes too late for it. */
export function timed(invoked: Invoked = []): Sample {
  const late = step<number, number>('Late', async (input, context) => {
    await context.sleep(500)
    invoked.push('Late')
    return input
  })
  const gather = new CollectRunnable<number>({ timeoutMs: 100, onInsufficient: 'proceed', policy: { quorum: 2 } })
    .configure({ name: 'Gather' })
    .addAdvancer(step('Out', items => items) as never) as unknown as OrchestrationRunnable<number, number>
  const early = new DelayRunnable<number>(30).configure({ name: 'Delay' }).addAdvancer(gather) as State
  const never = new SignalRunnable<number, number>({ timeoutMs: 40 })
    .configure({ name: 'Never' })
    .addAdvancer(gather as never)
    .onError(
      () => true,
      gather as never,
      () => -1,
    ) as unknown as State
  const unanswered = new ApprovalRunnable<number>({ timeoutMs: 60 }).configure({ name: 'Unanswered' }).addAdvancer(
    () => true,
    gather as never,
    () => -2,
  ) as unknown as State
  late.addAdvancer(gather)
  return new Machine(
    fork('Fork', early as never, late as never, never as never, unanswered as never) as State,
    gather as never,
  ) as unknown as Sample
}

/** A run that is kept, and all there is to look at it with. */
export interface Kept {
  readonly store: MemoryJournalStore
  readonly clock: ManualClock
  readonly orchestration: Sample
  readonly journal: Journal<never, unknown>
  readonly run: OrchestrationRun<unknown>
  readonly events: EventRecorder
}

/** Starts a run that is kept. */
export function keep(
  orchestration: Sample,
  input: unknown,
  options: RunOptions = {},
  store = new MemoryJournalStore(),
): Kept {
  const clock = new ManualClock(1_000_000)
  orchestration.configure({ clock })
  const run = orchestration.start(input as never, { store, runId: 'run', ...options })
  return {
    store,
    clock,
    orchestration,
    journal: new Journal(orchestration, { store }),
    run,
    events: new EventRecorder(run),
  }
}

/** How a run went. */
export interface Went {
  readonly status: string
  readonly output: unknown
}

/** Answers what a run asks, unless told not to, and waits for its end. */
export async function toEnd(
  run: OrchestrationRun<unknown>,
  clock: ManualClock,
  how: 'approve' | 'reject' | 'silent' = 'approve',
): Promise<Went> {
  let output: unknown
  const settled = run.result.then(
    value => {
      output = value
    },
    (thrown: Error) => {
      output = thrown.message
    },
  )
  const isOver = (): boolean => ['completed', 'failed', 'cancelled'].includes(run.status)
  for (let turns = 0; !isOver(); turns++) {
    if (turns > 300) throw new Error(`The run hangs; it is ${run.status}.`)
    for (const { id, kind } of how === 'silent' ? [] : run.requests) {
      const answer =
        kind === 'signal' ? run.signal(id, Reply.of('again')) : how === 'approve' ? run.approve(id) : run.reject(id)
      // Another one may have come in between.
      await answer.catch(() => undefined)
    }
    await clock.advance(10)
  }
  await settled
  return { status: run.status, output }
}

/** A run that has ended, recorded. */
export async function ended(
  orchestration: Sample,
  input: unknown,
  options: RunOptions = {},
  how: 'approve' | 'reject' | 'silent' = 'approve',
): Promise<Kept & Went> {
  const kept = keep(orchestration, input, options)
  return { ...kept, ...(await toEnd(kept.run, kept.clock, how)) }
}

/** All that a store has of a run, byte for byte. */
export async function everythingOf(store: JournalStore, runId = 'run'): Promise<unknown> {
  return {
    record: await store.get(runId),
    entries: await store.read(runId),
    snapshot: await store.snapshot(runId),
    answers: await store.answers(runId),
    requests: (await store.requests({ runId })).requests,
    checkpoints: await store.documents(`checkpoints/${runId}`),
  }
}

/** The last event of a list that is of a type. */
export function lastOf<T extends OrchestrationEvent['type']>(events: readonly OrchestrationEvent[], type: T) {
  return events.findLast(event => event.type === type) as Extract<OrchestrationEvent, { type: T }> | undefined
}
