import { expectTypeOf } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  Expired,
  type Orchestration,
  OrchestrationRunnable,
  Rejected,
  type StateFailure,
} from '../../src/core/index.js'
import { joinState, OrchestrationBuilder, type Outlet, type RoutedState, state } from '../../src/graph/index.js'
import {
  DetailedPlan,
  DetailedPlanning,
  DetailedResearch,
  Logging,
  Plan,
  Planning,
  Query,
  Report,
  Reporting,
  Research,
  Searching,
} from './documents.js'

const builder = (): OrchestrationBuilder<string, Report> => new OrchestrationBuilder<string, Report>()
const isDetailed = (plan: Plan): plan is DetailedPlan => plan instanceof DetailedPlan
const isShort = (plan: Plan) => plan.queries.length < 3

class Joining extends OrchestrationRunnable<readonly string[], string> {
  invoke(notes: readonly string[]) {
    return notes.join()
  }
}

class Replanning extends OrchestrationRunnable<Rejected<Plan> | Expired<Plan>, Plan> {
  invoke(outcome: Rejected<Plan> | Expired<Plan>) {
    return outcome.subject
  }
}

class Apologizing extends OrchestrationRunnable<StateFailure, Report> {
  invoke(failure: StateFailure) {
    return Object.assign(new Report(), { summary: failure.error.message })
  }
}

/** Classes and instances, states that take less and return more, conversions, all in one expression. */
expectTypeOf(
  new OrchestrationBuilder<string, Report>({ name: 'Study', input: String, output: Report, maxSteps: 20 })
    .entry(Planning)
    .advance(Planning, Research)
    .advance(Planning, DetailedResearch, { when: isDetailed })
    .advance(Planning, DetailedResearch, { when: plan => plan instanceof DetailedPlan })
    .advance(Planning, new Logging(), { when: isShort })
    .advance(Planning, Reporting, { when: async plan => isShort(plan), convert: plan => plan.topic })
    .advance(Planning, Searching, { convert: plan => plan.queries[0] as Query })
    .advance(new DetailedPlanning(), Research)
    .advance(Research, Reporting)
    .parallel(Planning, [Research, Logging])
    .join([Research, Logging], CollectRunnable<string>)
    .each(Planning, plan => plan.queries, Searching)
    .each(Planning, async plan => plan.queries, Searching, { into: Joining, policy: 'any' })
    .each(Planning, plan => plan.queries, Searching, { last: Reporting, into: Logging })
    .loop(
      state('Polish', (text: string) => text),
      text => text.length > 3,
      Reporting,
      { maxRounds: 3, exhausted: Logging },
    )
    .loop(Planning, isShort, Research, { back: state('Again', (plan: Plan) => plan.topic) })
    .onError(Planning, Apologizing)
    .onError(Planning, Reporting, { when: failure => failure.input === '', convert: failure => failure.input })
    .output(Reporting)
    .deadEnd(Logging)
    .exit(Apologizing)
    .build(),
).toEqualTypeOf<Orchestration<string, Report>>()

/** A state of a function has the types of its options, or of the function. */
expectTypeOf(
  state('Plan', { input: String, output: Plan }, topic => Object.assign(new Plan(), { topic })),
).toEqualTypeOf<OrchestrationRunnable<string, Plan>>()
expectTypeOf(state('Shout', async (text: string) => text.toUpperCase())).toEqualTypeOf<
  OrchestrationRunnable<string, string>
>()
expectTypeOf(state('Study', builder().build())).toEqualTypeOf<OrchestrationRunnable<string, Report>>()
builder().join(
  [Research],
  joinState('Gather', { policy: { quorum: 1 } }, (notes: readonly string[]) => notes.length),
)

/** Outcomes may be routed in one expression, in statements and by functions; what is left stays known. */
const approval = new ApprovalRunnable<Plan>()
const reviewing = builder()
const open = reviewing.route(approval)
expectTypeOf(open).toEqualTypeOf<Outlet<Plan, Approved<Plan> | Rejected<Plan> | Expired<Plan>, Report>>()
const rest = open.to(Approved, Research, approved => approved.subject)
expectTypeOf(rest).toEqualTypeOf<Outlet<Plan, Rejected<Plan> | Expired<Plan>, Report>>()
function routeRest<TResult>(outlet: Outlet<Plan, Rejected<Plan> | Expired<Plan>, TResult>): RoutedState<Plan> {
  return outlet
    .to(Rejected, Planning, rejected => rejected.subject.topic)
    .to(Expired, Logging)
    .done()
}
const review = routeRest(rest)
reviewing.advance(Planning, review).each(Searching, () => [new Plan()], review)
reviewing.advance(Planning, reviewing.route(approval).to(Approved, Logging).otherwise(Replanning))
reviewing.advance(
  Planning,
  reviewing.route(approval).otherwise(Reporting, outcome => outcome.subject.topic),
)
reviewing.onError(review, Apologizing)

/** Two outcomes, one of which is the result. */
class Deciding extends OrchestrationRunnable<string, Report | Plan> {
  invoke(text: string) {
    return text === '' ? new Plan() : new Report()
  }
}
reviewing.entry(reviewing.route(Deciding).to(Plan, Research).output())

/** Kinds of output that are no classes want no route each. */
for (const plain of [
  state('text', (text: string): 'a' | 'b' => (text === '' ? 'a' : 'b')),
  state('flag', (text: string) => text === ''),
  state('maybe', (text: string): Plan | null => (text === '' ? null : new Plan())),
  state('anything', (text: string): unknown => text),
  state('list', (text: string): Plan[] | Query[] => (text === '' ? [new Plan()] : [new Query()])),
  state('detailed', (text: string): Plan | DetailedPlan => (text === '' ? new Plan() : new DetailedPlan())),
])
  builder().entry(plain)

