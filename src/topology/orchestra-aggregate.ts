import { memoriesIn } from './branch-memory.js'
import type { BranchResult } from './branch-result.js'
import type { OrchestraBranch } from './orchestra-branch.js'
import type { OrchestraProgress } from './orchestra-progress.js'
import type { OrchestraResult } from './orchestra-result.js'

/** What came of a run so far, as far as its events and its properties say. */
export function resultOf(progress: OrchestraProgress, properties: Readonly<Record<string, unknown>>): OrchestraResult {
  const { status, error, runId, cancelledTasks, usage, branches, at } = progress
  const { topology, sessionId } = progress.subject
  const memories = memoriesIn(properties)
  const branchResults = branches.map(branch => branchResult(branch, at, memories))
  return {
    success: status === 'completed',
    finalResponse: finalResponse(progress),
    branchResults,
    totalSteps: branchResults.reduce((sum, { totalSteps }) => sum + totalSteps, 0),
    totalDuration: progress.durationMs / 1000,
    metadata: {
      sessionId,
      runId,
      status,
      topologyNodes: topology.nodes.length,
      topologyEdges: topology.edges.length,
      completedBranches: branches.filter(({ outcome }) => outcome !== undefined).length,
      cancelledTasks,
      usage,
    },
    ...(error === undefined ? {} : { error }),
  }
}

function branchResult(branch: OrchestraBranch, now: number, memories: ReturnType<typeof memoriesIn>): BranchResult {
  const own = branch.memories.flatMap(([kept, agent]) => {
    const messages = memories.get(kept)?.[agent]
    return messages === undefined ? [] : [[agent, messages] as const]
  })
  return {
    branchId: branch.id,
    success: branch.success,
    finalResponse: branch.response,
    totalSteps: branch.size,
    executionTrace: branch.trace(now),
    branchMemory: Object.fromEntries(own),
    metadata: branch.metadata,
  }
}

/** S1-46: what came together, else what succeeded, else what there is. */
function finalResponse(progress: OrchestraProgress): unknown {
  const { branches, outcome } = progress
  if (outcome !== undefined) return outcome.response
  const ends = branches.filter(branch => branch.success && branch.hasAnswered)
  const converged = ends.filter(({ convergences }) => convergences.length > 0)
  const counted = converged.length > 0 ? converged : ends
  const [only, ...others] = counted
  if (only === undefined) return mostComplete(branches)?.response
  return others.length === 0 ? only.response : byAgent(counted)
}

/** The branch that made most steps; of several, the first. */
function mostComplete(branches: readonly OrchestraBranch[]): OrchestraBranch | undefined {
  const told = branches.filter(({ response }) => response !== undefined)
  return told.reduce<OrchestraBranch | undefined>(
    (most, branch) => (most === undefined || branch.size > most.size ? branch : most),
    undefined,
  )
}

/** Responses by the names of agents; an agent that ends several branches has a list of them. */
function byAgent(branches: readonly OrchestraBranch[]): Readonly<Record<string, unknown>> {
  const responses = new Map<string, unknown[]>()
  for (const { agent, response } of branches) responses.set(agent, [...(responses.get(agent) ?? []), response])
  return Object.fromEntries([...responses].map(([agent, all]) => [agent, all.length === 1 ? all[0] : all]))
}
