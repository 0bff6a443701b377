import { ensureError } from '../../errors/index.js'
import { PayloadError, type Schema } from '../../schema/index.js'
import type { OrchestrationGraph } from '../graph.js'
import type { RunFailure } from '../run-errors.js'
import { isPromiseLike } from '../when-ready.js'
import type { RunState } from './run-state.js'

/** The input of a run as it begins; `checked` if the first state need not validate it again. */
export interface Admission {
  readonly input: unknown
  readonly checked: Schema | undefined
}

/** Validates the input of a run, and tells one of the two, at once if validation is synchronous. */
export function admit(
  graph: OrchestrationGraph,
  input: unknown,
  begin: (admission: Admission) => void,
  refuse: (failure: RunFailure) => void,
): void {
  const { input: schema, entry } = graph
  if (schema === undefined) {
    begin({ input, checked: undefined })
    return
  }
  const checked = entry.input?.accepts(schema) === true ? entry.input : undefined
  check(
    schema,
    input,
    value => begin({ input: value, checked }),
    thrown => refuse({ error: located(thrown, graph, 'input') }),
  )
}

/** Validates the result of a run that is about to complete, unless its last state has just done so. */
export function release(
  { graph, ending, results }: RunState,
  end: (output: unknown, failure: RunFailure | undefined) => void,
): void {
  const last = results.at(-1)
  if (ending?.status !== 'completed' || last === undefined) {
    end(undefined, undefined)
    return
  }
  const { output: schema } = graph
  const { node, value } = last
  const isKnown = node.output !== undefined && schema?.accepts(node.output) === true
  if (schema === undefined || isKnown) {
    end(value, undefined)
    return
  }
  check(
    schema,
    value,
    output => end(output, undefined),
    thrown => end(undefined, { error: located(thrown, graph, 'output'), stateName: node.name }),
  )
}

function check(
  schema: Schema,
  value: unknown,
  accept: (value: unknown) => void,
  refuse: (thrown: unknown) => void,
): void {
  let checked: unknown
  try {
    checked = schema.check(value)
  } catch (thrown) {
    refuse(thrown)
    return
  }
  if (isPromiseLike(checked)) checked.then(accept, refuse)
  else accept(checked)
}

function located(thrown: unknown, { name: orchestration }: OrchestrationGraph, direction: 'input' | 'output'): Error {
  return thrown instanceof PayloadError ? thrown.at({ orchestration, direction }) : ensureError(thrown)
}
