import type { Attributes } from '@opentelemetry/api'

/** A run at its beginning, as the options of tracing see it. */
export interface TracedRun {
  readonly runId: string
  readonly orchestration: string
  readonly input: unknown
}

/** What spans say. */
export interface TracingOptions {
  /** Whose models are called, as `gen_ai.provider.name` says it: `openai`, `azure.ai.openai` … @default not said */
  readonly provider?: string | ((model: string) => string | undefined)
  /**
   * Whether spans hold what goes into tools and what comes out (`gen_ai.tool.call.arguments`, `gen_ai.tool.call.result`). It may
   * be personal, or secret. @default false
   */
  readonly recordContent?: boolean
  /** More attributes for the span of a run, nested ones included. @default none */
  readonly runAttributes?: (run: TracedRun) => Attributes
  /** What the span of a state is called. @default the state's name */
  readonly stateSpanName?: (stateName: string) => string
}
