import type { Interceptor, NextCall, ResumedRun, StateCall } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'

/** Bounds how many steps agents have in a run, over all branches (C15). Given to the states of agents only. */
export class StepLimit implements Interceptor {
  readonly #maxSteps: number
  readonly #agents: ReadonlySet<string>
  readonly #steps = new Map<string, Map<string, number>>()

  constructor(maxSteps: number, agents: readonly string[]) {
    this.#maxSteps = maxSteps
    this.#agents = new Set(agents)
  }

  async around({ context, stateName, runId }: StateCall, next: NextCall): Promise<unknown> {
    // A step that begins again in another process had been counted there, and is in what the journal says.
    let isNew = false
    await context.once('topology.step', () => {
      isNew = true
      return true
    })
    const steps = this.#stepsOf(runId)
    if (isNew) steps.set(stateName, (steps.get(stateName) ?? 0) + 1)
    const taken = [...steps.values()].reduce((sum, each) => sum + each, 0)
    if (taken > this.#maxSteps) throw this.#tooMany(steps)
    return next()
  }

  onRunResume({ runId, path, steps }: ResumedRun): void {
    if (path.length > 0) return
    const ofAgents = Object.entries(steps).filter(([state, count]) => this.#agents.has(state) && count > 0)
    this.#steps.set(runId, new Map(ofAgents))
  }

  onRunEnd(runId: string): void {
    this.#steps.delete(runId)
  }

  #stepsOf(runId: string): Map<string, number> {
    let steps = this.#steps.get(runId)
    if (steps === undefined) this.#steps.set(runId, (steps = new Map()))
    return steps
  }

  #tooMany(steps: ReadonlyMap<string, number>): OrchestrationError {
    const visits = [...steps].map(([agent, count]) => ({ agent, visits: count })).sort((a, b) => b.visits - a.visits)
    const most = visits.slice(0, 5).map(({ agent, visits: count }) => `${agent} (${count})`)
    return new OrchestrationError(
      `max_steps: the agents have had all ${this.#maxSteps} steps of this run and are not done. Most were of ${most.join(', ')}. ` +
        'Bound their conversations with max_turns, give them a way to end, or raise maxSteps.',
      { code: 'NEVER_COMPLETES', details: { maxSteps: this.#maxSteps, visits } },
    )
  }
}
