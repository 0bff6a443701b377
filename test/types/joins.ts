import { expectTypeOf } from 'vitest'
import { CollectRunnable, JoinRunnable, OrchestrationRunnable, SubOrchestrationRunnable } from '../../src/core/index.js'
import { Plan, Planning, Report, Reporting, Research, Searching, Study } from './documents.js'

class Gathering extends JoinRunnable<string, Report> {
  join(notes: readonly string[]) {
    return Object.assign(new Report(), { summary: notes.join() })
  }
}

/** Each branch brings one item; what follows gets what the join returns. */
new Searching().addAdvancer(Gathering)
new Research().addAdvancer(new Gathering())
new Gathering().addAdvancer(
  report => report.title === '',
  Reporting,
  report => report.summary,
)

/** A collecting join hands on an array of what arrived. */
class Counting extends OrchestrationRunnable<readonly string[], number> {
  invoke(notes: readonly string[]) {
    return notes.length
  }
}
new Searching().addAdvancer(new CollectRunnable<string>({ policy: { quorum: 2 } }).addAdvancer(Counting))
expectTypeOf(new CollectRunnable<Plan>().join([])).toEqualTypeOf<readonly Plan[]>()

/** An orchestration is a state that takes and returns what it does. */
new Reporting().addAdvancer(
  report => report.title === '',
  new SubOrchestrationRunnable(new Study()),
  report => report.summary,
)

// @ts-expect-error a branch that brings another item
new Planning().addAdvancer(Gathering)

// @ts-expect-error one item is not the array of them
new Searching().addAdvancer(Counting)

// @ts-expect-error a collecting join of another item
new Planning().addAdvancer(new CollectRunnable<string>())

// @ts-expect-error what a collecting join hands on is an array
new CollectRunnable<string>().addAdvancer(Reporting)

// @ts-expect-error an orchestration that takes a string, after a state that returns a report
new Reporting().addAdvancer(new SubOrchestrationRunnable(new Study()))

export class OneAtATime extends JoinRunnable<string, Report> {
  // @ts-expect-error a join gets all items at once
  join(note: string) {
    return Object.assign(new Report(), { summary: note })
  }
}

// @ts-expect-error a policy there is not
new CollectRunnable<string>({ policy: 'most' })
