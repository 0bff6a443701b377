import type { OrchestrationRunnable } from './runnable.js'

/** A class of runnables that take a `TIn`. */
export type RunnableClass<TIn> = abstract new (
  ...args: any[] // any: a constructor's parameters play no part in naming a class
) => OrchestrationRunnable<TIn, unknown>

/**
 * A way to name a state that takes a `TIn`: the instance, its class (if one instance of it is registered) or its name.
 * A name is checked when the orchestration is first run, not by the compiler.
 */
export type RunnableRef<TIn> = OrchestrationRunnable<TIn, unknown> | RunnableClass<TIn> | string

/** One branch of a fan-out that gets an input of its own; made by {@link sendTo}. */
export class SendTo {
  /** @internal */
  constructor(
    readonly target: RunnableRef<never>,
    readonly value: unknown,
  ) {}
}

/**
 * Sends `value` to `target`. Returned in an array from `getNextRunnable`, each item opens a branch of its own:
 *
 * ```ts
 * getNextRunnable(plan: SearchPlan) { return plan.items.map(item => sendTo(Search, item)) }
 * ```
 */
export function sendTo<TIn>(target: RunnableRef<TIn>, value: NoInfer<TIn>): SendTo {
  return new SendTo(target as RunnableRef<never>, value)
}

/**
 * What `getNextRunnable` may return: one target (the branch goes on), an array (a fan-out, even with one item), or `null` (the
 * branch ends here). A fresh instance of a registered class is a target too: it has the advancers and options of the
 * registered one; what is set on the fresh instance itself is not used.
 */
export type NextRunnable<TNext> = RunnableRef<TNext> | SendTo | readonly (RunnableRef<TNext> | SendTo)[] | null
