import { PayloadError, type Schema } from '../../schema/index.js'
import type { RunContext } from '../context.js'
import type { GraphNode } from '../graph.js'
import type { Interceptor, StateCall } from '../interceptor.js'
import type { JoinRunnable } from '../join.js'
import type { AnyRunnable } from '../runnable.js'
import { isPromiseLike, whenReady } from '../when-ready.js'

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

/** Does the work of a state, inside its interceptors, and validates what comes out. */
export function invoke(node: GraphNode, runnable: AnyRunnable, input: unknown, context: RunContext): unknown {
  const work = (): unknown => {
    const output =
      node.kind === 'join'
        ? (runnable as unknown as JoinRunnable<unknown, unknown>).join(input as readonly unknown[], context)
        : runnable.invoke(input as never, context)
    return node.output === undefined ? output : whenReady(output, value => checkOutput(node, value))
  }
  if (node.interceptors.length === 0) return work()
  const call: StateCall = { context, stateName: node.name, input }
  let validated: { readonly output: unknown } | undefined
  const answer = intercepted(node.interceptors, 0, call, async () => {
    const output = await work()
    validated = { output }
    return output
  })
  // An interceptor may answer with something of its own.
  return answer.then(output =>
    validated !== undefined && validated.output === output ? output : checkOutput(node, output),
  )
}

function intercepted(
  interceptors: readonly Interceptor[],
  from: number,
  call: StateCall,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const interceptor = interceptors[from]
  if (interceptor === undefined) return work()
  return interceptor.around(call, async () => intercepted(interceptors, from + 1, call, work))
}
