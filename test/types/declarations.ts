import { defineRunnable, JoinRunnable, OrchestrationRunnable, Runnable } from '../../src/core/index.js'
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

/** What is declared agrees with the generics, or says less of the input and more of the output. */
@Runnable({ input: String, output: Plan })
export class Exact extends Planning {}

@Runnable({ input: () => Plan, output: String })
export class Thunk extends Research {}

@Runnable({ output: DetailedPlan })
export class ReturnsMore extends DetailedPlanning {}

@Runnable({ input: DetailedPlan })
export class NeedsLess extends Research {}

@Runnable({ name: 'Plan', reruns: 2, allowDeadEnd: true, parallelAdvances: true })
export class OnlyBehaviour extends Planning {}

@Runnable({ input: [Query], output: [String] })
export class Many extends OrchestrationRunnable<Query[], readonly string[]> {
  invoke(queries: Query[]) {
    return queries.map(query => query.text)
  }
}

@Runnable({ input: [() => Query] })
export class ManyByThunk extends OrchestrationRunnable<readonly Query[], void> {
  invoke() {}
}

@Runnable({ input: Plan, output: Object })
export class Loose extends OrchestrationRunnable<Plan, Record<string, unknown>> {
  invoke(plan: Plan) {
    return { topic: plan.topic }
  }
}

@Runnable({ input: Plan, output: String })
export class OfAnything extends Logging {}

@Runnable({ input: Number })
export abstract class Abstract extends OrchestrationRunnable<number, Date> {}

@Runnable({ input: Query, output: Report })
export class WithConstructor extends OrchestrationRunnable<Query, Report> {
  constructor(readonly index: string) {
    super()
  }
  invoke() {
    return new Report()
  }
}

/** A join declares the type of one item. */
@Runnable({ input: String, output: Report })
export class Gathering extends JoinRunnable<string, Report> {
  join() {
    return new Report()
  }
}

defineRunnable(Planning, { input: String, output: Plan })
new Planning().configure({ input: String, output: Plan }).addAdvancer(Research)
new Searching('web').configure({ name: 'Web' })

// @ts-expect-error an output the state does not return
@Runnable({ output: Report })
export class WrongOutput extends Planning {}

// @ts-expect-error an input the state does not take
@Runnable({ input: Plan })
export class WrongInput extends Planning {}

// @ts-expect-error the output declares more than the state returns
@Runnable({ output: DetailedPlan })
export class PromisesTooMuch extends Planning {}

// @ts-expect-error the input declares less than the state needs
@Runnable({ input: Plan })
export class AsksTooLittle extends DetailedResearch {}

// @ts-expect-error one item where the state returns many
@Runnable({ output: String })
export class OneForMany extends Many {}

// @ts-expect-error many items of another type
@Runnable({ output: [Number] })
export class ManyOthers extends Many {}

// @ts-expect-error the thunk of a class the state does not take
@Runnable({ input: () => Report })
export class WrongThunk extends Planning {}

// @ts-expect-error a join declares one item, not the array
@Runnable({ input: [String] })
export class ArrayForItem extends Gathering {}

// @ts-expect-error a class that is no state
@Runnable({ name: 'Plan' })
export class NoState {}

// @ts-expect-error an option there is not
@Runnable({ retries: 3 })
export class UnknownOption extends Planning {}

// @ts-expect-error an output the state does not return
defineRunnable(Planning, { output: Report })

// @ts-expect-error an input the state does not take
defineRunnable(Planning, { input: Plan })

// @ts-expect-error an output the state does not return
new Planning().configure({ output: Report })

// @ts-expect-error an input the state does not take
new Reporting().configure({ input: Plan })

// @ts-expect-error a name that is none
new Planning().configure({ name: 1 })
