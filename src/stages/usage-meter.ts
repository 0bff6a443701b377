import type { ResumedRun, Usage } from '../core/index.js'
import type { StateUsage } from './base-graph-state.js'

/** What nobody has used yet. */
export const noUsage: StateUsage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 }

/** What was used, in all. */
export function addUsage(sum: StateUsage, promptTokens: number, completionTokens: number): StateUsage {
  return {
    promptTokens: sum.promptTokens + promptTokens,
    completionTokens: sum.completionTokens + completionTokens,
    totalTokens: sum.totalTokens + promptTokens + completionTokens,
  }
}

/** What each stage of each run has reported so far, over all of its visits and tries. */
export class UsageMeter {
  readonly #runs = new Map<string, Map<string, StateUsage>>()

  add(runId: string, stage: string, { inputTokens = 0, outputTokens = 0 }: Usage): void {
    let stages = this.#runs.get(runId)
    if (stages === undefined) this.#runs.set(runId, (stages = new Map()))
    stages.set(stage, addUsage(stages.get(stage) ?? noUsage, inputTokens, outputTokens))
  }

  /** Takes over what the journal of a run has. */
  restore({ runId, path, usage }: ResumedRun, stageOf: (stateName: string) => string): void {
    for (const report of usage) this.add(runId, path[0] ?? stageOf(report.stateName), report)
  }

  of(runId: string, stage: string): StateUsage {
    return this.#runs.get(runId)?.get(stage) ?? noUsage
  }

  forget(runId: string): void {
    this.#runs.delete(runId)
  }
}
