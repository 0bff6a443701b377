import { Agent, AgentRunner } from '../../agents/index.js'
import type { RunContext } from '../../core/index.js'
import { OptionError } from '../../errors/index.js'
import { checkOptionNames, type OptionNames } from '../../errors/internal.js'
import type { TaskResult } from '../task-result.js'
import { type Artifact, artifactsOf } from './artifact.js'
import type { WorkflowResult } from './workflow-result.js'
import type { WorkflowState } from './workflow-state.js'

/** What a summary is made of. Plain JSON. */
export interface SummaryInput {
  readonly intent: string
  readonly status: WorkflowResult['status']
  readonly data: Readonly<Record<string, unknown>>
  readonly errors: WorkflowResult['errors']
}

/** Writes a summary. */
export type Summarizer = (input: SummaryInput, context: RunContext) => string | Promise<string>

/** How a {@link ResultManager} works. */
export interface ResultManagerOptions {
  /** Writes the summary: a function, or an agent that is asked with the {@link SummaryInput} as JSON. @default a fixed text */
  readonly summarizer?: Summarizer | Agent
}

const optionNames: OptionNames<ResultManagerOptions> = { summarizer: true }

/** What a result is made for, besides the state. */
export interface CompiledWorkflow {
  /** What the plan is for. */
  readonly intent: string
  /** The ids of its steps, in the plan's order, without those that only stand in for others. */
  readonly steps: readonly string[]
}

/**
 * Makes one result of what the steps have come to (S3-19), in the last state of the run, so that a summary by an agent is part of the
 * run: its usage counts, its events are there, and what it has answered is kept. Subclass it to aggregate otherwise.
 */
export class ResultManager {
  readonly #summarizer: Summarizer | Agent | undefined

  /** @throws OPTION_INVALID */
  constructor(options: ResultManagerOptions = {}) {
    checkOptionNames('a result manager', options, optionNames)
    const { summarizer } = options
    if (summarizer !== undefined && typeof summarizer !== 'function' && !(summarizer instanceof Agent)) {
      throw new OptionError('summarizer', 'a function or an agent', summarizer)
    }
    this.#summarizer = summarizer
  }

  /** Compiles the result. What it throws fails the run. */
  async compileResults(state: WorkflowState, workflow: CompiledWorkflow, context: RunContext): Promise<WorkflowResult> {
    const { workflowId, planId, outcome: status, errors, stepsCompleted } = state
    const data = this.aggregateData(state, workflow)
    const summary = await this.generateSummary({ intent: workflow.intent, status, data, errors }, workflow, context)
    return {
      workflowId,
      planId,
      status,
      summary,
      data,
      artifacts: this.createArtifacts(state),
      executionTime: (context.now() - state.startTime.getTime()) / 1000,
      stepsExecuted: stepsCompleted.length,
      errors: [...errors],
    }
  }

  /** The data of all steps, by step id, in the plan's order; in a loop, a list with one entry for each turn. */
  protected aggregateData(state: WorkflowState, { steps }: CompiledWorkflow): Record<string, unknown> {
    const { results, iterations } = state
    if (iterations.length === 0) {
      return Object.fromEntries(steps.flatMap(id => (Object.hasOwn(results, id) ? [[id, dataOf(results[id])]] : [])))
    }
    return Object.fromEntries(steps.map(id => [id, iterations.map(turn => dataOf(turn.results[id]))]))
  }

  /** @default what the summarizer writes; without one, how many steps have completed, and which have failed and why */
  protected async generateSummary(
    input: SummaryInput,
    { steps }: CompiledWorkflow,
    context: RunContext,
  ): Promise<string> {
    const summarizer = this.#summarizer
    if (summarizer === undefined) return plainSummary(input, steps)
    if (typeof summarizer === 'function') return summarizer(input, context)
    return (await AgentRunner.run(summarizer, JSON.stringify(input), { context, key: 'summary' })).text
  }

  /** What the steps have made, in the order in which they completed. */
  protected createArtifacts({ results, iterations }: WorkflowState): readonly Artifact[] {
    const turns = iterations.length === 0 ? [results] : iterations.map(turn => turn.results)
    return turns.flatMap(turn =>
      Object.entries(turn).flatMap(([stepId, result]) => (result === null ? [] : artifactsOf(stepId, result))),
    )
  }
}

function dataOf(result: TaskResult | null | undefined): unknown {
  return result?.data ?? null
}

function plainSummary({ intent, status, data, errors }: SummaryInput, steps: readonly string[]): string {
  const done = steps.filter(id => hasData(data[id]))
  const count = `${done.length} of ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`
  const failed = errors.map(({ stepId = 'the plan', message }) => `${stepId} (${message})`)
  const trouble = failed.length === 0 ? '' : ` Not done: ${failed.join('; ')}.`
  return `${intent}: ${status}, ${count} with a result${done.length === 0 ? '' : ` (${done.join(', ')})`}.${trouble}`
}

function hasData(data: unknown): boolean {
  return Array.isArray(data) ? data.some(hasData) : data !== null && data !== undefined
}