/** An outcome may have a constructor that nobody else can call. */
class Sealed {
  readonly outcome = 'sealed'
  private constructor(readonly by: string) {}
  static by(name: string): Sealed {
    return new Sealed(name)
  }
}
const sealing = state('seal', (text: string): Sealed | Plan => (text === '' ? new Plan() : Sealed.by(text)))
builder().entry(
  builder()
    .route(sealing)
    .to(Sealed, Reporting, sealed => sealed.by)
    .to(Plan, Research)
    .done(),
)

// Wrong pairs.

// @ts-expect-error a state that takes a string, after one that returns a plan
builder().advance(Planning, Reporting)

// @ts-expect-error the same, as instances
builder().advance(new Planning(), new Reporting())

// @ts-expect-error a target narrower than the output
builder().advance(Planning, DetailedResearch)

// @ts-expect-error a target has no name here that the compiler could not check
builder().advance(Planning, 'Research')

// @ts-expect-error a condition about something else
builder().advance(Planning, Research, { when: (text: string) => text === '' })

// @ts-expect-error a condition that returns no boolean
builder().advance(Planning, Research, { when: plan => plan.topic })

// @ts-expect-error a condition that does not narrow, and a target that needs it
builder().advance(Planning, DetailedResearch, { when: isShort })

// @ts-expect-error a conversion to something else
builder().advance(Planning, Reporting, { convert: plan => plan.queries })

// @ts-expect-error an initial state that takes something else than the orchestration
builder().entry(Research)

// @ts-expect-error an output that is none
builder().output(Research)

// @ts-expect-error nor is it one at an exit
builder().exit(Planning)

// @ts-expect-error one of the branches takes something else
builder().parallel(Planning, [Research, Reporting])

// @ts-expect-error a branch brings something else than the join takes
builder().join([Research, Planning], CollectRunnable<string>)

// @ts-expect-error a state that is no join
builder().join([Planning], Research)

// @ts-expect-error items of another type
builder().each(Planning, plan => [plan.topic], Searching)

// @ts-expect-error items of something that is no array
builder().each(Planning, plan => plan.topic, Logging)

// @ts-expect-error what comes after the branches takes an array of their outputs
builder().each(Planning, plan => plan.queries, Searching, { into: Reporting })

// @ts-expect-error and the last state of each branch decides what is in it
builder().each(Planning, plan => plan.queries, Searching, { last: Reporting, into: Joining })

// @ts-expect-error a state that does not take what it returns cannot repeat itself
builder().loop(Planning, () => true, Research)

// @ts-expect-error a loop that leads back to something else
builder().loop(Planning, () => true, Research, { back: Reporting })

// @ts-expect-error a loop that leads on to something else
builder().loop(Planning, () => true, Reporting, { back: Research })

// @ts-expect-error a way out of an exhausted loop that takes something else
builder().loop(Planning, () => true, Research, { back: Research, exhausted: Reporting })

// @ts-expect-error a state that takes no failure
builder().onError(Planning, Reporting)

// @ts-expect-error a failure converted to something else
builder().onError(Planning, Research, { convert: failure => failure.input })

// @ts-expect-error the class of another input
new OrchestrationBuilder<string, Report>({ input: Plan })

// @ts-expect-error the class of another output
new OrchestrationBuilder<string, Report>({ output: Plan })

// @ts-expect-error a builder of another orchestration
const other: OrchestrationBuilder<string, Plan> = builder()

// @ts-expect-error what is built has the types that were promised
const wider: Orchestration<string, Plan> = builder().build()

// @ts-expect-error a function that returns something else than its state
state('Plan', { input: String, output: Plan }, topic => topic)

// Outcomes without a route.

// @ts-expect-error a state with three outcomes, none of them routed
builder().advance(Planning, approval)

// @ts-expect-error the same as an initial state
builder().entry(Deciding)

// @ts-expect-error the same for each item
builder().each(Searching, () => [new Plan()], approval)

// @ts-expect-error the same in a fan-out
builder().parallel(Planning, [Research, approval])

// @ts-expect-error the same after a failure
builder().onError(Planning, Deciding, { convert: failure => failure.input })

// @ts-expect-error an outcome is left
builder().route(approval).to(Approved, Logging).to(Expired, Logging).done()

// @ts-expect-error an outlet is no state
builder().advance(Planning, builder().route(approval).to(Approved, Logging))

// @ts-expect-error in statements, what is left is still known
rest.done()

// @ts-expect-error a function that takes what is left is not given more
routeRest(open)

// @ts-expect-error conditions are not routes: nobody could tell whether they leave an outcome out
builder().advance(approval, Logging, { when: outcome => outcome instanceof Approved })

// @ts-expect-error an outcome goes to a state that takes it
builder().route(approval).to(Approved, Research)

// @ts-expect-error or is converted to what it takes
open.to(Approved, Research, approved => approved.subject.topic)

// @ts-expect-error what is left goes to a state that takes all of it
builder().route(approval).otherwise(Replanning)

// @ts-expect-error a class that is no outcome
builder().route(approval).to(Plan, Logging)

// @ts-expect-error a function is no outcome, though anything could be an instance of it
builder().route(approval).to(isShort, Logging)

// @ts-expect-error an outcome that has been routed
builder().route(approval).to(Approved, Logging).to(Approved, Logging)

// @ts-expect-error what is left is no result
builder().route(approval).to(Approved, Logging).output()

// @ts-expect-error a state that is routed leads nowhere else
builder().advance(review, Research)

export type { other, wider }
