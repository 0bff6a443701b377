import type { MetricDefinition, MetricLabels } from './metric-definitions.js'

interface Series {
  readonly labels: MetricLabels
  /** Of a histogram, the sum of what was observed. */
  value: number
  count: number
  /** How many observations each bucket of a histogram got, those of lower ones not included. */
  readonly buckets: number[]
}

/** One metric in the Prometheus text format, with all of its series. */
export class PrometheusFamily {
  readonly name: string
  readonly #definition: MetricDefinition
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, Series>()

  constructor(definition: MetricDefinition, bounds: readonly number[]) {
    this.#definition = definition
    this.#bounds = bounds
    this.name = prometheusName(definition)
  }

  measure(value: number, labels: MetricLabels): void {
    const series = this.#seriesOf(labels)
    if (this.#definition.kind === 'gauge') series.value = value
    else series.value += value
    if (this.#definition.kind !== 'histogram') return
    series.count++
    const bucket = this.#bounds.findIndex(bound => value <= bound)
    if (bucket >= 0) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1
  }

  /** A line each, ended by a line feed; none if nothing was measured. */
  lines(): readonly string[] {
    if (this.#series.size === 0) return []
    const { name } = this
    const { kind, description } = this.#definition
    const samples = [...this.#series.values()].flatMap(series =>
      kind === 'histogram' ? this.#histogram(series) : [sample(name, series.labels, series.value)],
    )
    return [`# HELP ${name} ${escapeHelp(description)}\n`, `# TYPE ${name} ${kind}\n`, ...samples]
  }

  #histogram({ labels, value, count, buckets }: Series): readonly string[] {
    let below = 0
    const cumulative = this.#bounds.map((bound, index) => {
      below += buckets[index] ?? 0
      return sample(`${this.name}_bucket`, { ...labels, le: String(bound) }, below)
    })
    return [
      ...cumulative,
      sample(`${this.name}_bucket`, { ...labels, le: '+Inf' }, count),
      sample(`${this.name}_sum`, labels, value),
      sample(`${this.name}_count`, labels, count),
    ]
  }

  #seriesOf(labels: MetricLabels): Series {
    const key = JSON.stringify(Object.entries(labels))
    let series = this.#series.get(key)
    if (series === undefined) {
      series = { labels, value: 0, count: 0, buckets: [] }
      this.#series.set(key, series)
    }
    return series
  }
}

/** Units are part of a name there, and counters end in `_total`. */
function prometheusName({ name, unit, kind }: MetricDefinition): string {
  const base = name.replaceAll(/[^a-zA-Z0-9_]/g, '_')
  return `${base}${unit === 's' ? '_seconds' : ''}${kind === 'counter' ? '_total' : ''}`
}

function sample(name: string, labels: MetricLabels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${number(value)}\n`
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
