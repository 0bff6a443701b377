import { defineRunnable, OrchestrationAdvancer, Runnable } from '../../src/core/index.js'
import {
  DetailedPlan,
  DetailedPlanning,
  Plan,
  PlanAdvancer,
  Planning,
  ReportAdvancer,
  Reporting,
  Research,
} from './documents.js'

class DetailedPlanAdvancer extends OrchestrationAdvancer<DetailedPlan> {
  getNextRunnable() {
    return Research
  }
}

class AnyOutputAdvancer extends OrchestrationAdvancer<unknown, string> {
  override convertOutput(output: unknown) {
    return String(output)
  }
  getNextRunnable() {
    return Reporting
  }
}

/** An advancer fits a state that returns what it routes, or more than that. */
new Planning().setAdvancer(new PlanAdvancer()).addAdvancer(new AnyOutputAdvancer())
new DetailedPlanning().setAdvancer(new PlanAdvancer()).addAdvancer(new DetailedPlanAdvancer())

@Runnable({ advancers: [PlanAdvancer, () => AnyOutputAdvancer] })
export class DeclaresItsAdvancers extends Planning {}

@Runnable({ input: String, output: DetailedPlan, advancers: [PlanAdvancer, DetailedPlanAdvancer] })
export class DeclaresAdvancersOfLess extends DetailedPlanning {}

defineRunnable(Planning, { advancers: [() => PlanAdvancer] })

// @ts-expect-error an advancer of reports is declared for a state that returns plans
@Runnable({ advancers: [ReportAdvancer] })
export class DeclaresAnother extends Planning {}

// @ts-expect-error one of two, as a thunk
@Runnable({ input: String, output: Plan, advancers: [PlanAdvancer, () => ReportAdvancer] })
export class DeclaresAnotherLater extends Planning {}

// @ts-expect-error an advancer that needs more than the state returns
@Runnable({ output: Plan, advancers: [DetailedPlanAdvancer] })
export class DeclaresOneThatNeedsMore extends Planning {}

// @ts-expect-error an advancer of reports is declared for a state that returns plans
defineRunnable(Planning, { advancers: [ReportAdvancer] })

// @ts-expect-error an advancer is declared by its class
defineRunnable(Planning, { advancers: [new PlanAdvancer()] })

// @ts-expect-error the class of a state is no advancer
defineRunnable(Planning, { advancers: [Research] })

// @ts-expect-error an advancer of reports on a state that returns plans
new Planning().setAdvancer(new ReportAdvancer())

// @ts-expect-error the same, added
new Planning().addAdvancer(new ReportAdvancer())

// @ts-expect-error an advancer that needs more than the state returns
new Planning().setAdvancer(new DetailedPlanAdvancer())

// @ts-expect-error an advancer does not take the place of a state
new Planning().addAdvancer((plan: Plan) => plan.queries.length > 0, new PlanAdvancer())

export class LeadsToAnother extends OrchestrationAdvancer<Plan> {
  // @ts-expect-error the next state takes a string, and what comes is a plan
  getNextRunnable() {
    return Reporting
  }
}

export class LeadsToAnotherInstance extends OrchestrationAdvancer<Plan> {
  // @ts-expect-error a fresh instance that takes a string, and what comes is a plan
  getNextRunnable() {
    return new Reporting()
  }
}

export class LeadsToOneThatFitsAndOneThatDoesNot extends OrchestrationAdvancer<Plan> {
  // @ts-expect-error one of the two takes a string
  getNextRunnable(plan: Plan) {
    return plan.queries.length > 0 ? Research : Reporting
  }
}

export class FansOutToAnother extends OrchestrationAdvancer<Plan> {
  // @ts-expect-error one of the branches takes a string
  getNextRunnable() {
    return [Research, Reporting]
  }
}

export class RoutesAnother extends OrchestrationAdvancer<Plan> {
  // @ts-expect-error it is asked about plans, and plans have no title
  override shouldAdvance(output: { readonly title: string }) {
    return output.title !== ''
  }
  getNextRunnable() {
    return Research
  }
}

export class ConvertsToAnother extends OrchestrationAdvancer<Plan, string> {
  // @ts-expect-error a string is promised, and a number comes
  override convertOutput(plan: Plan) {
    return plan.queries.length
  }
  getNextRunnable() {
    return Reporting
  }
}

export class LeadsNowhere extends OrchestrationAdvancer<Plan> {
  // @ts-expect-error no next state is `null`, so that a forgotten `return` is seen
  getNextRunnable() {}
}

// @ts-expect-error an advancer has to say where it leads
export class SaysNothing extends OrchestrationAdvancer<Plan> {}
