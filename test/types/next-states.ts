import { type NextRunnable, OrchestrationAdvancer, OrchestrationRunnable, sendTo } from '../../src/core/index.js'
import {
  DetailedPlan,
  DetailedPlanning,
  DetailedResearch,
  Logging,
  Plan,
  Planning,
  type Query,
  Reporting,
  Research,
  Searching,
} from './documents.js'

const isShort = (plan: Plan) => plan.queries.length < 3
const isDetailed = (plan: Plan): plan is DetailedPlan => plan instanceof DetailedPlan

/** A state that takes the output, or less, is a target: instance, class, class with constructor parameters, name. */
new Planning()
  .addAdvancer(Research)
  .addAdvancer(new Research())
  .addAdvancer('Research')
  .addAdvancer(Logging)
  .addAdvancer(new Logging())
  .addAdvancer(isShort, Research)
  .addAdvancer(async plan => plan.topic === '', Research)
  .addAdvancer(isShort, new Logging())
  .addAdvancer(isShort, Searching, plan => plan.queries[0] as Query)
  .addAdvancer(isShort, Reporting, async plan => plan.topic)
  .addAdvancer(isDetailed, DetailedResearch)
  .addAdvancer(isDetailed, Research)
  .addAdvancer(isDetailed, 'DetailedResearch')
  .addAdvancer(plan => plan instanceof DetailedPlan, DetailedResearch)
  .addAdvancer(isDetailed, Reporting, detailed => detailed.chapters.join())
new DetailedPlanning().addAdvancer(Research).addAdvancer(isShort, Research)

/** What a converter returns may be more than the target takes. */
new Planning().addAdvancer(isShort, Research, () => new DetailedPlan())

// @ts-expect-error an instance that takes a string, after a state that returns a plan
new Planning().addAdvancer(new Reporting())

// @ts-expect-error a class that takes a string
new Planning().addAdvancer(Reporting)

// @ts-expect-error a class whose input is narrower than the output
new Planning().addAdvancer(DetailedResearch)

// @ts-expect-error an instance that takes a string, under a condition
new Planning().addAdvancer(isShort, new Reporting())

// @ts-expect-error a class that takes a string, under a condition
new Planning().addAdvancer(isShort, Reporting)

// @ts-expect-error a condition that does not narrow leaves a plan, and the target takes a detailed one
new Planning().addAdvancer(isShort, DetailedResearch)

// @ts-expect-error a condition that narrows to a detailed plan, and the target takes a query
new Planning().addAdvancer(isDetailed, Searching)

// @ts-expect-error a condition about something else than the output
new Planning().addAdvancer((notes: string) => notes !== '', Research)

// @ts-expect-error a condition without a target
new Planning().addAdvancer(isShort)

// @ts-expect-error a condition that returns no boolean
new Planning().addAdvancer(plan => plan.topic, Research)

// @ts-expect-error a converter of another output
new Planning().addAdvancer(isShort, Reporting, (notes: string) => notes)

// @ts-expect-error a converter whose result is not what the target takes
new Planning().addAdvancer(isShort, Reporting, plan => plan.queries.length)

// @ts-expect-error the same, when a promise of it comes
new Planning().addAdvancer(isShort, Reporting, async plan => plan.queries.length)

// @ts-expect-error after a narrowing condition, a converter whose result is not what the target takes
new Planning().addAdvancer(isDetailed, Searching, detailed => detailed.chapters)

// @ts-expect-error a class that is no state
new Planning().addAdvancer(Plan)

export class Spreading extends OrchestrationAdvancer<Plan> {
  getNextRunnable(plan: Plan): NextRunnable<Plan> {
    return [Research, new Research(), 'Research', ...plan.queries.map(query => sendTo(Searching, query))]
  }
}

export class Sending extends OrchestrationAdvancer<Plan> {
  async getNextRunnable(plan: Plan) {
    if (plan.queries.length === 0) return null
    return plan.queries.map(query => sendTo(new Searching(query.text), query))
  }
}

/** A value that is more than the target takes. */
export const more = sendTo(Research, new DetailedPlan())
export const byName = sendTo('Research', new Plan())

// @ts-expect-error a value of another type, to a class
sendTo(Searching, 'a query')

// @ts-expect-error a value of another type, to an instance
sendTo(new Searching(), new Plan())

// @ts-expect-error a value that is less than the target takes
sendTo(DetailedResearch, new Plan())

// @ts-expect-error no value
sendTo(Research)

export class Counting extends OrchestrationRunnable<string, number> {
  // @ts-expect-error a state that returns another type than it says
  invoke(text: string) {
    return text
  }
}

export class Measuring extends OrchestrationRunnable<string, number> {
  // @ts-expect-error a state that takes another type than it says
  invoke(text: number) {
    return text
  }
}
