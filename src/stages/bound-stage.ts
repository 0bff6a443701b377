import type { Agent } from '../agents/index.js'
import type { BaseGraphState } from './base-graph-state.js'
import type { Orchestrator } from './orchestrator.js'
import type { StageFunction } from './stage-function.js'
import type { AgentPrompt, AnyAgent, StageWork, WorkStageOptions } from './stage-options.js'

/** A stage that is no function, with how it takes from the state and gives to it; made by {@link bindStage}. */
export class BoundStage<in out S extends BaseGraphState> {
  /** @internal */
  constructor(
    readonly work: StageWork<unknown, unknown> | AnyAgent,
    readonly options: WorkStageOptions<S, unknown, unknown>,
  ) {}

  /** @internal */
  addTo(orchestrator: Orchestrator<S>, name: string): void {
    orchestrator.addNode(name, this.work as StageWork<unknown, unknown>, this.options)
  }
}

/** What a pattern lets do a part of its work. */
export type StagePart<S extends BaseGraphState> = StageFunction<S> | BoundStage<S>

/**
 * A state, an agent or an orchestration as a part of a pattern:
 *
 * ```ts
 * createDebate({ …, pro: bindStage(optimist, { input: (s: Case) => s.topic, output: (s, said) => void s.turns.push(said) }) })
 * ```
 */
export function bindStage<S extends BaseGraphState, TIn, TOut>(
  work: StageWork<TIn, TOut>,
  options: WorkStageOptions<S, NoInfer<TIn>, NoInfer<TOut>>,
): BoundStage<S>
export function bindStage<S extends BaseGraphState, TOut>(
  work: Agent<TOut>,
  options: WorkStageOptions<S, AgentPrompt, NoInfer<TOut>>,
): BoundStage<S>
export function bindStage<S extends BaseGraphState>(work: unknown, options: unknown): BoundStage<S> {
  return new BoundStage<S>(work as StageWork<unknown, unknown>, options as WorkStageOptions<S, unknown, unknown>)
}
