// What docs/comparison.md says does not compile. Each line that must not is named after the row it belongs to.
import {
  type ApprovalOutcome,
  ApprovalRunnable,
  Approved,
  Expired,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationRunnable,
  Rejected,
  type RunContext,
  SignalRunnable,
  SubOrchestrationRunnable,
  sendTo,
} from '../../src/core/index.js'
import { OrchestrationBuilder } from '../../src/graph/index.js'
import { Logging, Plan, Planning, Query, Report, Reporting, Research, Searching, Study } from './documents.js'

const study = new Study()
const run = study.start('AI in healthcare')

/** One definition, as one expression and as many statements: both compile. */
export const inOneExpression = new OrchestrationBuilder<string, Report>()
  .entry(Planning)
  .advance(Planning, Research)
  .advance(Research, Reporting)
  .output(Reporting)
export const inStatements = new OrchestrationBuilder<string, Report>()
inStatements.output(Reporting)
inStatements.advance(Research, Reporting)
inStatements.advance(Planning, Research)
inStatements.entry(Planning)

// @ts-expect-error L1 a builder takes states, so there is no name to misspell
inStatements.advance(Planning, 'nope')

export class WritesAnotherType extends OrchestrationRunnable<string, Plan> {
  // @ts-expect-error L3 a report where a plan is promised
  invoke(): Report {
    return new Report()
  }
}

export class WritesAnUnknownKey extends OrchestrationRunnable<string, Plan> {
  invoke(topic: string): Plan {
    // @ts-expect-error L4 a plan has no such property
    return { topic, queries: [], deadline: 'tomorrow' }
  }
}

// @ts-expect-error L5 a condition chooses among states of the graph, not among names
inStatements.advance(Research, 'nope', { when: () => true })

export class GoesTo extends OrchestrationAdvancer<Plan> {
  // @ts-expect-error L6 no class of states
  getNextRunnable() {
    return Plan
  }
}

// @ts-expect-error L7 a search takes a query
sendTo(Searching, new Report())

export function reads(context: RunContext) {
  // @ts-expect-error L8 the state may not have completed yet
  const { topic }: Plan = context.outputOf(Planning)
  // @ts-expect-error L8 nobody may have written it
  const rounds: number = context.properties.get<number>('rounds')
  // @ts-expect-error M5 a report has another type
  const report: Plan | undefined = context.outputOf(Reporting)
  return [topic, rounds, report]
}

class Reply extends SignalRunnable<Plan, Query> {}
class Approval extends ApprovalRunnable<Plan> {}

// @ts-expect-error L10 what a person decides is an outcome, not what the next state would like
new Approval().addAdvancer(Reporting)

// @ts-expect-error L10 what is sent is a query
new Reply().addAdvancer(Reporting)

// @ts-expect-error M1 a search does not take a plan
new Planning().addAdvancer(Searching)

// @ts-expect-error M1 in a builder neither
inStatements.advance(Planning, Reporting)

export class ReturnsAnother extends Orchestration<string, Report> {
  constructor() {
    super()
    // @ts-expect-error M2 a plan is not the report that is promised
    this.resultRunnable = new Planning()
  }
}

// @ts-expect-error M2 in a builder neither
inStatements.output(Planning)

// @ts-expect-error M3 the message is a query
void run.signal(new Reply(), new Report())

// @ts-expect-error M4 only what waits can be answered
void run.signal(new Planning(), new Plan())

const approval = new Approval()
export const routed = inStatements
  .route(approval)
  .to(Approved, Research, approved => approved.subject)
  .to(Rejected, Logging)
  .to(Expired, Logging)
  .done()

const open = inStatements.route(new Approval()).to(Approved, Research, (approved: Approved<Plan>) => approved.subject)

// @ts-expect-error M6 what is rejected or expires has no route
open.done()

// @ts-expect-error M7 it takes a string
void study.run({ topic: 'AI' })

export class Violates extends OrchestrationRunnable<string, Report> {
  invoke(): Report {
    // @ts-expect-error M8 a report has a summary
    return { title: 'AI' }
  }
}

// @ts-expect-error T2 the inner orchestration takes a string, not a plan
new Planning().addAdvancer(new SubOrchestrationRunnable(study))

// @ts-expect-error T3 what runs inside is an orchestration
new SubOrchestrationRunnable(new Planning())

// @ts-expect-error T4 an event there is not
study.on('state.begun', () => undefined)

// @ts-expect-error T5 a plan does not go where notes are wanted
new Planning().addAdvancer(Reporting)

// @ts-expect-error V1 what came before is a plan
new Planning().addAdvancer(plan => plan.title === '', Research)

// @ts-expect-error V3 another input
study.start(42)

// @ts-expect-error V4 another answer
void run.signal(new Reply(), { title: 'AI' })

/** Also after a wait, a state and a condition have all that the documents promise. */
approval.addAdvancer(
  (outcome: ApprovalOutcome<Plan>, context): outcome is Approved<Plan> =>
    context.outputOf(Planning) !== undefined && outcome instanceof Approved,
  Research,
  approved => approved.subject,
)

// @ts-expect-error I1 an approval some of whose outcomes lead nowhere is nothing to lead on to
inStatements.advance(Planning, new Approval())
