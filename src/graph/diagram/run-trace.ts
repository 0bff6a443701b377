/** What happened to one state in a run. States of sub-orchestrations are told apart by their path. */
export interface StateTrace {
  /** The names of the enclosing states, outermost first; empty for a state of the orchestration itself. */
  readonly path: readonly string[]
  readonly stateName: string
  /** How often it was started, reruns included. */
  readonly visits: number
  readonly completed: number
  /** How often it failed, whether or not a route took over. */
  readonly failures: number
  /** How often it was stopped because nobody needed it. */
  readonly skipped: number
  /** How many attempts were followed by another one. */
  readonly retries: number
  /** How many visits had not ended with the last event: at work, waiting, or given up when the run failed. */
  readonly unfinished: number
  /** Time between start and end of all visits together, in milliseconds; concurrent visits count each. */
  readonly totalMs: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** What its calls cost, as far as it was reported. */
  readonly cost: number
}

/** How often a run went from one state to another by one advancer. */
export interface TransitionTrace {
  readonly path: readonly string[]
  readonly fromState: string
  readonly toState: string
  /** The name of the advancer that decided. */
  readonly advancer: string
  /** Whether it was taken because the state had failed. */
  readonly onError: boolean
  readonly count: number
}

/** Where a run stands. `running` if the events stop before its end. */
export type TraceOutcome = 'running' | 'paused' | 'completed' | 'failed' | 'cancelled'

/** What happened in a run, in figures: plain data, made of its events by `traceOf`, drawn by the diagrams. */
export interface RunTrace {
  /** The name of the orchestration; empty if the events do not begin with its start. */
  readonly orchestration: string
  /** The run, or the last of them if there are events of several. */
  readonly runId: string
  readonly outcome: TraceOutcome
  /** Why it failed or was cancelled. */
  readonly reason: string | undefined
  /** From the first event to the last, in milliseconds. */
  readonly durationMs: number
  /** In the order in which they were first reached. */
  readonly states: readonly StateTrace[]
  /** In the order in which they were first taken. */
  readonly transitions: readonly TransitionTrace[]
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cost: number
}
