import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  DelayRunnable,
  Expired,
  type GraphNode,
  Rejected,
} from '../core/index.js'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'

/** In place of an output: the state fails. */
export class StubFailure {
  readonly error: Error

  constructor(error: Error | string) {
    this.error = error instanceof Error ? error : new Error(error)
  }
}

/** What a state may return: outputs, {@link StubFailure}s, or a function of its input that gives them. */
export type StubOutputs = readonly unknown[] | ((input: never) => readonly unknown[])

/**
 * The possible outputs of a state, as instances of what it declares. Without stubs an approval may be decided either way, a delay
 * hands on its input, and a collecting join the one item that came along the path.
 *
 * @throws OPTION_INVALID if a state needs stubs and has none; PAYLOAD_INVALID for a stub that is not what the state declares
 */
export async function possibleOutputs(
  node: GraphNode,
  input: unknown,
  stubs: Readonly<Record<string, StubOutputs>>,
): Promise<readonly unknown[]> {
  const given = stubs[node.name]
  if (given === undefined) return naturalOutputs(node, input)
  const outputs = typeof given === 'function' ? given(input as never) : given
  return Promise.all(outputs.map(output => checked(node, output)))
}

function naturalOutputs({ name, runnable, output }: GraphNode, input: unknown): readonly unknown[] {
  if (runnable instanceof ApprovalRunnable) {
    const expired = runnable.timeoutMs === undefined ? [] : [new Expired(input)]
    return [new Approved(input, {}), new Rejected(input, {}), ...expired]
  }
  if (runnable instanceof DelayRunnable) return [input]
  if (runnable instanceof CollectRunnable) return [[input]]
  throw new OptionError(
    `outputs["${name}"]`,
    `an array of what the state may return (${output?.name ?? 'anything'})`,
    undefined,
  )
}

async function checked({ name, output: schema }: GraphNode, output: unknown): Promise<unknown> {
  if (schema === undefined || output instanceof StubFailure) return output
  try {
    return await schema.check(output)
  } catch (thrown) {
    const cause = ensureError(thrown)
    throw new OrchestrationError(`A stub for the output of state "${name}" is no ${schema.name}: ${cause.message}`, {
      code: 'PAYLOAD_INVALID',
      details: { stateName: name },
      cause,
    })
  }
}
