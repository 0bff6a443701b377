import {
  defineAdvancer,
  type NextRunnable,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationRunnable,
  type RunContext,
  type SendTo,
  sendTo,
} from '../../src/core/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'

type Work<TIn, TOut> = (input: TIn, context: RunContext) => TOut | Promise<TOut>

class Step<TIn, TOut> extends OrchestrationRunnable<TIn, TOut> {
  readonly #work: Work<TIn, TOut>

  constructor(work: Work<TIn, TOut>) {
    super()
    this.#work = work
  }

  invoke(input: TIn, context: RunContext): TOut | Promise<TOut> {
    return this.#work(input, context)
  }
}

/** A state that does `work`. */
export function step<TIn = unknown, TOut = TIn>(name: string, work: Work<TIn, TOut>): OrchestrationRunnable<TIn, TOut> {
  return new Step(work).configure({ name }) as OrchestrationRunnable<TIn, TOut>
}

/** A state that returns its input. */
export function pass<T = unknown>(name: string): OrchestrationRunnable<T, T> {
  return step<T, T>(name, input => input)
}

/** A state that returns its own name. */
export function say(name: string): OrchestrationRunnable<unknown, string> {
  return step<unknown, string>(name, () => name)
}

/** A state that returns its own name after `ms` milliseconds on the run's clock. */
export function slow(name: string, ms: number): OrchestrationRunnable<unknown, string> {
  return step<unknown, string>(name, async (_, context) => {
    await context.sleep(ms)
    return name
  })
}

/** A state that fails. */
export function fail(name: string, message = `${name} broke`): OrchestrationRunnable<unknown, string> {
  return step<unknown, string>(name, () => {
    throw new Error(message)
  })
}

/** A state that follows all of its ways on. */
export function fork(
  name: string,
  ...targets: readonly OrchestrationRunnable<never, unknown>[]
): OrchestrationRunnable<unknown, unknown> {
  const runnable = pass(name).configure({ parallelAdvances: true }) as OrchestrationRunnable<unknown, unknown>
  for (const target of targets) runnable.addAdvancer(target as OrchestrationRunnable<unknown, unknown>)
  return runnable
}

/** An advancer that decides with a function, and says where it may lead. */
export function advancer<TOutput>(
  name: string,
  to: readonly string[],
  next: (output: TOutput, context: RunContext) => NextRunnable<TOutput> | Promise<NextRunnable<TOutput>>,
): OrchestrationAdvancer<TOutput> {
  class Deciding extends OrchestrationAdvancer<TOutput> {
    getNextRunnable(output: TOutput, context: RunContext): NextRunnable<TOutput> | Promise<NextRunnable<TOutput>> {
      return next(output, context)
    }
  }
  defineAdvancer(Deciding, { name, to })
  return new Deciding()
}

/** An advancer that sends every item of an array to `target`. */
export function each<T>(target: string): OrchestrationAdvancer<readonly T[]> {
  class Each extends OrchestrationAdvancer<readonly T[]> {
    getNextRunnable(items: readonly T[]): readonly SendTo[] {
      return items.map(item => sendTo<T>(target, item as NoInfer<T>))
    }
  }
  defineAdvancer(Each, { name: 'each', sends: [target] })
  return new Each()
}

export class Machine<TIn, TOut> extends Orchestration<TIn, TOut> {
  constructor(
    initial: OrchestrationRunnable<TIn, unknown>,
    ...registered: readonly OrchestrationRunnable<never, unknown>[]
  ) {
    super()
    this.initialRunnable = initial
    this.register(...registered)
  }
}

/** An orchestration of states that are wired already. */
export function machine<TIn = unknown, TOut = unknown>(
  initial: OrchestrationRunnable<TIn, unknown>,
  ...registered: readonly OrchestrationRunnable<never, unknown>[]
): Machine<TIn, TOut> {
  return new Machine<TIn, TOut>(initial, ...registered)
}

/** A run on a manual clock, with its events. */
export function begin<TIn, TOut>(
  orchestration: Orchestration<TIn, TOut>,
  input: TIn,
  options: Parameters<Orchestration<TIn, TOut>['start']>[1] = {},
) {
  const clock = new ManualClock()
  const run = orchestration.start(input, { clock, ...options })
  return { clock, run, events: new EventRecorder(run) }
}

/** The token under which each state was started, in the order of starting. */
export function tokensOf(events: EventRecorder): readonly string[] {
  return events.ofType('state.started').map(event => `${event.stateName} ${event.token}`)
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string; cause?: unknown }> {
  try {
    await promise
  } catch (thrown) {
    return thrown as Error
  }
  throw new Error('It did not reject.')
}
