import { expectTypeOf } from 'vitest'
import {
  defineOrchestration,
  Orchestration,
  OrchestrationEventType,
  OrchestrationOptions,
  type RunContext,
} from '../../src/core/index.js'
import {
  DetailedPlan,
  DetailedPlanning,
  Logging,
  Plan,
  PlanAdvancer,
  Planning,
  Report,
  Reporting,
  Research,
  Study,
} from './documents.js'

const study = new Study()

/** A run takes what the orchestration takes, and gives what it returns. */
expectTypeOf(study.run('AI in healthcare')).toEqualTypeOf<Promise<Report>>()
expectTypeOf(study.start('AI in healthcare', { maxSteps: 10 }).result).toEqualTypeOf<Promise<Report>>()

// @ts-expect-error another input
void study.run(42)

// @ts-expect-error no input
void study.run()

// @ts-expect-error another input, when a handle is wanted
study.start(new Plan())

// @ts-expect-error another input, when events are wanted
study.stream({ topic: 'AI' })

// @ts-expect-error an option there is not
void study.run('AI', { maxStep: 10 })

/** The first state may take more than comes in; the last may return more than is promised. */
export class Wide extends Orchestration<string, Plan> {
  constructor() {
    super()
    const planning = new DetailedPlanning()
    this.initialRunnable = new Logging().addAdvancer(planning)
    this.resultRunnable = planning
    this.register(planning)
  }
}

export class Misfits extends Orchestration<string, Plan> {
  constructor() {
    super()
    // @ts-expect-error the first state takes a plan, and a string comes in
    this.initialRunnable = new Research()

    // @ts-expect-error the result would be a report
    this.resultRunnable = new Reporting()

    // @ts-expect-error a state is an instance here; its class says nothing of how it is wired
    this.initialRunnable = Planning

    // @ts-expect-error an advancer is not registered
    this.register(new PlanAdvancer())
  }
}

/** A wired state is still the state it was. */
expectTypeOf(new Planning().setAdvancer(new PlanAdvancer()).configure({ name: 'Plan' })).toEqualTypeOf<Planning>()

@OrchestrationOptions({ input: String, output: Report, maxSteps: 20 })
export class Declared extends Study {}

@OrchestrationOptions({ output: () => DetailedPlan })
export class DeclaredByThunk extends Orchestration<string, DetailedPlan> {}

defineOrchestration(Study, { input: String, output: Report })
new Study().configure({ output: Report, timeoutMs: 1000 })

// @ts-expect-error an output the orchestration does not return
@OrchestrationOptions({ output: Plan })
export class WrongOutput extends Study {}

// @ts-expect-error an input the orchestration does not take
@OrchestrationOptions({ input: Number })
export class WrongInput extends Study {}

// @ts-expect-error a state is no orchestration
@OrchestrationOptions({ maxSteps: 20 })
export class State extends Planning {}

// @ts-expect-error an output the orchestration does not return
defineOrchestration(Study, { output: Plan })

// @ts-expect-error an input the orchestration does not take
new Study().configure({ input: Plan })

/** An event is known by its type. */
study.on(OrchestrationEventType.StateTransition, event => {
  expectTypeOf(event.fromState).toBeString()
})
study.events$.subscribe(event => {
  if (event.type === 'state.failed') expectTypeOf(event.handled).toBeBoolean()
  // @ts-expect-error a transition has two states
  if (event.type === 'state.transition') void event.stateName
  // @ts-expect-error an event there is not
  if (event.type === 'state.begun') return
})

// @ts-expect-error an event there is not
study.on('state.begun', () => undefined)

/** The output of another state is of its type, if it has one already. */
export function look(context: RunContext) {
  expectTypeOf(context.outputOf(Planning)).toEqualTypeOf<Plan | undefined>()
  expectTypeOf(context.outputOf(new Reporting())).toEqualTypeOf<Report | undefined>()
  expectTypeOf(context.outputOf('Planning')).toBeUnknown()
  // @ts-expect-error a class that is no state
  context.outputOf(Plan)
  // @ts-expect-error events of the engine are not for states to emit
  context.emit({ type: 'state.completed', output: 1 })
}
