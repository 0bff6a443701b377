import type { Attributes, Link } from '@opentelemetry/api'
import type { EventOfType, NextCall, StateCall } from '../core/index.js'
import { ensureError } from '../errors/index.js'
import { AgentSpans, type AgentWorkEvent } from './agent-spans.js'
import { SpanAttribute } from './span-attributes.js'
import { SpanScope, type TracingEnvironment } from './span-scope.js'

interface AttemptTrace {
  readonly scope: SpanScope
  readonly agents: AgentSpans
}

/** The span of one visit of a state, and those of the attempts in it. */
export class VisitTrace {
  readonly token: string
  readonly scope: SpanScope
  readonly #environment: TracingEnvironment
  readonly #stateName: string
  /** The latest is last. */
  #attempts: AttemptTrace[] = []
  #others: AgentSpans | undefined

  constructor(
    environment: TracingEnvironment,
    run: SpanScope,
    event: { readonly stateName: string; readonly token: string; readonly at: number },
    links: Link[],
    name?: string,
  ) {
    const { stateName, token, at } = event
    this.token = token
    this.#environment = environment
    this.#stateName = stateName
    this.scope = new SpanScope(environment, {
      name: name ?? environment.options.stateSpanName?.(stateName) ?? stateName,
      at,
      parent: run.context,
      attributes: { [SpanAttribute.State]: stateName, [SpanAttribute.Token]: token },
      links,
    })
  }

  /** Lets an attempt run inside a span of its own, which is the active one for the state's code. */
  async attempt({ context }: StateCall, next: NextCall): Promise<unknown> {
    const attempt = this.#begin(context.attempt, context.now())
    const { signal } = context
    const fail = (thrown: unknown): void => {
      const at = context.now()
      attempt.scope.fail(ensureError(thrown), at)
      this.#end(attempt, at)
    }
    // Code that does not listen to its signal may go on for long; the attempt is over all the same.
    const onAbort = (): void => fail(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const output = await this.#environment.api.context.with(attempt.scope.context, async () => next())
      this.#end(attempt, context.now())
      return output
    } catch (thrown) {
      fail(thrown)
      throw thrown
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  handleAgent(event: AgentWorkEvent): void {
    const attempt = this.#attempts.at(-1)
    // An advancer can have an agent too, after the last attempt.
    this.#others ??= attempt === undefined ? new AgentSpans(this.#environment, this.scope.context, event.at) : undefined
    ;(attempt?.agents ?? this.#others)?.handle(event)
  }

  handleRetry({ attempt, delayMs, errorMessage, at }: EventOfType<'state.retrying'>): void {
    const attributes = {
      [SpanAttribute.Attempt]: attempt,
      'advancer.delay_ms': delayMs,
      'advancer.error': errorMessage,
    }
    this.scope.note('state.retrying', attributes, at)
  }

  end(at: number, attributes: Attributes): void {
    for (const attempt of this.#attempts) this.#end(attempt, at, { [SpanAttribute.Outcome]: 'abandoned' })
    this.#others?.end(at)
    this.scope.end(at, attributes)
  }

  #begin(number: number, at: number): AttemptTrace {
    const scope = new SpanScope(this.#environment, {
      name: `attempt ${this.#stateName}`,
      at,
      parent: this.scope.context,
      attributes: { [SpanAttribute.State]: this.#stateName, [SpanAttribute.Attempt]: number },
    })
    const attempt = { scope, agents: new AgentSpans(this.#environment, scope.context, at) }
    this.#attempts.push(attempt)
    return attempt
  }

  #end(attempt: AttemptTrace, at: number, attributes?: Attributes): void {
    this.#attempts = this.#attempts.filter(each => each !== attempt)
    attempt.agents.end(at)
    attempt.scope.end(at, attributes)
  }
}
