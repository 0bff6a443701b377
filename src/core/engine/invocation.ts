import { PayloadError, type Schema } from '../../schema/index.js'
import type { GraphNode } from '../graph.js'
import type { Interceptor, StateCall } from '../interceptor.js'
import type { JoinRunnable } from '../join.js'
import type { AnyRunnable } from '../runnable.js'
import { isPromiseLike, whenReady } from '../when-ready.js'
import { type InheritedInterceptor, interceptorsInForce } from './inherited-interceptors.js'
import type { InvocationContext } from './invocation-context.js'

/** Whether a value is what a schema asks for; `where` goes into the error if not. */
function checked(
  schema: Schema | undefined,
  value: unknown,
  where: { readonly state: string; readonly direction: 'input' | 'output' },
): unknown {
  if (schema === undefined) return value
  const locate = (thrown: unknown): never => {
    throw thrown instanceof PayloadError ? thrown.at(where) : thrown
  }
  try {
    const result = schema.check(value)
    return isPromiseLike(result) ? result.then(undefined, locate) : result
  } catch (thrown) {
    return locate(thrown)
  }
}

/** The validated input of a state; for a join, of each of its items. */
export function checkInput(node: GraphNode, input: unknown): unknown {
  const where = { state: node.name, direction: 'input' } as const
  if (node.kind !== 'join' || node.input === undefined) return checked(node.input, input, where)
  const items = (input as readonly unknown[]).map(item => checked(node.input, item, where))
  return items.some(isPromiseLike) ? Promise.all(items) : items
}

/** The validated output of a state. */
export function checkOutput(node: GraphNode, output: unknown): unknown {
  return checked(node.output, output, { state: node.name, direction: 'output' })
}

/** Does the work of a state, inside its interceptors and those of the run, and validates what comes out. */
export function invoke(
  node: GraphNode,
  runnable: AnyRunnable,
  input: unknown,
  context: InvocationContext,
  attempts: readonly Interceptor[],
  inherited: readonly InheritedInterceptor[],
): unknown {
  const interceptors = interceptorsInForce(node, inherited, attempts)
  if (interceptors.length === 0) return work(node, runnable, input, context)
  let validated: { readonly output: unknown } | undefined
  const what = { interceptors, inherited, stateName: node.name, input }
  const answer = intercepted(what, 0, context, async innermost => {
    innermost.begin()
    const output = await work(node, runnable, input, innermost)
    validated = { output }
    return output
  })
  // An interceptor may answer with something of its own.
  return answer.then(output =>
    validated !== undefined && validated.output === output ? output : checkOutput(node, output),
  )
}

function work(node: GraphNode, runnable: AnyRunnable, input: unknown, context: InvocationContext): unknown {
  const output =
    node.kind === 'join'
      ? (runnable as unknown as JoinRunnable<unknown, unknown>).join(input as readonly unknown[], context)
      : runnable.invoke(input as never, context)
  return node.output === undefined ? output : whenReady(output, value => checkOutput(node, value))
}

/** An invocation and what is around it. */
interface Intercepted extends Pick<StateCall, 'stateName' | 'input'> {
  /** The outermost first, those that are inherited before all others. */
  readonly interceptors: readonly Interceptor[]
  readonly inherited: readonly InheritedInterceptor[]
}

const noPath: readonly string[] = []

/** Each interceptor gets a context of its own, so that what a failed attempt wrote goes with it. */
async function intercepted(
  what: Intercepted,
  from: number,
  context: InvocationContext,
  innermost: (context: InvocationContext) => Promise<unknown>,
): Promise<unknown> {
  const interceptor = what.interceptors[from]
  if (interceptor === undefined) return innermost(context)
  const { runId, path } = what.inherited[from] ?? { runId: context.runId, path: noPath }
  const call: StateCall = { context, stateName: what.stateName, input: what.input, runId, path }
  return interceptor.around(call, async attempt => {
    const inner = context.forAttempt(attempt ?? {}, call, interceptor)
    const output = await intercepted(what, from + 1, inner, innermost)
    context.adopt(inner)
    return output
  })
}
