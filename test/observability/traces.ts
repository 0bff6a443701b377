import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { type OpenTelemetryOptions, openTelemetry } from '../../src/observability/index.js'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

/** An SDK that keeps finished spans in memory. */
export async function tracing(options: OpenTelemetryOptions = {}) {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const tracer = provider.getTracer('test')
  const telemetry = await openTelemetry({ tracer, meter: false, ...options })
  return { exporter, tracer, telemetry, spans: () => exporter.getFinishedSpans() }
}

/** The tree of spans as lines, indented; siblings in order of start, then of end. */
export function treeOf(spans: readonly ReadableSpan[]): readonly string[] {
  const ids = new Set(spans.map(span => span.spanContext().spanId))
  const childrenOf = (id: string | undefined) =>
    spans.filter(span => {
      const parent = span.parentSpanContext?.spanId
      return id === undefined ? parent === undefined || !ids.has(parent) : parent === id
    })
  const lines = (span: ReadableSpan, depth: number): string[] => [
    `${'  '.repeat(depth)}${span.name}${span.status.code === 2 ? ` ✗ ${span.status.message}` : ''}`,
    ...sorted(childrenOf(span.spanContext().spanId)).flatMap(child => lines(child, depth + 1)),
  ]
  return sorted(childrenOf(undefined)).flatMap(root => lines(root, 0))
}

function sorted(spans: readonly ReadableSpan[]): readonly ReadableSpan[] {
  const time = ([seconds, nanos]: ReadableSpan['startTime']) => seconds * 1e9 + nanos
  return [...spans].sort((a, b) => time(a.startTime) - time(b.startTime) || time(a.endTime) - time(b.endTime))
}

/** The one span of a name. */
export function named(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.filter(span => span.name === name)
  if (found.length !== 1) throw new Error(`${found.length} spans are called "${name}".`)
  return found[0] as ReadableSpan
}
