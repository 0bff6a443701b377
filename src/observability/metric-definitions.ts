/** What a metric is: something counted, something that stands at a value, or something whose distribution matters. */
export type MetricKind = 'counter' | 'gauge' | 'histogram'

/** One metric, under the name that OpenTelemetry knows it by. */
export interface MetricDefinition {
  readonly name: string
  readonly kind: MetricKind
  /** As in UCUM: `s` for seconds, `1` for a share, `{run}` for what is counted. */
  readonly unit: string
  readonly description: string
}

/** Every metric of this package. */
export const metricDefinitions = {
  runs: { name: 'advancer.runs', kind: 'counter', unit: '{run}', description: 'Runs that ended, by outcome.' },
  activeRuns: { name: 'advancer.runs.active', kind: 'gauge', unit: '{run}', description: 'Runs under way.' },
  runDuration: { name: 'advancer.run.duration', kind: 'histogram', unit: 's', description: 'How long runs took.' },
  steps: { name: 'advancer.steps', kind: 'counter', unit: '{step}', description: 'Visits of states, by outcome.' },
  stepDuration: {
    name: 'advancer.step.duration',
    kind: 'histogram',
    unit: 's',
    description: 'How long visits of states took, all attempts and waits included.',
  },
  retries: { name: 'advancer.retries', kind: 'counter', unit: '{attempt}', description: 'Attempts after the first.' },
  tokens: { name: 'advancer.tokens', kind: 'counter', unit: '{token}', description: 'Tokens of models used.' },
  cost: {
    name: 'advancer.cost',
    kind: 'counter',
    unit: '{currency}',
    description: 'What models cost, as far as it was reported.',
  },
  toolCalls: { name: 'advancer.tool.calls', kind: 'counter', unit: '{call}', description: 'Tools called by agents.' },
  breakerState: {
    name: 'advancer.breaker.state',
    kind: 'gauge',
    unit: '1',
    description: '1 for the state a circuit breaker is in, 0 for the others.',
  },
  budgetUsed: {
    name: 'advancer.budget.used',
    kind: 'gauge',
    unit: '1',
    description: 'The share of a budget that was spent when it last gave notice.',
  },
  budgetExceeded: {
    name: 'advancer.budget.exceeded',
    kind: 'counter',
    unit: '{notice}',
    description: 'Hard limits of budgets that were reached.',
  },
} as const satisfies Record<string, MetricDefinition>

/** One of the keys of {@link metricDefinitions}. */
export type MetricKey = keyof typeof metricDefinitions

/** What tells the series of a metric apart. */
export type MetricLabels = Readonly<Record<string, string>>

/** Where measurements go. */
export interface MetricSink {
  /** Adds to a counter, or to the distribution of a histogram; sets a gauge. */
  measure(metric: MetricKey, value: number, labels: MetricLabels): void
}

/** Durations from milliseconds to an hour, which is what agents take. */
export const durationBuckets: readonly number[] = [
  0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600,
]
