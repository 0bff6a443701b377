import type OpenAI from 'openai'
import { Agent, AgentRunner, type ModelClient, type ModelMessage } from '../../agents/index.js'
import type { RunContext } from '../../core/index.js'
import { OptionError, OrchestrationError } from '../../errors/index.js'
import { checkOptionNames, type OptionNames } from '../../errors/internal.js'
import { ExecutionPlan } from '../execution-plan.js'
import type { AgentDescription, RegistryClient } from '../registry-client.js'
import { draftedPlan } from './drafted-plan.js'
import { PlanDraft } from './plan-draft.js'
import type { PlanFault } from './plan-fault.js'
import { PlanInvalidError } from './plan-invalid-error.js'
import { plannerInstructions, planRequest, repairRequest } from './planner-prompts.js'

/** What every {@link LlmPlanner} is made of. */
export interface LlmPlannerBasics {
  /** The agents that a plan may use; they are asked for anew for each plan. */
  readonly registry: RegistryClient
  /** How often a plan with faults is sent back, with what is wrong with it. @default 2 */
  readonly maxRepairs?: number
}

/** A planner that is a model. */
export interface ModelPlannerOptions extends LlmPlannerBasics {
  /** The official client of OpenAI, for any compatible server too; or any other {@link ModelClient}. */
  readonly client: OpenAI | ModelClient
  readonly model: string
  /** What the model is told besides how plans are made. @default nothing */
  readonly instructions?: string
}

/** A planner that is an agent of one's own, with tools, say. It answers with the JSON of a plan, as text or as its output. */
export interface AgentPlannerOptions extends LlmPlannerBasics {
  readonly agent: Agent<unknown>
}

/** What a {@link LlmPlanner} is made of. */
export type LlmPlannerOptions = ModelPlannerOptions | AgentPlannerOptions

/** How one plan is made. */
export interface PlanningOptions {
  /** What there is to know besides the intent: a text, or data that has a JSON form. @default nothing */
  readonly context?: unknown
  /** @default a new UUID */
  readonly planId?: string
  /** Aborts the planning, down to the model's connection. */
  readonly signal?: AbortSignal
  /** The state that needs the plan: its signal aborts the planning too, and what the model answered is kept with the run. */
  readonly run?: RunContext
}

const optionNames: OptionNames<ModelPlannerOptions & AgentPlannerOptions> = {
  registry: true,
  maxRepairs: true,
  client: true,
  model: true,
  instructions: true,
  agent: true,
}

const planningNames: OptionNames<PlanningOptions> = { context: true, planId: true, signal: true, run: true }

/**
 * Has a model write plans. It is told of the agents of a registry and what they can do, and what it writes is checked like any plan;
 * faults are sent back to it.
 *
 * ```ts
 * const planner = new LlmPlanner({ client, model: 'gpt-4.1-mini', registry })
 * const plan = await planner.plan('Report on AI in healthcare')
 * ```
 */
export class LlmPlanner {
  readonly #registry: RegistryClient
  readonly #maxRepairs: number
  readonly #agent: Agent<unknown>

  /** @throws OPTION_INVALID */
  constructor(options: LlmPlannerOptions) {
    checkOptionNames('a planner', options, optionNames)
    const { registry, maxRepairs = 2 } = options
    if (!Number.isInteger(maxRepairs) || maxRepairs < 0) {
      throw new OptionError('maxRepairs', 'a whole number of at least 0', maxRepairs)
    }
    this.#registry = registry
    this.#maxRepairs = maxRepairs
    this.#agent = 'agent' in options ? options.agent : plannerAgent(options)
  }

  /**
   * A plan for an intent, without faults, and with agents that there are. Without a strategy of the model's, one is chosen by the plan's
   * shape. Rejects with a {@link PlanInvalidError}, `PLAN_INVALID`, that has the faults of the last attempt, if all attempts have some, or
   * if the registry has no agents; otherwise with what the agent or the registry rejects with.
   */
  async plan(intent: string, options: PlanningOptions = {}): Promise<ExecutionPlan> {
    if (typeof intent !== 'string' || intent.trim() === '') throw new OptionError('intent', 'a non-empty text', intent)
    checkOptionNames('plan()', options, planningNames)
    const { context, planId = globalThis.crypto.randomUUID() } = options
    const agents = await this.#registry.listAgents()
    if (agents.length === 0) throw new PlanInvalidError([noAgents], 'No plan can be made')
    let messages: readonly ModelMessage[] = []
    let request = planRequest(intent, context, agents)
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#ask(request, messages, agents, { intent, planId }, options, attempt)
      if (answer.plan !== undefined) return answer.plan
      if (attempt > this.#maxRepairs) {
        throw new PlanInvalidError(answer.faults, `The model wrote no valid plan in ${attempt} attempts; the last one`)
      }
      messages = answer.messages
      request = repairRequest(answer.faults)
    }
  }

  async #ask(
    request: string,
    before: readonly ModelMessage[],
    agents: readonly AgentDescription[],
    known: { readonly intent: string; readonly planId: string },
    { signal, run }: PlanningOptions,
    attempt: number,
  ): Promise<Answer> {
    const options = {
      messages: before,
      signal,
      ...(run === undefined ? {} : { context: run, key: `plan ${attempt}` }),
    }
    try {
      const { output, messages } = await AgentRunner.run(this.#agent, request, options)
      return { messages, ...draftedPlan(output, known, agents) }
    } catch (error) {
      if (!OrchestrationError.isInstance(error) || error.code !== 'MODEL_OUTPUT_INVALID') throw error
      const fault: PlanFault = { kind: 'type', path: '', message: error.message, expected: 'the JSON of a plan' }
      return { messages: [...before, { role: 'user', content: request }], plan: undefined, faults: [fault] }
    }
  }
}

/** What an attempt has come to. */
interface Answer {
  readonly messages: readonly ModelMessage[]
  readonly plan: ExecutionPlan | undefined
  readonly faults: readonly PlanFault[]
}

const noAgents: PlanFault = {
  kind: 'unknown_agent',
  path: '',
  message: 'The registry has no agents.',
  expected: 'at least one agent',
}

function plannerAgent({ client, model, instructions }: ModelPlannerOptions): Agent<unknown> {
  return new Agent({
    client,
    model,
    name: 'Planner',
    instructions: instructions === undefined ? plannerInstructions : `${plannerInstructions}\n\n${instructions}`,
    outputSchema: PlanDraft,
    // A plan that cannot be read is sent back by the planner, as one with faults is.
    maxTurns: 1,
  })
}
