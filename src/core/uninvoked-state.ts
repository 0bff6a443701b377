import type { NodeKind } from './graph.js'
import type { Interceptor } from './interceptor.js'
import type { WiringFault } from './wiring-fault.js'

/** What is said of a state that is not invoked. */
interface Uninvoked {
  readonly is: string
  readonly advice: string
}

const orchestration: Uninvoked = {
  is: 'an orchestration, which is run',
  advice:
    'give it to the states inside, or run the orchestration from a state that can be invoked again: ' +
    'invoke(input, context) { return inner.run(input, { signal: context.signal }) }',
}

const waiting: Uninvoked = {
  is: 'a state that waits',
  advice: 'leave it out; how long to wait is an option of the state, and what then happens is a route',
}

const uninvoked: Readonly<Partial<Record<NodeKind, Uninvoked>>> = {
  orchestration,
  approval: waiting,
  signal: waiting,
  delay: waiting,
}

/** Says which interceptors were given to a state that is not invoked, so that they would never be called. */
export function uninvokedFaults(
  stateName: string,
  kind: NodeKind,
  interceptors: readonly Interceptor[] = [],
): readonly WiringFault[] {
  const what = uninvoked[kind]
  if (what === undefined) return []
  return interceptors
    .filter(({ nested }) => nested !== true)
    .map(each => {
      const given = each.kind === undefined ? 'an interceptor' : `the interceptor "${each.kind}"`
      const message = `state "${stateName}" has ${given} around it, but is ${what.is} and not invoked, so that it would do nothing`
      return { code: 'DECLARATION_INVALID', stateName, message, advice: what.advice }
    })
}
