import { consoleLogger, type Logger } from '../core/index.js'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import { didYouMean } from '../errors/internal.js'
import {
  type OrchestraEventName,
  type OrchestraEvents,
  type OrchestraNotice,
  orchestraEventNames,
} from './event-bus-events.js'

/** What is called with an event; what it throws, or rejects with, goes to the logger and harms nothing. */
export type OrchestraEventHandler<K extends OrchestraEventName> = (event: OrchestraEvents[K]) => unknown

/**
 * What happens in the runs of an {@link Orchestra}, in the words of S1. It is a view of the runs' event streams: it keeps nothing, so a
 * subscriber hears what happens from now on, and nobody who listens can change or stop a run.
 *
 * ```ts
 * const leave = orchestra.eventBus.subscribe('StepCompleted', ({ agent, response }) => console.log(agent, response))
 * ```
 */
export class EventBus {
  readonly #handlers = new Map<OrchestraEventName, Set<{ readonly handle: (event: never) => unknown }>>()
  readonly #logger: Logger

  /** @param logger where handlers are reported that throw; the default is the console */
  constructor(logger: Logger = consoleLogger) {
    this.#logger = logger
  }

  /**
   * Calls `handler` for each event of a name, of all runs. Returns what takes it off again.
   * @throws OPTION_INVALID for a name that there is none of
   */
  subscribe<K extends OrchestraEventName>(name: K, handler: OrchestraEventHandler<K>): () => void {
    if (!orchestraEventNames.includes(name)) throw unknownName(name)
    if (typeof handler !== 'function') throw new OptionError('handler', 'a function', handler)
    const handlers = this.#handlers.get(name) ?? new Set()
    this.#handlers.set(name, handlers)
    // Not the handler itself: subscribed twice it is called twice, and leaves once each.
    const entry = { handle: handler }
    handlers.add(entry)
    return () => handlers.delete(entry)
  }

  /** Tells everybody. @internal */
  publish({ name, event }: OrchestraNotice): void {
    for (const { handle } of [...(this.#handlers.get(name) ?? [])]) this.#call(name, handle, event)
  }

  #call(name: OrchestraEventName, handle: (event: never) => unknown, event: unknown): void {
    const report = (thrown: unknown): void => this.#logger.warn(`a handler of "${name}" failed`, ensureError(thrown))
    try {
      const pending = handle(event as never)
      if (pending instanceof Promise) pending.catch(report)
    } catch (thrown) {
      report(thrown)
    }
  }
}

function unknownName(name: unknown): OrchestrationError {
  const hint = didYouMean(String(name), orchestraEventNames, '')
  return new OrchestrationError(`An event bus has no event "${String(name)}". ${hint}`, {
    code: 'OPTION_INVALID',
    details: { option: 'name', known: orchestraEventNames },
  })
}
