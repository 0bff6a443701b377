import { expectTypeOf } from 'vitest'
import { OrchestrationAdvancer, OrchestrationRunnable, StateFailure } from '../../src/core/index.js'
import { type Plan, PlanAdvancer, Planning, Reporting, Research, Searching } from './documents.js'

class Apologizing extends OrchestrationRunnable<StateFailure, string> {
  invoke(failure: StateFailure) {
    return failure.error.message
  }
}

class Replanning extends OrchestrationRunnable<StateFailure<string>, Plan> {
  invoke(failure: StateFailure<string>) {
    return new Planning().invoke(failure.input)
  }
}

class FailureAdvancer extends OrchestrationAdvancer<StateFailure> {
  getNextRunnable() {
    return Apologizing
  }
}

/** A failure goes to a state that takes one, with the input the failed state had. */
new Planning()
  .onError(Apologizing)
  .onError(new Replanning())
  .onError('Apologizing')
  .onError(new FailureAdvancer())
  .onError(({ error }) => error instanceof RangeError, Apologizing)
  .onError(
    failure => failure.error instanceof TypeError,
    Reporting,
    failure => {
      expectTypeOf(failure).toEqualTypeOf<StateFailure<string>>()
      return failure.input
    },
  )

// @ts-expect-error a state that takes no failure, by class
new Planning().onError(Reporting)

// @ts-expect-error a state that takes no failure, by instance
new Planning().onError(new Research())

// @ts-expect-error a state that takes failures on another input
new Research().onError(Replanning)

// @ts-expect-error an advancer of outputs
new Planning().onError(new PlanAdvancer())

// @ts-expect-error under a condition, a state that takes no failure
new Planning().onError(() => true, Reporting)

// @ts-expect-error a condition about the output
new Planning().onError((plan: Plan) => plan.topic === '', Apologizing)

new Planning().onError(
  () => true,
  Searching,
  // @ts-expect-error a converter whose result is not what the target takes
  failure => failure.input,
)

// @ts-expect-error a failure is no output
new Planning().addAdvancer(Apologizing)
