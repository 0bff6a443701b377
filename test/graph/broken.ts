import { IsString } from 'class-validator'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  defineAdvancer,
  Expired,
  type JoinOptions,
  type Orchestration,
  OrchestrationAdvancer,
  OrchestrationRunnable,
  Rejected,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import type { FindingCode, FindingSeverity } from '../../src/graph/index.js'
import { advancer, each, fork, machine, pass, say } from '../core/machines.js'

type State = OrchestrationRunnable<unknown, unknown>

/** A definition with a fault that was put there, and what has to be found. */
export interface Broken {
  readonly fault: string
  readonly build: () => Orchestration<never, unknown>
  readonly severity: FindingSeverity
  readonly code: FindingCode
  /** The state that the finding names; missing if the fault is of the orchestration as a whole. */
  readonly stateName?: string
  readonly path?: readonly string[]
}

class Plan {
  @IsString() topic!: string
}

class Report {
  @IsString() title!: string
}

class NeedsArguments extends OrchestrationRunnable<unknown, unknown> {
  constructor(readonly argument: string) {
    super()
  }

  invoke(input: unknown): unknown {
    return input
  }
}

class Work extends OrchestrationRunnable<unknown, unknown> {
  invoke(input: unknown): unknown {
    return input
  }
}

class Unmakeable extends OrchestrationAdvancer<unknown> {
  constructor() {
    super()
    throw new Error('no such luck')
  }

  getNextRunnable(): null {
    return null
  }
}

const sometimes = (): boolean => Math.random() > 2
const collect = (name: string, options: JoinOptions = {}): State =>
  new CollectRunnable<unknown>(options).configure({ name }) as unknown as State
const ask = (options: ConstructorParameters<typeof ApprovalRunnable<unknown>>[0] = {}): ApprovalRunnable<unknown> =>
  new ApprovalRunnable<unknown>(options).configure({ name: 'Ask' }) as ApprovalRunnable<unknown>
const declared = (state: State, options: { readonly input?: unknown; readonly output?: unknown }): State =>
  state.configure(options as never)
const nested = (name: string, inner: Orchestration<unknown, unknown>): State =>
  new SubOrchestrationRunnable(inner).configure({ name }) as State

function cycle(...names: readonly string[]): readonly State[] {
  const states = names.map(name => pass(name))
  for (const [index, state] of states.entries()) state.addAdvancer(states[(index + 1) % states.length] as State)
  return states
}

