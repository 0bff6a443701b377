import { OrchestrationError } from '../errors/index.js'
import type { OrchestrationAdvancer } from './advancer.js'
import type { RunnableDeclaration } from './runnable-options.js'

/** What was set on one runnable instance. Kept beside the instance, so that no field of a subclass can overwrite it. */
export interface RunnableWiring {
  declaration: RunnableDeclaration
  advancers: OrchestrationAdvancer<never, unknown>[]
  errorAdvancers: OrchestrationAdvancer<never, unknown>[]
  /** The orchestration whose first run froze this runnable. */
  frozenBy: string | undefined
}

const wirings = new WeakMap<object, RunnableWiring>()

export function wiringOf(runnable: object): RunnableWiring {
  let wiring = wirings.get(runnable)
  if (wiring === undefined) {
    wiring = { declaration: {}, advancers: [], errorAdvancers: [], frozenBy: undefined }
    wirings.set(runnable, wiring)
  }
  return wiring
}

/** The wiring, for changing it. */
export function openWiring(runnable: object, change: string): RunnableWiring {
  const wiring = wiringOf(runnable)
  if (wiring.frozenBy !== undefined) {
    throw new OrchestrationError(
      `${change} on ${runnable.constructor.name} came too late: orchestration "${wiring.frozenBy}" has already run with it. ` +
        'Wire everything in the constructor; for another graph, make new instances.',
      { code: 'DEFINITION_FROZEN', details: { orchestration: wiring.frozenBy, runnable: runnable.constructor.name } },
    )
  }
  return wiring
}
