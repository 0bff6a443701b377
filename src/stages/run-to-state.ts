import { type Orchestration, OrchestrationFailedError, type RunOptions } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
import type { BaseGraphState, GraphStateInput, StateClassOf } from './base-graph-state.js'

/**
 * Runs to the end and returns the state. A run whose time is over fails with how far it came: `details.state` of the cause is the
 * state after the last stage that completed.
 */
export async function runToState<S extends BaseGraphState>(
  orchestration: Orchestration<GraphStateInput<S>, S>,
  stateClass: StateClassOf<S>,
  input: GraphStateInput<S>,
  options: RunOptions,
): Promise<S> {
  const run = orchestration.start(input, options)
  let reached: unknown
  run.on('state.completed', ({ path, output }) => {
    if (path === undefined && output instanceof stateClass) reached = output
  })
  try {
    return await run.result
  } catch (thrown) {
    const cause = thrown instanceof OrchestrationFailedError ? thrown.cause : undefined
    const isLate = OrchestrationError.isInstance(cause) && cause.code === 'RUN_TIMED_OUT'
    if (!isLate || reached === undefined) throw thrown
    const { message, code, details } = cause
    const error = new OrchestrationError(`${message} \`details.state\` is how far it came.`, {
      code,
      details: { ...details, state: reached },
    })
    throw new OrchestrationFailedError(orchestration.name, run.id, [{ error }])
  }
}