/** Definitions each of which has one fault, and what `verify()` has to say about it. */
export const broken: readonly Broken[] = [
  {
    fault: 'no initial state',
    build: () => {
      const orchestration = machine(pass('A'))
      delete orchestration.initialRunnable
      return orchestration
    },
    severity: 'error',
    code: 'NO_INITIAL_STATE',
  },
  {
    fault: 'a state without a name',
    build: () => machine(pass('A').addAdvancer(new (class extends Work {})())),
    severity: 'error',
    code: 'UNNAMED_STATE',
  },
  {
    fault: 'two states of one name',
    build: () => machine(pass('Twin').addAdvancer(say('Twin'))),
    severity: 'error',
    code: 'DUPLICATE_NAME',
    stateName: 'Twin',
  },
  {
    fault: 'two instances of one class that have its name',
    build: () => machine(new Work().addAdvancer(new Work())),
    severity: 'error',
    code: 'DUPLICATE_NAME',
    stateName: 'Work',
  },
  {
    fault: 'a target that is a misspelt name',
    build: () => machine(pass('Start').addAdvancer('Ednd'), say('End')),
    severity: 'error',
    code: 'UNKNOWN_TARGET',
    stateName: 'Start',
  },
  {
    fault: 'a declared target that is a misspelt name',
    build: () => machine(pass('Start').setAdvancer(advancer('choose', ['End', 'Ednd'], () => 'End')), say('End')),
    severity: 'error',
    code: 'UNKNOWN_TARGET',
    stateName: 'Start',
  },
  {
    fault: 'a route for failures to a state there is not',
    build: () => machine(say('Start').onError('Rescue')),
    severity: 'error',
    code: 'UNKNOWN_TARGET',
    stateName: 'Start',
  },
  {
    fault: 'a class that needs arguments and is not registered',
    build: () => machine(pass('Start').addAdvancer(NeedsArguments)),
    severity: 'error',
    code: 'UNKNOWN_TARGET',
    stateName: 'Start',
  },
  {
    fault: 'a class that several states are of',
    build: () =>
      machine(
        pass('Start').addAdvancer(Work),
        new Work().configure({ name: 'A' }) as State,
        new Work().configure({ name: 'B' }) as State,
      ),
    severity: 'error',
    code: 'AMBIGUOUS_TARGET',
    stateName: 'Start',
  },
  {
    fault: 'an output that does not fit the next input',
    build: () =>
      machine(declared(pass('Planning'), { output: Plan }).addAdvancer(declared(say('End'), { input: Report }))),
    severity: 'error',
    code: 'TYPE_MISMATCH',
    stateName: 'Planning',
  },
  {
    fault: 'an output that does not fit where an advancer may lead',
    build: () =>
      machine(
        declared(pass('Planning'), { output: Plan }).setAdvancer(advancer('on', ['End'], () => 'End')),
        declared(say('End'), { input: Report }),
      ),
    severity: 'error',
    code: 'TYPE_MISMATCH',
    stateName: 'Planning',
  },
  {
    fault: 'an end that does not return what the orchestration does',
    build: () =>
      machine(pass('Start').addAdvancer(declared(pass('End'), { output: String }))).configure({
        output: Report,
      } as never),
    severity: 'error',
    code: 'TYPE_MISMATCH',
    stateName: 'End',
  },
  {
    fault: 'a start that does not take what the orchestration does',
    build: () => machine(declared(pass('Start'), { input: Plan })).configure({ input: String } as never),
    severity: 'error',
    code: 'TYPE_MISMATCH',
    stateName: 'Start',
  },
  {
    fault: 'a state that takes no failures, as the route for them',
    build: () => machine(say('Start').onError(declared(pass('Rescue'), { input: Report }))),
    severity: 'warning',
    code: 'TYPE_MISMATCH',
    stateName: 'Start',
  },
  {
    fault: 'a join with a quorum that is no number of branches',
    build: () => machine(fork('Start', say('A').addAdvancer(collect('J', { policy: { quorum: 0 } })))),
    severity: 'error',
    code: 'DECLARATION_INVALID',
    stateName: 'J',
  },
  {
    fault: 'a declared advancer that cannot be made',
    build: () => machine(pass('Start').configure({ advancers: [Unmakeable] } as never)),
    severity: 'error',
    code: 'DECLARATION_INVALID',
    stateName: 'Start',
  },
  {
    fault: 'a sub-orchestration with a fault',
    build: () => machine(pass('Start').addAdvancer(nested('Inner', machine(pass('A').addAdvancer('Nowhere'))))),
    severity: 'error',
    code: 'SUB_ORCHESTRATION_INVALID',
    stateName: 'Inner',
  },
  {
    fault: 'a sub-orchestration that contains itself',
    build: () => {
      const outer = machine(pass('Start'))
      outer.initialRunnable?.addAdvancer(nested('Again', outer))
      return outer
    },
    severity: 'error',
    code: 'CONTAINS_ITSELF',
    stateName: 'Again',
  },
  {
    fault: 'a sub-orchestration that contains the one it is in',
    build: () => {
      const outer = machine(pass('Start'))
      outer.initialRunnable?.addAdvancer(nested('Middle', machine(nested('Back', outer))))
      return outer
    },
    severity: 'error',
    code: 'CONTAINS_ITSELF',
    stateName: 'Middle',
  },
  {
    fault: 'a state that leads to itself without a condition',
    build: () => machine(cycle('Loop')[0] as State, say('End')),
    severity: 'error',
    code: 'ENDLESS_CYCLE',
    stateName: 'Loop',
  },
  {
    fault: 'a cycle without a condition',
    build: () => machine(pass('Start').addAdvancer(cycle('Draft', 'Review', 'Revise')[0] as State), say('End')),
    severity: 'error',
    code: 'ENDLESS_CYCLE',
    stateName: 'Draft',
  },
  {
    fault: 'a cycle whose only condition chooses the way round',
    build: () => {
      const [gate, long] = cycle('Gate', 'Long') as [State, State]
      const choose = pass('Choose').addAdvancer(sometimes, long).addAdvancer(gate)
      return machine(fork('Start', say('Result'), choose))
    },
    severity: 'error',
    code: 'ENDLESS_CYCLE',
    stateName: 'Long',
  },
  {
    fault: 'a branch beside others that never ends',
    build: () => machine(fork('Start', say('Result'), ...cycle('Tick', 'Tock'))),
    severity: 'error',
    code: 'ENDLESS_CYCLE',
    stateName: 'Tick',
  },
  {
    fault: 'a cycle that fans out and joins, without a way out',
    build: () => {
      const join = collect('J')
      const again = fork('Again', say('A').addAdvancer(join), say('B').addAdvancer(join))
      join.addAdvancer(again)
      return machine(pass('Start').addAdvancer(sometimes, say('Result')).addAdvancer(again))
    },
    severity: 'error',
    code: 'ENDLESS_CYCLE',
    stateName: 'Again',
  },
  {
    fault: 'no terminal state at all',
    build: () => {
      const a = pass('A')
      return machine(a.addAdvancer(sometimes, pass('B').addAdvancer(sometimes, a)))
    },
    severity: 'error',
    code: 'NO_PATH_TO_RESULT',
    stateName: 'A',
  },
  {
    fault: 'a result state that nothing leads to',
    build: () => {
      const orchestration = machine(pass('A').addAdvancer(say('B')))
      orchestration.resultRunnable = say('Report')
      return orchestration
    },
    severity: 'error',
    code: 'NO_PATH_TO_RESULT',
    stateName: 'Report',
  },
  {
    fault: 'a result state that only a state nobody leads to leads to',
    build: () => {
      const report = say('Report')
      const orchestration = machine(pass('A').addAdvancer(say('B')), pass('Lost').addAdvancer(report))
      orchestration.resultRunnable = report
      return orchestration
    },
    severity: 'error',
    code: 'NO_PATH_TO_RESULT',
    stateName: 'Report',
  },
  {
    fault: 'no terminal state, and branches that may end quietly',
    build: () => {
      const a = pass('A').configure({ allowDeadEnd: true }) as State
      return machine(a.addAdvancer(sometimes, a))
    },
    severity: 'warning',
    code: 'NO_PATH_TO_RESULT',
    stateName: 'A',
  },
  {
    fault: 'a join that needs more branches than there are',
    build: () => {
      const join = collect('J', { policy: { quorum: 3 } })
      return machine(fork('Start', say('A').addAdvancer(join), say('B').addAdvancer(join)))
    },
    severity: 'error',
    code: 'JOIN_STARVES',
    stateName: 'J',
  },
  {
    fault: 'a join that needs two branches after a choice of one',
    build: () => {
      const join = collect('J', { policy: { quorum: 2 } })
      return machine(
        pass('Start').addAdvancer(sometimes, say('A').addAdvancer(join)).addAdvancer(say('B').addAdvancer(join)),
      )
    },
    severity: 'error',
    code: 'JOIN_STARVES',
    stateName: 'J',
  },
  {
    fault: 'a join of two where nothing fans out, in a loop',
    build: () => {
      const join = collect('J', { policy: { quorum: 2 } })
      const work = pass('Work').addAdvancer(join)
      join.addAdvancer(sometimes, work).addAdvancer(say('End'))
      return machine(work)
    },
    severity: 'error',
    code: 'JOIN_STARVES',
    stateName: 'J',
  },
  {
    fault: 'a join beside the way to the result that always fails',
    build: () => {
      const join = collect('J', { policy: { quorum: 2 } })
      return machine(fork('Start', say('Result'), say('A').addAdvancer(join)))
    },
    severity: 'error',
    code: 'JOIN_STARVES',
    stateName: 'J',
  },
  {
    fault: 'a join whose failure another one may make up for',
    build: () => {
      const last = collect('Last', { onInsufficient: 'proceed' })
      const join = collect('J', { policy: { quorum: 2 } }).addAdvancer(last)
      return machine(fork('Start', say('A').addAdvancer(join), say('B').addAdvancer(last)))
    },
    severity: 'warning',
    code: 'JOIN_STARVES',
    stateName: 'J',
  },
  {
    fault: 'a join that always proceeds with less than its quorum',
    build: () => {
      const join = collect('J', { policy: { quorum: 5 }, onInsufficient: 'proceed' })
      return machine(fork('Start', say('A').addAdvancer(join), say('B').addAdvancer(join)))
    },
    severity: 'warning',
    code: 'JOIN_STARVES',
    stateName: 'J',
  },
  {
    fault: 'a join of a single branch',
    build: () => machine(pass('Start').addAdvancer(collect('J'))),
    severity: 'hint',
    code: 'JOIN_OF_ONE',
    stateName: 'J',
  },
  {
    fault: 'a join all of whose branches may end before it',
    build: () => {
      const join = collect('J')
      const maybe = (name: string): State =>
        say(name).configure({ allowDeadEnd: true }).addAdvancer(sometimes, join) as State
      return machine(fork('Start', maybe('A'), maybe('B')))
    },
    severity: 'hint',
    code: 'JOIN_MAY_BE_SKIPPED',
    stateName: 'J',
  },
  {
    fault: 'a registered state that nothing leads to',
    build: () => machine(pass('Start').addAdvancer(say('End')), say('Lost')),
    severity: 'warning',
    code: 'UNREACHABLE_STATE',
    stateName: 'Lost',
  },
  {
    fault: 'states that lead only to each other',
    build: () => {
      const [lost] = cycle('Lost', 'Found')
      return machine(pass('Start').addAdvancer(say('End')), lost as State)
    },
    severity: 'warning',
    code: 'UNREACHABLE_STATE',
    stateName: 'Found',
  },
  {
    fault: 'a state behind an advancer that is never asked',
    build: () => machine(pass('Start').addAdvancer(say('Always')).addAdvancer(sometimes, say('Rarely'))),
    severity: 'warning',
    code: 'UNREACHABLE_STATE',
    stateName: 'Rarely',
  },
  {
    fault: 'an advancer after one that always matches',
    build: () => machine(pass('Start').addAdvancer(say('Always')).addAdvancer(sometimes, say('Rarely'))),
    severity: 'warning',
    code: 'NEVER_ASKED',
    stateName: 'Start',
  },
  {
    fault: 'a route for failures after one for all failures',
    build: () =>
      machine(
        say('Start')
          .onError(say('All'))
          .onError(() => true, say('Some')),
      ),
    severity: 'warning',
    code: 'NEVER_ASKED',
    stateName: 'Start',
  },
  {
    fault: 'a cycle that is left only by failing',
    build: () => {
      const a = pass('A')
      const b = pass('B').addAdvancer(sometimes, a)
      a.addAdvancer(sometimes, b)
      return machine(pass('Start').addAdvancer(sometimes, say('End')).addAdvancer(a))
    },
    severity: 'warning',
    code: 'DEAD_END',
    stateName: 'A',
  },
  {
    fault: 'an end that is not the result',
    build: () => {
      const report = say('Report')
      const orchestration = machine(pass('Start').addAdvancer(sometimes, report).addAdvancer(say('Shelf')))
      orchestration.resultRunnable = report
      return orchestration
    },
    severity: 'warning',
    code: 'DEAD_END',
    stateName: 'Shelf',
  },
  {
    fault: 'a rejection without a route',
    build: () => machine(ask().addAdvancer(outcome => outcome instanceof Approved, say('Publish')) as never),
    severity: 'warning',
    code: 'OUTCOME_UNROUTED',
    stateName: 'Ask',
  },
  {
    fault: 'an approval without a route',
    build: () => machine(ask().addAdvancer(outcome => outcome.outcome === 'rejected', say('Revise')) as never),
    severity: 'warning',
    code: 'OUTCOME_UNROUTED',
    stateName: 'Ask',
  },
  {
    fault: 'an approval that may expire, without a route for that',
    build: () =>
      machine(
        ask({ timeoutMs: 10 })
          .addAdvancer(outcome => outcome instanceof Approved, say('Publish'))
          .addAdvancer(outcome => outcome instanceof Rejected, say('Revise')) as never,
      ),
    severity: 'hint',
    code: 'EXPIRY_UNROUTED',
    stateName: 'Ask',
  },
  {
    fault: 'an approval without a time limit',
    build: () =>
      machine(
        ask()
          .addAdvancer(outcome => outcome instanceof Expired, say('Drop'))
          .addAdvancer(say('Decided') as never) as never,
      ),
    severity: 'hint',
    code: 'WAITS_FOREVER',
    stateName: 'Ask',
  },
  {
    fault: 'a signal that may not come, without a route for that',
    build: () => machine(new SignalRunnable<unknown, unknown>({ timeoutMs: 10 }).configure({ name: 'Wait' }) as State),
    severity: 'hint',
    code: 'EXPIRY_UNROUTED',
    stateName: 'Wait',
  },
  {
    fault: 'an advancer that does not say where it leads',
    build: () => {
      class Somewhere extends OrchestrationAdvancer<unknown> {
        getNextRunnable(): string {
          return 'End'
        }
      }
      return machine(pass('Start').setAdvancer(new Somewhere()), say('End'))
    },
    severity: 'hint',
    code: 'UNDECLARED_TARGETS',
    stateName: 'Start',
  },
  {
    fault: 'a state of a sub-orchestration that nothing leads to',
    build: () => machine(pass('Start').addAdvancer(nested('Inner', machine(say('A'), say('Lost'))))),
    severity: 'warning',
    code: 'UNREACHABLE_STATE',
    stateName: 'Lost',
    path: ['Inner'],
  },
  {
    fault: 'a map whose items go to a state there is not',
    build: () => {
      class EachItem extends OrchestrationAdvancer<unknown> {
        getNextRunnable(): null {
          return null
        }
      }
      defineAdvancer(EachItem, { sends: ['Serch'] })
      return machine(pass('Start').setAdvancer(new EachItem()), say('Search'))
    },
    severity: 'error',
    code: 'UNKNOWN_TARGET',
    stateName: 'Start',
  },
  {
    fault: 'a map without a way on for its items but round and round',
    build: () => {
      const item = pass('Item')
      item.addAdvancer(item)
      return machine(pass('Start').setAdvancer(each('Item') as never), item, say('End'))
    },
    severity: 'error',
    code: 'ENDLESS_CYCLE',
    stateName: 'Item',
  },
]
