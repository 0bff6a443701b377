import { Orchestration, type OrchestrationRunnable } from '../../core/index.js'
import { state } from '../../graph/index.js'
import { plannedAdvancer } from '../../graph/internal.js'
import type { LoopTurn, TurnOutcome } from './loop-turn.js'
import { RunRecord } from './run-record.js'
import { scheduleOf } from './schedule.js'
import { stepsThatRun } from './stand-ins.js'
import type { StateNames } from './state-names.js'
import type { PolicySurroundings } from './step-policies.js'
import { leadTo, wireSteps } from './step-states.js'

/** One turn of a loop: all steps in the plan's order. */
export class TurnOrchestration extends Orchestration<LoopTurn, TurnOutcome> {
  constructor(surroundings: PolicySurroundings, names: StateNames) {
    super()
    const { plan, interceptors } = surroundings
    const steps = stepsThatRun(plan)
    this.configure({ name: names.turn, interceptors, maxSteps: Math.max(1000, steps.length + 2) })
    const finish = state(names.finish, (_from: string, context): TurnOutcome => {
      const record = new RunRecord(plan, context)
      const { index, item } = record.turn as LoopTurn
      return { index, ...(item === undefined ? {} : { item }), results: record.results }
    })
    const { first, all } = wireSteps({ steps, schedule: scheduleOf(plan), surroundings, finish, goesOn: false })
    const begin = state(names.begin, (turn: LoopTurn, context) => {
      new RunRecord(plan, context).begin(turn)
      return names.begin
    })
    begin.addAdvancer(plannedAdvancer<string>('first', { sends: first }, from => leadTo(first, from)))
    this.initialRunnable = begin
    this.resultRunnable = finish as OrchestrationRunnable<never, TurnOutcome>
    this.register(...all, finish)
  }
}
