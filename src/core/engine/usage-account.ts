import type { AgentUsageEvent } from '../events.js'
import type { RecordedUsage } from '../recorded-usage.js'
import type { RunState } from './run-state.js'

/** Adds a report to what the run has used up, one line for each state, agent and model. */
export function addUsage(
  state: RunState,
  report: Omit<AgentUsageEvent, 'runId' | 'seq' | 'at' | 'token' | 'type'>,
): void {
  const { stateName, agent, model, inputTokens, outputTokens, cost } = report
  const spent = cost === undefined ? {} : { cost }
  addLine(state, { stateName, agent, model, reports: 1, inputTokens, outputTokens, ...spent })
}

/** Adds what a run inside a state has used up; its states are named with the state in front. */
export function addInnerUsage(state: RunState, outer: string, usage: readonly RecordedUsage[]): void {
  for (const line of usage) addLine(state, { ...line, stateName: `${outer}/${line.stateName}` })
}

function addLine(state: RunState, added: RecordedUsage): void {
  const usage = (state.usage ??= [])
  const { stateName, agent, model } = added
  const at = usage.findIndex(line => line.stateName === stateName && line.agent === agent && line.model === model)
  const line = usage[at]
  if (line === undefined) {
    usage.push(added)
    return
  }
  usage[at] = {
    ...line,
    reports: line.reports + added.reports,
    inputTokens: line.inputTokens + added.inputTokens,
    outputTokens: line.outputTokens + added.outputTokens,
    ...(added.cost === undefined ? {} : { cost: (line.cost ?? 0) + added.cost }),
  }
}
