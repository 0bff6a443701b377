import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  DelayRunnable,
  type Durability,
  type Orchestration,
  type OrchestrationEvent,
  type OrchestrationRunnable,
  SignalRunnable,
  type StateFailure,
  SubOrchestrationRunnable,
  sendTo,
} from '../../src/core/index.js'
import { retry } from '../../src/resilience/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { advancer, fork, machine, step } from '../core/machines.js'
import { type Death, DyingStore } from './probed-store.js'

/** What happened outside of the run. */
class World {
  readonly done: string[] = []
  /** What has been done under a name that must not be done twice. */
  readonly charges: string[] = []
}

type Make = (world: World) => Orchestration<string, unknown>

const tell = (world: World, name: string, ms = 0): OrchestrationRunnable<string, string> =>
  step<string, string>(name, async (text, context) => {
    if (ms > 0) await context.sleep(ms)
    world.done.push(`${context.runId} ${context.token} ${name}`)
    return `${text}${name}`
  })

const machines: Readonly<Record<string, Make>> = {
  'a line with properties, a retry, a result that is kept and a failure that is handled': world => {
    const charge = step<string, string>('Charge', async (text, context) => {
      const id = await context.once('charge', () => {
        world.charges.push(context.token)
        return `#${context.token}`
      })
      context.properties.set('charge', id)
      await context.sleep(1)
      if (context.attempt === 1) throw new Error('again')
      return text + id
    }).configure({ interceptors: [retry({ initialDelayMs: 1 })] }) as OrchestrationRunnable<string, string>
    const broken = step<string, string>('Broken', text => {
      throw new Error(text)
    })
    broken.onError(
      step<StateFailure<string>, string>(
        'Rescue',
        ({ error }, { properties }) => `${error.message}!${properties.get<string>('charge')}`,
      ),
    )
    return machine<string, unknown>(
      tell(world, 'A').addAdvancer(charge.addAdvancer(tell(world, 'B').addAdvancer(broken))),
    )
  },
  'a loop with a fan-out and a join in it': world => {
    const start = tell(world, 'Start').addAdvancer(
      advancer('items', ['Work'], text => [1, 2, 3].map(n => sendTo('Work', `${text}${n}`))),
    ) as OrchestrationRunnable<string, string>
    const join = new CollectRunnable<string>().configure({ name: 'Join' })
    const short = step<readonly string[], string>('Short', texts => texts.join('').slice(-8))
    join.addAdvancer(short)
    const end = tell(world, 'End')
    short.addAdvancer((_, { outputOf }) => outputOf === undefined, end)
    short.addAdvancer((_, context) => Number(context.token.split(':')[1]) < 8, start).addAdvancer(end)
    return machine<string, unknown>(start, tell(world, 'Work', 1).addAdvancer('Join'), join)
  },
  'approvals, a signal and a delay, side by side': world => {
    const ask = new ApprovalRunnable<string>({ timeoutMs: 50 }).configure({ name: 'Ask' })
    ask.addAdvancer(
      outcome => outcome instanceof Approved,
      'Join',
      outcome => outcome.subject,
    )
    const reply = new SignalRunnable<string, string>().configure({ name: 'Reply' }).addAdvancer('Join')
    const delay = new DelayRunnable<string>(3).configure({ name: 'Delay' }).addAdvancer('Join')
    const join = new CollectRunnable<string>().configure({ name: 'Join' })
    join.addAdvancer(step<readonly string[], string>('Together', texts => texts.join()))
    return machine<string, unknown>(
      tell(world, 'A').addAdvancer(fork('Fork', ask, reply, delay) as OrchestrationRunnable<string, unknown>),
      join,
    )
  },
  'runs inside runs, with an approval in the innermost': world => {
    const ask = new ApprovalRunnable<string>().configure({ name: 'Ask' })
    ask.addAdvancer(
      outcome => outcome instanceof Approved,
      tell(world, 'After'),
      outcome => outcome.subject,
    )
    const inner = machine<string, string>(tell(world, 'Before').addAdvancer(ask))
    const middle = machine<string, string>(
      new SubOrchestrationRunnable(inner).configure({ name: 'Inner' }).addAdvancer(tell(world, 'Middle', 1)),
    )
    return machine<string, unknown>(
      new SubOrchestrationRunnable(middle).configure({ name: 'Outer' }).addAdvancer(tell(world, 'End', 1)),
    )
  },
  'a join that takes the first and cancels the rest': world => {
    const join = new CollectRunnable<string>({ policy: 'any' }).configure({ name: 'First' })
    return machine<string, unknown>(
      fork('Fork', tell(world, 'Fast', 1).addAdvancer('First'), tell(world, 'Slow', 500).addAdvancer('First')),
      join.addAdvancer(step<readonly string[], string>('Join', texts => texts.join())),
    )
  },
}

