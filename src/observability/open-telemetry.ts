import type { Meter, Tracer } from '@opentelemetry/api'
import { consoleLogger, type Logger, type Orchestration } from '../core/index.js'
import { EventMetrics } from './event-metrics.js'
import { observe } from './event-source.js'
import { loadOpenTelemetryApi, type OpenTelemetryApi } from './opentelemetry-api.js'
import { OpenTelemetryMeters } from './opentelemetry-meters.js'
import { RunTracer } from './run-tracer.js'
import type { TracingOptions } from './tracing-options.js'

/** What {@link openTelemetry} reports, and where. */
export interface OpenTelemetryOptions extends TracingOptions {
  /** Makes the spans; `false` for none. @default that of the registered SDK, called `advancer` */
  readonly tracer?: Tracer | false
  /** Makes the instruments of metrics; `false` for none. @default that of the registered SDK, called `advancer` */
  readonly meter?: Meter | false
  /** Where tracing itself reports that it failed. @default the console */
  readonly logger?: Logger
}

/** Reports orchestrations to OpenTelemetry; made by {@link openTelemetry}. */
export class OpenTelemetry {
  readonly #api: OpenTelemetryApi
  readonly #options: OpenTelemetryOptions
  readonly #tracers = new Set<RunTracer>()
  readonly #instrumented = new Map<object, () => void>()
  readonly #active = new Map<string, number>()

  /** @internal */
  constructor(api: OpenTelemetryApi, options: OpenTelemetryOptions) {
    this.#api = api
    this.#options = options
  }

  /**
   * Traces and measures the runs of an orchestration, those of its sub-orchestrations included, from now on; runs that are under
   * way are left alone. Doing it twice is the same as doing it once. A sub-orchestration that is instrumented itself is still traced
   * once, where it is nested, but measured twice. Returns what ends it.
   */
  instrument<TIn, TOut>(orchestration: Orchestration<TIn, TOut>): () => void {
    const already = this.#instrumented.get(orchestration)
    if (already !== undefined) return already
    const undo = [this.#trace(orchestration), this.#measure(orchestration)]
    const stop = (): void => {
      if (!this.#instrumented.delete(orchestration)) return
      for (const each of undo) each?.()
    }
    this.#instrumented.set(orchestration, stop)
    return stop
  }

  #trace<TIn, TOut>(orchestration: Orchestration<TIn, TOut>): (() => void) | undefined {
    const { tracer = this.#api.trace.getTracer('advancer'), logger = consoleLogger } = this.#options
    if (tracer === false) return undefined
    const runs = new RunTracer({ api: this.#api, tracer, options: this.#options }, this.#tracers)
    this.#tracers.add(runs)
    const unwrap = orchestration.wrapAttempts(runs.interceptor)
    const stop = observe(orchestration, event => runs.handle(event), logger)
    return () => {
      unwrap()
      stop()
      this.#tracers.delete(runs)
      runs.close()
    }
  }

  #measure<TIn, TOut>(orchestration: Orchestration<TIn, TOut>): (() => void) | undefined {
    const { meter = this.#api.metrics.getMeter('advancer'), provider, logger = consoleLogger } = this.#options
    if (meter === false) return undefined
    const providerOf = typeof provider === 'function' ? provider : () => provider
    const metrics = new EventMetrics(new OpenTelemetryMeters(meter, providerOf), this.#active)
    const stop = observe(orchestration, event => metrics.handle(event), logger)
    return () => {
      stop()
      metrics.close()
    }
  }
}

/**
 * Connects orchestrations to OpenTelemetry:
 *
 * ```ts
 * const telemetry = await openTelemetry({ provider: 'openai' })
 * telemetry.instrument(orchestration)
 * ```
 *
 * The spans of a run: the run, in it a span for each visit of a state, in that one for each attempt, in that one for each call of
 * a model or tool. The attempt's span is active while the state's code runs, so that what it calls is traced below it (given a
 * context manager, which an SDK for Node brings). Errors are recorded on every span they pass through. The span of a join is
 * linked to those of the states it waited for. A sub-orchestration's run is below the state it is. Spans go by the run's clock.
 *
 * Without a registered SDK nothing is kept; an orchestration that is not instrumented has nothing to do with any of it.
 *
 * @throws PACKAGE_MISSING without `@opentelemetry/api`
 */
export async function openTelemetry(options: OpenTelemetryOptions = {}): Promise<OpenTelemetry> {
  return new OpenTelemetry(await loadOpenTelemetryApi(), options)
}
