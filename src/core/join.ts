import { OptionError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import type { RunContext } from './context.js'
import { OrchestrationRunnable } from './runnable.js'
import type { RunnableRef } from './target.js'

/**
 * How many branches a join needs. `all`: every branch that can still arrive; `any`: the first; `quorum`: so many of them.
 */
export type JoinPolicy = 'all' | 'any' | { readonly quorum: number }

/** How a join behaves. */
export interface JoinOptions {
  /** @default 'all' */
  readonly policy?: JoinPolicy
  /** How long to wait after the first arrival, in milliseconds, before going on as {@link JoinOptions.onInsufficient} says. @default no limit */
  readonly timeoutMs?: number
  /**
   * What to do when fewer branches than the policy asks for can still arrive, one of them failed (`all`), or time is up:
   * fail the join, or proceed with those that are there. @default 'fail'
   */
  readonly onInsufficient?: 'fail' | 'proceed'
  /** Cancel the branches that are no longer needed once an `any` or `quorum` join has fired. @default true */
  readonly cancelRest?: boolean
  /**
   * The state whose fan-outs it closes: what arrives belongs to the innermost of them that the branch is in, whichever way it came.
   * For states that call each other like functions, where other ways lead to the join as well. @default the innermost fan-out that
   * every path to the join runs through
   */
  readonly forkedBy?: RunnableRef<never>
}

/** {@link JoinOptions} with every default filled in. */
export interface ResolvedJoinOptions {
  /** How many arrivals suffice, or `undefined` for all. */
  readonly quorum: number | undefined
  readonly timeoutMs: number | undefined
  readonly onInsufficient: 'fail' | 'proceed'
  readonly cancelRest: boolean
  /** The name of the state whose fan-outs it closes. Missing where nothing is said, so that it is not in the descriptions of stores. */
  readonly forkedBy?: string
}

/**
 * A state where branches come together again.
 *
 * It waits for the branches of the innermost fan-out that every path to it runs through, and counts those that can still reach
 * it: a branch that ends or goes elsewhere releases it. Each pass of a loop has a barrier of its own. Inputs are in the order in
 * which the branches were declared, not in which they arrived. The joined branch goes on as the one that forked.
 *
 * ```ts
 * class Gather extends JoinRunnable<Finding, Report> {
 *   join(findings: readonly Finding[]) { return new Report(findings) }
 * }
 * ```
 *
 * `@Runnable({ input })` declares the type of one item.
 */
export abstract class JoinRunnable<in TItem, out TOut> extends OrchestrationRunnable<TItem, TOut> {
  /** The work, once enough branches are there. */
  abstract join(items: readonly TItem[], context: RunContext): Promise<TOut> | TOut

  /** A join of a single input. The engine calls {@link JoinRunnable.join}. */
  override invoke(item: TItem, context: RunContext): Promise<TOut> | TOut {
    return this.join([item], context)
  }

  /** How this join waits; override it to change a default. */
  get joinOptions(): JoinOptions {
    return {}
  }
}

/** A join that hands on what arrived, as an array in declared order. */
export class CollectRunnable<T> extends JoinRunnable<T, readonly T[]> {
  readonly #options: JoinOptions

  constructor(options: JoinOptions = {}) {
    super()
    this.#options = options
  }

  override get joinOptions(): JoinOptions {
    return this.#options
  }

  join(items: readonly T[]): readonly T[] {
    return items
  }
}

const optionNames: OptionNames<JoinOptions> = {
  policy: true,
  timeoutMs: true,
  onInsufficient: true,
  cancelRest: true,
  forkedBy: true,
}

/** Fills in the defaults. @throws OPTION_INVALID for an option that there is not, and for a quorum or time that makes no sense */
export function resolveJoinOptions(options: JoinOptions): ResolvedJoinOptions {
  checkOptionNames('a join', options, optionNames)
  const { policy = 'all', timeoutMs, onInsufficient = 'fail', cancelRest = true } = options
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new OptionError('joinOptions.timeoutMs', 'a number of milliseconds above 0', timeoutMs)
  }
  return { quorum: quorumOf(policy), timeoutMs, onInsufficient, cancelRest }
}

function quorumOf(policy: JoinPolicy): number | undefined {
  if (policy === 'all') return undefined
  if (policy === 'any') return 1
  const quorum: unknown = typeof policy === 'object' ? policy.quorum : policy
  if (!Number.isInteger(quorum) || (quorum as number) < 1) {
    throw new OptionError('joinOptions.policy', "'all', 'any' or { quorum: a whole number of at least 1 }", quorum)
  }
  return quorum as number
}
