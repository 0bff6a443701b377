import type { Counter, Gauge, Histogram, Meter } from '@opentelemetry/api'
import {
  durationBuckets,
  type MetricKey,
  type MetricLabels,
  type MetricSink,
  metricDefinitions,
} from './metric-definitions.js'
import { GenAi, GenAiOperation, SpanAttribute } from './span-attributes.js'

/** What labels are called there. */
const attributeNames: Readonly<Record<string, string>> = {
  orchestration: SpanAttribute.Orchestration,
  outcome: SpanAttribute.Outcome,
  state: SpanAttribute.State,
  agent: GenAi.AgentName,
  model: GenAi.ResponseModel,
  tool: GenAi.ToolName,
  type: GenAi.TokenType,
}

/** Measurements as instruments of an OpenTelemetry meter. */
export class OpenTelemetryMeters implements MetricSink {
  readonly #meter: Meter
  readonly #provider: (model: string) => string | undefined
  readonly #instruments = new Map<MetricKey, (value: number, attributes: MetricLabels) => void>()

  /** @param provider whose model it is, if that is known */
  constructor(meter: Meter, provider: (model: string) => string | undefined) {
    this.#meter = meter
    this.#provider = provider
  }

  measure(metric: MetricKey, value: number, labels: MetricLabels): void {
    let record = this.#instruments.get(metric)
    if (record === undefined) {
      record = metric === 'tokens' ? this.#tokenUsage() : this.#instrument(metric)
      this.#instruments.set(metric, record)
    }
    record(value, labels)
  }

  #instrument(metric: MetricKey): (value: number, labels: MetricLabels) => void {
    const { name, kind, unit, description } = metricDefinitions[metric]
    const options = { unit, description }
    if (kind === 'counter') {
      const counter: Counter = this.#meter.createCounter(name, options)
      return (value, labels) => counter.add(value, attributesOf(metric, labels))
    }
    const advice = kind === 'histogram' ? { advice: { explicitBucketBoundaries: [...durationBuckets] } } : {}
    const instrument: Gauge | Histogram =
      kind === 'gauge'
        ? this.#meter.createGauge(name, options)
        : this.#meter.createHistogram(name, { ...options, ...advice })
    return (value, labels) => instrument.record(value, attributesOf(metric, labels))
  }

  /** The semantic conventions have a metric for it: a distribution over calls, whose sum is what a counter would show. */
  #tokenUsage(): (value: number, labels: MetricLabels) => void {
    const histogram = this.#meter.createHistogram(GenAi.ClientTokenUsage, {
      unit: '{token}',
      description: metricDefinitions.tokens.description,
    })
    return (value, labels) => {
      const provider = this.#provider(labels['model'] ?? '')
      histogram.record(value, {
        ...attributesOf('tokens', labels),
        [GenAi.OperationName]: GenAiOperation.Chat,
        ...(provider === undefined ? {} : { [GenAi.ProviderName]: provider }),
      })
    }
  }
}

function attributesOf(metric: MetricKey, labels: MetricLabels): Record<string, string> {
  const named = Object.entries(labels).map(([label, value]) => {
    // The state of a breaker is none of the orchestration's.
    const known = metric === 'breakerState' ? undefined : attributeNames[label]
    return [known ?? `advancer.${label}`, value]
  })
  return Object.fromEntries(named) as Record<string, string>
}
