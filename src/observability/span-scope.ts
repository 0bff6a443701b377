import type { Attributes, Context, Link, Span, Tracer } from '@opentelemetry/api'
import type { EventError } from '../core/index.js'
import type { OpenTelemetryApi } from './opentelemetry-api.js'
import { errorTypeAttribute } from './span-attributes.js'
import { spanTime } from './span-time.js'
import type { TracingOptions } from './tracing-options.js'

/** What every part of a trace needs. */
export interface TracingEnvironment {
  readonly api: OpenTelemetryApi
  readonly tracer: Tracer
  readonly options: TracingOptions
}

/** How a span begins. */
interface SpanStart {
  readonly name: string
  /** In milliseconds since 1970. */
  readonly at: number
  readonly parent: Context
  readonly attributes: Attributes
  readonly links?: Link[]
  /** A call to somebody else's server. @default false */
  readonly client?: boolean
}

/** A span together with the context in which it is active. It ends once; what comes later changes nothing. */
export class SpanScope {
  readonly span: Span
  readonly context: Context
  readonly startedAt: number
  readonly #environment: TracingEnvironment
  #open = true

  constructor(
    environment: TracingEnvironment,
    { name, at, parent, attributes, links = [], client = false }: SpanStart,
  ) {
    const { api, tracer } = environment
    const kind = client ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL
    this.#environment = environment
    this.startedAt = at
    this.span = tracer.startSpan(name, { startTime: spanTime(at), kind, attributes, links }, parent)
    this.context = api.trace.setSpan(parent, this.span)
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Marks the span as failed. */
  fail(error: Error | EventError, at: number): void {
    if (!this.#open) return
    const { name, message } = error
    const type = ('code' in error && typeof error.code === 'string' ? error.code : undefined) ?? name
    const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}
    this.span.recordException({ name: type, message, ...stack }, spanTime(at))
    this.span.setAttribute(errorTypeAttribute, type)
    this.span.setStatus({ code: this.#environment.api.SpanStatusCode.ERROR, message })
  }

  note(name: string, attributes: Attributes, at: number): void {
    if (this.#open) this.span.addEvent(name, attributes, spanTime(at))
  }

  end(at: number, attributes: Attributes = {}): void {
    if (!this.#open) return
    this.#open = false
    this.span.setAttributes(attributes)
    this.span.end(spanTime(Math.max(at, this.startedAt)))
  }
}
