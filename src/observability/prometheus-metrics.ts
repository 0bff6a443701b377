import { consoleLogger, type Logger } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { EventMetrics } from './event-metrics.js'
import { type EventSource, observe } from './event-source.js'
import { durationBuckets, type MetricKey, type MetricLabels, metricDefinitions } from './metric-definitions.js'
import { PrometheusFamily } from './prometheus-family.js'

/** How {@link PrometheusMetrics} counts. */
export interface PrometheusOptions {
  /** Upper bounds of the buckets of durations, in seconds, ascending. @default 16 from 5 ms to 1 h */
  readonly buckets?: readonly number[]
  /** Where an observer that fails is reported. @default the console */
  readonly logger?: Logger
}

/**
 * Metrics of orchestrations as Prometheus reads them: runs, steps, durations, retries, tokens, cost, breakers, budgets.
 *
 * ```ts
 * const metrics = new PrometheusMetrics()
 * metrics.observe(orchestration)
 * response.setHeader('content-type', PrometheusMetrics.contentType).end(metrics.text())
 * ```
 *
 * It may observe several orchestrations; their names are a label. Labels hold the names of orchestrations, states, agents, models
 * and tools, never ids of runs, so the number of series does not grow with the number of runs.
 */
export class PrometheusMetrics {
  /** What to send as `content-type` with {@link PrometheusMetrics.text}. */
  static readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'

  readonly #families: ReadonlyMap<MetricKey, PrometheusFamily>
  readonly #active = new Map<string, number>()
  readonly #logger: Logger

  /** @throws OPTION_INVALID for buckets that do not ascend */
  constructor({ buckets = durationBuckets, logger = consoleLogger }: PrometheusOptions = {}) {
    checkBuckets(buckets)
    this.#logger = logger
    const keys = Object.keys(metricDefinitions) as MetricKey[]
    this.#families = new Map(keys.map(key => [key, new PrometheusFamily(metricDefinitions[key], buckets)]))
  }

  /**
   * Counts what happens there from now on, sub-orchestrations included, so observe the outermost one only. Returns what ends it;
   * what was counted stays.
   */
  observe(source: EventSource): () => void {
    const metrics = new EventMetrics({ measure: (...measured) => this.#measure(...measured) }, this.#active)
    const stop = observe(source, event => metrics.handle(event), this.#logger)
    return () => {
      stop()
      metrics.close()
    }
  }

  /** Everything counted so far, in the Prometheus text format 0.0.4. */
  text(): string {
    return [...this.#families.values()].flatMap(family => family.lines()).join('')
  }

  #measure(metric: MetricKey, value: number, labels: MetricLabels): void {
    this.#families.get(metric)?.measure(value, labels)
  }
}

function checkBuckets(buckets: readonly number[]): void {
  const ascends = buckets.every((bound, index) => Number.isFinite(bound) && bound > (buckets[index - 1] ?? -Infinity))
  if (!ascends || buckets.length === 0) throw new OptionError('buckets', 'a list of ascending finite numbers', buckets)
}
