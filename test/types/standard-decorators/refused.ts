// The decorators refuse under the standard what they refuse under TypeScript's older ones.
import { Advancer, Orchestration, OrchestrationOptions, Runnable } from 'advancer'
import { Plan, Planning, Report } from './documents.js'

// @ts-expect-error an output the state does not return
@Runnable({ output: Report })
export class WrongOutput extends Planning {}

// @ts-expect-error an input the state does not take
@Runnable({ input: Plan })
export class WrongInput extends Planning {}

// @ts-expect-error a state is no advancer
@Advancer({ to: [Planning] })
export class NoAdvancer extends Planning {}

// @ts-expect-error an output the orchestration does not return
@OrchestrationOptions({ output: Plan })
export class WrongResult extends Orchestration<string, Report> {}
