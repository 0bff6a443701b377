import type { AgentUsageEvent } from '../events.js'
import type { RunState } from './run-state.js'

/** Adds a report to what the run has used up, one line for each state, agent and model. */
export function addUsage(
  state: RunState,
  report: Pick<AgentUsageEvent, 'stateName' | 'agent' | 'model' | 'inputTokens' | 'outputTokens' | 'cost'>,
): void {
  const { stateName, agent, model, inputTokens, outputTokens, cost } = report
  const usage = (state.usage ??= [])
  const at = usage.findIndex(line => line.stateName === stateName && line.agent === agent && line.model === model)
  const line = usage[at] ?? { stateName, agent, model, reports: 0, inputTokens: 0, outputTokens: 0, cost: undefined }
  usage[at === -1 ? usage.length : at] = {
    ...line,
    reports: line.reports + 1,
    inputTokens: line.inputTokens + inputTokens,
    outputTokens: line.outputTokens + outputTokens,
    cost: cost === undefined ? line.cost : (line.cost ?? 0) + cost,
  }
}
