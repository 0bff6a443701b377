import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  DelayRunnable,
  Expired,
  type JoinOptions,
  type Orchestration,
  OrchestrationAdvancer,
  type OrchestrationRunnable,
  Rejected,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { advancer, each, fork, machine, pass, say } from '../core/machines.js'

type State = OrchestrationRunnable<unknown, unknown>

const sometimes = (): boolean => Math.random() > 2
const collect = (name: string, options: JoinOptions = {}): State =>
  new CollectRunnable<unknown>(options).configure({ name }) as unknown as State
const withDeadEnd = (state: State): State => state.configure({ allowDeadEnd: true }) as State

class Undeclared extends OrchestrationAdvancer<unknown> {
  getNextRunnable(): string {
    return 'End'
  }
}

class UndeclaredMaybe extends Undeclared {
  override shouldAdvance(): boolean {
    return sometimes()
  }
}

/** Definitions in which there is nothing to be found but hints. */
export const sound: readonly (readonly [shape: string, build: () => Orchestration<never, unknown>])[] = [
  ['a single state', () => machine(say('Only'))],
  ['a chain', () => machine(pass('A').addAdvancer(pass('B').addAdvancer(say('C'))))],
  ['a choice with a default', () => machine(pass('A').addAdvancer(sometimes, say('B')).addAdvancer(say('C')))],
  ['a choice without one', () => machine(pass('A').addAdvancer(sometimes, say('B')).addAdvancer(sometimes, say('C')))],
  [
    'a loop with a way out',
    () => {
      const check = pass('Check').addAdvancer(sometimes, say('Done'))
      return machine(check.addAdvancer(pass('Refine').addAdvancer(check)))
    },
  ],
  [
    'a loop that is left when it fails',
    () => {
      const work = pass('Work').onError(say('Stopped'))
      return machine(work.addAdvancer(work))
    },
  ],
  [
    'a loop that an advancer may leave',
    () => machine(pass('Work').setAdvancer(advancer('again', ['Work', 'End'], () => 'End')), say('End')),
  ],
  [
    'a loop that an advancer may end with null, beside the result',
    () => machine(fork('Start', say('Result'), pass('Beat').setAdvancer(advancer('again', ['Beat'], () => null)))),
  ],
  [
    'a fan-out and a join',
    () => {
      const join = collect('J').addAdvancer(say('End'))
      return machine(fork('Start', say('A').addAdvancer(join), say('B').addAdvancer(join)))
    },
  ],
  [
    'a quorum of all branches, through a nested fan-out',
    () => {
      const join = collect('J', { policy: { quorum: 3 } })
      const inner = fork('Inner', say('B').addAdvancer(join), say('C').addAdvancer(join))
      return machine(fork('Start', say('A').addAdvancer(join), inner))
    },
  ],
  [
    'a quorum that failures help to reach',
    () => {
      const join = collect('J', { policy: { quorum: 2 } })
      const a = say('A')
        .addAdvancer(say('Result'))
        .onError(
          () => true,
          join,
          () => 'failed',
        )
      return machine(fork('Start', a, say('B').addAdvancer(join)))
    },
  ],
  [
    'a quorum in a loop that opens branches',
    () => {
      const join = collect('J', { policy: { quorum: 5 } }).addAdvancer(say('End'))
      const spread = pass('Spread').configure({ parallelAdvances: true }) as State
      spread.addAdvancer(say('Item').addAdvancer(join)).addAdvancer(sometimes, spread)
      return machine(spread)
    },
  ],
  [
    'a quorum of a map',
    () =>
      machine(
        pass('Start').setAdvancer(each('Item') as never),
        say('Item').addAdvancer(collect('J', { policy: { quorum: 7 } })),
      ),
  ],
  [
    'a starving join whose failure has a route',
    () => {
      const join = collect('J', { policy: { quorum: 2 }, timeoutMs: 5 }).onError(say('Rescue'))
      return machine(fork('Start', say('A').addAdvancer(join), say('B').addAdvancer(sometimes, join)))
    },
  ],
  [
    'two fan-outs that share a join, in a loop',
    () => {
      const join = collect('J')
      const first = fork('First', say('A').addAdvancer(join), say('B').addAdvancer(join))
      const second = fork('Second', say('C').addAdvancer(join), say('D').addAdvancer(join))
      join.addAdvancer(sometimes, second).addAdvancer(say('End'))
      return machine(first)
    },
  ],
  [
    'an any join that is led to as the way for failures, never taken, after another',
    () => {
      const exit = collect('Exit', { policy: 'any' })
      const rescue = say('Rescue').addAdvancer(exit)
      return machine(
        say('Start')
          .addAdvancer(exit)
          .onError(rescue)
          .onError(
            () => false,
            exit,
            () => undefined,
          ),
      )
    },
  ],
  [
    'a branch that ends quietly beside others',
    () => {
      const log = withDeadEnd(pass('Log'))
      return machine(fork('Start', say('Result'), log.addAdvancer(sometimes, pass('Alert').addAdvancer(log))))
    },
  ],
  [
    'advancers that do not say where they lead',
    () => machine(pass('Start').setAdvancer(new Undeclared()), say('End'), say('Other')),
  ],
  [
    'an unconditional cycle that only an advancer without targets might lead to',
    () => {
      const tick = pass('Tick')
      return machine(
        pass('Start').addAdvancer(new UndeclaredMaybe()).addAdvancer(say('End')),
        tick.addAdvancer(pass('Tock').addAdvancer(tick)),
      )
    },
  ],
  [
    'a result in the middle, with more to do after it',
    () => {
      const result = pass('Result').addAdvancer(pass('Tidy').addAdvancer(pass('Up')))
      const orchestration = machine(pass('Start').addAdvancer(result))
      orchestration.resultRunnable = result
      return orchestration
    },
  ],
  [
    'an end beside the one that has the result',
    () => {
      const result = say('Result')
      const orchestration = machine(fork('Start', result, say('Side')))
      orchestration.resultRunnable = result
      return orchestration
    },
  ],
  [
    'an approval with all routes and a time limit',
    () =>
      machine(
        new ApprovalRunnable<unknown>({ timeoutMs: 1 })
          .configure({ name: 'Ask' })
          .addAdvancer(outcome => outcome instanceof Approved, say('Publish'))
          .addAdvancer(outcome => outcome instanceof Rejected, say('Revise'))
          .addAdvancer(outcome => outcome instanceof Expired, say('Drop')) as never,
      ),
  ],
  [
    'an approval whose conditions look at the subject, the run, or wait',
    () =>
      machine(
        new ApprovalRunnable<{ readonly price: number }>()
          .configure({ name: 'Ask' })
          .addAdvancer(outcome => outcome instanceof Approved && outcome.subject.price > 5, say('Publish'))
          .addAdvancer(
            (outcome, context) => outcome instanceof Rejected && context.properties.get('again') === true,
            say('Revise'),
          ) as never,
      ),
  ],
  [
    'an approval whose outcome is the result',
    () => machine(new ApprovalRunnable<unknown>().configure({ name: 'Ask' }) as never),
  ],
  [
    'an approval whose rejection is a failure with a route',
    () =>
      machine(
        new ApprovalRunnable<unknown>()
          .configure({ name: 'Ask' })
          .addAdvancer(outcome => outcome instanceof Approved, say('Publish'))
          .onError(say('Revise')) as never,
      ),
  ],
  [
    'signals and delays',
    () =>
      machine(
        new SignalRunnable<unknown, unknown>({ timeoutMs: 5 })
          .configure({ name: 'Wait' })
          .onError(say('Late'))
          .addAdvancer(new DelayRunnable<unknown>(5).configure({ name: 'Delay' })) as State,
      ),
  ],
  [
    'one sub-orchestration in two places',
    () => {
      const inner = machine(pass('A').addAdvancer(say('B')))
      const sub = (name: string): State => new SubOrchestrationRunnable(inner).configure({ name }) as State
      return machine(sub('First').addAdvancer(sub('Second')))
    },
  ],
]