interface Outcome {
  readonly result: unknown
  readonly events: readonly OrchestrationEvent[]
  readonly world: World
  readonly commits: number
}

/** Runs to the end, while somebody outside answers whatever is asked; each process but the last dies as given. */
async function lived(
  make: Make,
  durability: Durability,
  snapshotEvery: number,
  deaths: readonly Death[],
): Promise<Outcome> {
  const world = new World()
  let store: DyingStore | undefined
  let now = 0
  for (let process = 0; ; process++) {
    const clock = new ManualClock(now)
    const orchestration = make(world).configure({ clock, logger: { warn: () => undefined } })
    const options = { store: new DyingStore(store, deaths[process]), durability, snapshotEvery }
    store = options.store
    const isThere = (await store.get('r')) !== undefined
    const run = isThere
      ? await orchestration.resume('r', options)
      : orchestration.start('x', { ...options, runId: 'r' })
    const live = new EventRecorder(run)
    for (let turns = 0; turns < 100 && !store.dead && !live.completed; turns++) {
      await clock.advance(1)
      for (const { id, kind, stateName } of run.requests) {
        const given = kind === 'approval' ? run.approve(id, { by: 'me' }) : run.signal(id, `${stateName}!`)
        // The process may die before it hears whether its answer counts.
        await Promise.race([given.catch(() => undefined), new Promise(resolve => setImmediate(resolve))])
      }
    }
    now = clock.now()
    if (store.dead) continue
    const events: OrchestrationEvent[] = []
    const result = await run.result
    await new Promise<void>((resolve, reject) =>
      make(world)
        .observe('r', { store: (store as DyingStore).reopen() })
        .subscribe({ next: event => events.push(event), complete: resolve, error: reject }),
    )
    return { result, events, world, commits: store.commits.length }
  }
}

/** What does not depend on when things happened, and on how often a step was tried. */
function essence(events: readonly OrchestrationEvent[]): readonly string[] {
  return events
    .filter(({ type }) => type !== 'orchestration.resumed' && type !== 'state.retrying')
    .map(event =>
      JSON.stringify(event, (key, value: unknown) => (['seq', 'at', 'until', 'arrived'].includes(key) ? 0 : value)),
    )
    .sort()
}

describe('a process that dies at any commit of a run (S3-30, S3-31, S4-29)', () => {
  for (const [name, make] of Object.entries(machines)) {
    for (const durability of ['sync', 'async', 'exit'] as const satisfies readonly Durability[]) {
      it(`leaves ${name} so that it ends as ever (${durability})`, async () => {
        for (const snapshotEvery of [1, 3, 500]) {
          const whole = await lived(make, durability, snapshotEvery, [])
          expect(whole.events.length).toBeGreaterThan(5)
          for (let commit = 1; commit <= whole.commits; commit++) {
            for (const written of [false, true]) {
              // Again at the same place of the second process, and at its first commit.
              for (const deaths of [
                [{ commit, written }],
                [
                  { commit, written },
                  { commit: 1, written: true },
                ],
              ]) {
                const crashed = await lived(make, durability, snapshotEvery, deaths)
                expect(crashed.result).toEqual(whole.result)
                expect(crashed.events.map(event => event.seq)).toEqual([...crashed.events.keys()])
                expect(essence(crashed.events)).toEqual(essence(whole.events))
                expect(new Set(crashed.world.done)).toEqual(new Set(whole.world.done))
                // Only what was under way can be done again; that is one state a branch, and there is one crash or two.
                const again = crashed.world.done.length - whole.world.done.length
                expect(crashed.world.charges.length).toBeLessThanOrEqual(whole.world.charges.length + deaths.length)
                if (durability === 'sync') expect(again).toBeLessThanOrEqual(3 * deaths.length)
              }
            }
          }
        }
      })
    }
  }
})
