import { expectTypeOf } from 'vitest'
import {
  type ApprovalOutcome,
  ApprovalRunnable,
  Approved,
  Expired,
  Rejected,
  SignalRunnable,
} from '../../src/core/index.js'
import { Plan, Planning, type Query, Report, Reporting, Research, Study } from './documents.js'

const approval = new ApprovalRunnable<Plan>({ message: plan => `Search for ${plan.topic}?`, timeoutMs: 60_000 })
const isApproved = (outcome: ApprovalOutcome<Plan>) => outcome instanceof Approved

/** Each class of outcome has its own route, and its converter knows which it is. */
new Planning().addAdvancer(
  approval
    .addAdvancer(
      outcome => outcome instanceof Approved,
      Research,
      approved => {
        expectTypeOf(approved).toEqualTypeOf<Approved<Plan>>()
        return approved.subject
      },
    )
    .addAdvancer(
      outcome => outcome instanceof Rejected,
      Reporting,
      rejected => rejected.decision.comment ?? 'No reason given',
    )
    .addAdvancer(
      outcome => outcome.outcome === 'expired',
      Reporting,
      expired => {
        expectTypeOf(expired).toEqualTypeOf<Expired<Plan>>()
        return expired.subject.topic
      },
    ),
)

// @ts-expect-error an outcome is not what was to be approved
approval.addAdvancer(Research)

// @ts-expect-error nor is it under a condition
approval.addAdvancer(isApproved, Research)

const topicOf = (approved: Approved<Plan>) => approved.subject.topic
// @ts-expect-error an outcome that is only known not to be expired may be a rejection
approval.addAdvancer(outcome => !(outcome instanceof Expired), Reporting, topicOf)

approval.addAdvancer(
  outcome => outcome instanceof Expired,
  Reporting,
  // @ts-expect-error nobody has decided about what expired
  expired => expired.decision.comment,
)

// @ts-expect-error a state that returns something else than what is to be approved
new Reporting().addAdvancer(approval)

expectTypeOf<Rejected<Plan>>().not.toExtend<Approved<Plan>>()
expectTypeOf<Approved<Plan>>().not.toExtend<Rejected<Plan>>()

const reply = new SignalRunnable<Plan, Report>({ signal: Report })
class Answers extends SignalRunnable<Plan, Query> {}
const run = new Study().start('AI in healthcare')

/** A signal returns what was sent. */
new Planning().addAdvancer(
  reply.addAdvancer(
    report => report.title !== '',
    Reporting,
    report => report.title,
  ),
)
void run.signal(reply, new Report())
void run.signal(Answers, { text: 'a query' })
void run.approve(approval, { by: 'Ada' })
void run.reject(ApprovalRunnable)

// @ts-expect-error another payload, by instance
void run.signal(reply, new Plan())

// @ts-expect-error another payload, by class
void run.signal(Answers, 'a query')

// @ts-expect-error no payload
void run.signal(reply)

// @ts-expect-error a state that waits for no signal
void run.signal(Planning, new Plan())

// @ts-expect-error a state that waits for no approval
void run.approve(new Planning())

// @ts-expect-error what was sent is a report, and the next state takes a plan
reply.addAdvancer(Research)

// @ts-expect-error the declared class is not that of the payload
new SignalRunnable<Plan, Report>({ signal: Plan })
