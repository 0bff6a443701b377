import { ensureError, OrchestrationError } from '../../errors/index.js'
import type { Schema } from '../../schema/index.js'
import type { RunContext } from '../context.js'
import { conversionProblem } from '../conversion.js'
import type { GraphAdvancer, GraphNode } from '../graph.js'
import { SendTo } from '../target.js'
import type { TargetDirectory } from '../target-directory.js'
import { isPromiseLike, whenReady } from '../when-ready.js'
import type { Move } from './fact.js'

/** Where an output goes; `undefined` if no advancer matched. */
export type Decision = { readonly moves: readonly Move[]; readonly forked: boolean } | undefined

/** An output on its way through the advancers of a state. */
export interface Routing {
  readonly node: GraphNode
  readonly advancers: readonly GraphAdvancer[]
  readonly output: unknown
  /** The schema the output satisfies. */
  readonly checked: Schema | undefined
  readonly context: RunContext
  readonly directory: TargetDirectory
}

/** Asks advancers in order and takes the first that matches. */
export function firstMatch(routing: Routing, from = 0): Decision | PromiseLike<Decision> {
  const advancer = routing.advancers[from]
  if (advancer === undefined) return undefined
  return whenReady(applies(routing, advancer), matches =>
    matches ? follow(routing, advancer) : firstMatch(routing, from + 1),
  )
}

/** Asks all advancers in order and takes every one that matches, each on a branch of its own. */
export function allMatches(
  routing: Routing,
  from = 0,
  taken: readonly Move[] = [],
  matched = false,
): Decision | PromiseLike<Decision> {
  const advancer = routing.advancers[from]
  if (advancer === undefined) return matched ? { moves: taken, forked: true } : undefined
  return whenReady(applies(routing, advancer), applicable =>
    applicable
      ? whenReady(follow(routing, advancer), decision =>
          allMatches(routing, from + 1, [...taken, ...(decision?.moves ?? [])], true),
        )
      : allMatches(routing, from + 1, taken, matched),
  )
}

function applies(routing: Routing, { advancer, name }: GraphAdvancer): boolean | PromiseLike<boolean> {
  return asking(routing, name, 'shouldAdvance', () => advancer.shouldAdvance(routing.output as never, routing.context))
}

function follow(routing: Routing, graphAdvancer: GraphAdvancer): Decision | PromiseLike<Decision> {
  const { advancer, name } = graphAdvancer
  const { output, context } = routing
  return whenReady(
    asking(routing, name, 'getNextRunnable', () => advancer.getNextRunnable(output as never, context)),
    next => {
      if (next === null) return { moves: [], forked: false }
      const targets: readonly unknown[] = Array.isArray(next) ? next : [next]
      const needsValue = targets.some(target => !(target instanceof SendTo))
      const value = needsValue
        ? asking(routing, name, 'convertOutput', () => advancer.convertOutput(output as never, context))
        : undefined
      return whenReady(value, converted => ({
        moves: targets.map(target => moveTo(routing, graphAdvancer, target, converted)),
        forked: Array.isArray(next),
      }))
    },
  )
}

function moveTo(routing: Routing, graphAdvancer: GraphAdvancer, target: unknown, converted: unknown): Move {
  const { name, converts } = graphAdvancer
  const { directory, checked } = routing
  const namedBy = `Advancer "${name}" of state "${routing.node.name}"`
  const sent = target instanceof SendTo
  const { node, runnable } = directory.resolve(sent ? target.target : target, namedBy)
  if (graphAdvancer.targets?.includes(node) === false) throw undeclaredTarget(namedBy, graphAdvancer, node)
  if (sent) return { to: node.name, input: target.value, checked: undefined, runnable, advancer: name }
  if (converts) return { to: node.name, input: converted, checked: undefined, runnable, advancer: name }
  // What is declared for the output says nothing of a failure on its way to an `onError` route.
  const problem = checked === undefined ? undefined : conversionProblem(routing.node, node, name)
  if (problem !== undefined) {
    throw new OrchestrationError(problem, {
      code: 'CANNOT_CONVERT',
      details: { stateName: routing.node.name, advancer: name },
    })
  }
  return {
    to: node.name,
    input: converted,
    checked: checked === undefined ? undefined : node.input,
    runnable,
    advancer: name,
  }
}

/** What joins wait for rests on what advancers declare, so a target that was not declared is refused. */
function undeclaredTarget(namedBy: string, { targets = [] }: GraphAdvancer, node: GraphNode): OrchestrationError {
  const declared = targets.map(target => `"${target.name}"`).join(', ')
  return new OrchestrationError(
    `${namedBy} named "${node.name}", but declares only ${declared}. Add it to the \`to\` or \`sends\` of its @Advancer.`,
    { code: 'UNKNOWN_TARGET', details: { target: node.name } },
  )
}

/** Calls a method of an advancer; what it throws names the advancer. */
function asking<T>(
  routing: Routing,
  advancer: string,
  method: string,
  ask: () => T | PromiseLike<T>,
): T | PromiseLike<T> {
  const blame = (thrown: unknown): never => {
    const cause = ensureError(thrown)
    throw new OrchestrationError(
      `Advancer "${advancer}" of state "${routing.node.name}" failed in ${method}(): ${cause.message}`,
      {
        code: 'ADVANCER_FAILED',
        retryable: OrchestrationError.isInstance(cause) && cause.retryable,
        details: { stateName: routing.node.name, advancer, method },
        cause,
      },
    )
  }
  try {
    const answer = ask()
    return isPending(answer) ? answer.then(undefined, blame) : answer
  } catch (thrown) {
    return blame(thrown)
  }
}

function isPending<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return isPromiseLike(value)
}
