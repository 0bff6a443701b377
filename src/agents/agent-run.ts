import type { RunContext } from '../core/index.js'
import { type Agent, checkMaxHandoffs, checkMaxTurns, type Handoff } from './agent.js'
import type { AgentEventHandler } from './agent-event.js'
import { AgentResult } from './agent-result.js'
import { AgentVoice } from './agent-voice.js'
import { checkAnswer } from './answer-check.js'
import { Conversation } from './conversation.js'
import { eitherSignal } from './either-signal.js'
import { passGuardrails } from './guardrail-checks.js'
import { handoffsOf } from './handoff.js'
import { decideHandoff, handoffRefused } from './handoff-decision.js'
import { KeptWork } from './kept-work.js'
import { spoken } from './message-order.js'
import type { ModelResponse, ModelUsage } from './model-client.js'
import { type ModelMessage, type ToolCall, textOf } from './model-message.js'
import { ModelTurns } from './model-turns.js'
import type { ReadOutput } from './output-format.js'
import { tooManyTurns, unrepaired } from './run-failures.js'
import { answerToolCalls } from './tool-calls.js'
import type { ToolPermissionHandler } from './tool-permission.js'

/** How `AgentRunner.run` runs. */
export interface AgentRunOptions {
  /**
   * The conversation so far; the input follows it. Tool calls in it that were never answered are answered with an error, and results
   * without a call are left out. @default none
   */
  readonly messages?: readonly ModelMessage[]
  /** Aborts the run, down to the model's connection and the tools. */
  readonly signal?: AbortSignal | undefined
  /**
   * The state the agent works for: its signal aborts the agent, the agent's events go into the run's stream, and what the model and the
   * tools have answered is kept, so that a run that was interrupted does not ask them again. A retry of the state asks anew.
   */
  readonly context?: RunContext
  /**
   * What a run that was interrupted knows the conversation by, among those of the same state and agent. Needed only where the input is
   * another one each time, because it has the time of day in it, say. @default made of the input
   */
  readonly key?: string
  readonly onEvent?: AgentEventHandler
  /** @default the agent's */
  readonly maxTurns?: number
  /** @default the agent's */
  readonly maxHandoffs?: number
  /** @default the agent's */
  readonly onToolPermission?: ToolPermissionHandler
}

/** Lets an agent work on an input; `depth` says how many agents are at work above it. */
export function runAgent<TOut>(
  agent: Agent<TOut>,
  input: string | readonly ModelMessage[],
  options: AgentRunOptions,
  depth: number,
): Promise<AgentResult<TOut>> {
  return new AgentRun(agent, input, options, depth).toEnd()
}

/** One conversation with an agent and those it is handed over to, while it lasts. */
class AgentRun<TOut> {
  readonly #options: AgentRunOptions
  readonly #depth: number
  readonly #signal: AbortSignal | undefined
  readonly #maxTurns: number
  readonly #maxHandoffs: number
  readonly #asked: readonly ModelMessage[]
  readonly #conversation: Conversation
  readonly #kept: KeptWork
  readonly #voice: AgentVoice
  readonly #turns: ModelTurns
  #agent: Agent<TOut>
  #usage: ModelUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  #isRepairing = false
  #handoffs = 0
  #wasRefused = false
  /** How often the agent that has the conversation has had its turn. */
  #ownTurns = 0

  constructor(agent: Agent<TOut>, input: string | readonly ModelMessage[], options: AgentRunOptions, depth: number) {
    const { context, signal, onEvent } = options
    this.#agent = agent
    this.#options = options
    this.#depth = depth
    this.#signal = eitherSignal(signal, context?.signal)
    this.#maxTurns = checkMaxTurns(options.maxTurns ?? agent.maxTurns)
    this.#maxHandoffs = checkMaxHandoffs(options.maxHandoffs ?? agent.maxHandoffs)
    this.#asked = typeof input === 'string' ? [{ role: 'user', content: input }] : input
    this.#conversation = new Conversation([...(options.messages ?? []), ...this.#asked])
    this.#kept = KeptWork.of(context, agent.name, this.#conversation.messages, options.key)
    this.#voice = new AgentVoice(context, onEvent, this.#signal)
    this.#turns = new ModelTurns({
      conversation: this.#conversation,
      context,
      signal: this.#signal,
      kept: this.#kept,
      voice: this.#voice,
      used: usage => this.#add(usage),
    })
  }

  async toEnd(): Promise<AgentResult<TOut>> {
    for (let turn = 1; ; turn++) {
      const agent = this.#agent
      const known = handoffsOf(agent)
      const offered = await this.#offered(known)
      const guardrails = turn === 1 ? agent.inputGuardrails : []
      const response = await this.#turns.take({
        agent,
        turn,
        handoffs: offered,
        isFirst: this.#ownTurns++ === 0,
        guard: guardrails.length === 0 ? undefined : signal => this.#guardInput(signal),
      })
      checkAnswer(response, agent.model)
      const message = spoken(response.content, response.toolCalls, turn)
      this.#conversation.add(message)
      const { toolCalls = [] } = message
      if (toolCalls.length > 0) {
        // With no turn left nobody would read what the tools return.
        if (turn >= this.#maxTurns) throw tooManyTurns(agent.name, this.#maxTurns, toolCalls)
        await this.#answer(toolCalls, turn, known, offered)
        continue
      }
      const read = await agent.outputFormat.read(response.content)
      if ('value' in read) return this.#result(read.value, response, turn)
      this.#askForRepair(read, turn)
    }
  }

  #add({ inputTokens, outputTokens, totalTokens }: ModelUsage): void {
    const sum = this.#usage
    this.#usage = {
      inputTokens: sum.inputTokens + inputTokens,
      outputTokens: sum.outputTokens + outputTokens,
      totalTokens: sum.totalTokens + totalTokens,
    }
  }

  /** The handoffs that are possible at the moment. */
  async #offered(known: readonly Handoff<TOut>[]): Promise<readonly Handoff<TOut>[]> {
    if (known.length === 0 || this.#handoffs >= this.#maxHandoffs) return []
    const { context } = this.#options
    const situation = {
      agent: this.#agent.name,
      messages: this.#conversation.messages,
      ...(context === undefined ? {} : { run: context }),
    }
    const possible = await Promise.all(known.map(async each => each.when?.(situation) ?? true))
    return known.filter((_, index) => possible[index])
  }

  async #guardInput(signal: AbortSignal): Promise<void> {
    const value = this.#asked.flatMap(each => (each.role === 'user' ? textOf(each) : [])).join('\n')
    const messages = this.#conversation.messages
    const { name: agent, inputGuardrails } = this.#agent
    const guarded = { value, agent, stage: 'input', part: 'in', messages, signal } as const
    await passGuardrails(inputGuardrails, { ...guarded, kept: this.#kept, voice: this.#voice })
  }

  async #result(output: TOut, { content: text }: ModelResponse, turn: number): Promise<AgentResult<TOut>> {
    const { name, outputGuardrails } = this.#agent
    const { messages } = this.#conversation
    if (outputGuardrails.length > 0) {
      const guarded = { value: output, agent: name, stage: 'output', part: 'out', messages } as const
      const around = { signal: this.#signal, kept: this.#kept, voice: this.#voice }
      await passGuardrails(outputGuardrails, { ...guarded, ...around })
    }
    return new AgentResult(this.#agent, { output, text, messages, usage: this.#usage, turns: turn })
  }

  async #answer(
    calls: readonly ToolCall[],
    turn: number,
    known: readonly Handoff<TOut>[],
    offered: readonly Handoff<TOut>[],
  ): Promise<void> {
    const { name: agent, tools, onToolPermission } = this.#agent
    const { to, answers } = await this.#handOver(calls, turn, known, offered)
    const results = await answerToolCalls(calls, {
      agent,
      tools,
      depth: this.#depth,
      turn,
      messages: this.#conversation.messages,
      signal: this.#signal,
      kept: this.#kept,
      voice: this.#voice,
      onPermission: this.#options.onToolPermission ?? onToolPermission,
      answered: answers,
    })
    this.#conversation.add(...results)
    if (to === undefined) return
    this.#agent = to.agent
    this.#ownTurns = 0
    this.#handoffs++
    if (to.filter !== undefined) this.#conversation.show(to.filter(this.#conversation.seen))
  }

  async #handOver(
    calls: readonly ToolCall[],
    turn: number,
    known: readonly Handoff<TOut>[],
    offered: readonly Handoff<TOut>[],
  ): Promise<{ readonly to: Handoff<TOut> | undefined; readonly answers: ReadonlyMap<number, string> }> {
    const wanted = calls.filter(call => known.some(each => each.name === call.name))
    if (wanted.length === 0) return { to: undefined, answers: new Map() }
    const { name: agent } = this.#agent
    const situation = { known, offered, count: this.#handoffs, max: this.#maxHandoffs }
    // What is offered may be another thing when the run is taken up.
    const decided = await this.#kept.once(`h${turn}`, async () => {
      const { to, reason, answers, refused } = decideHandoff(calls, situation)
      if (to !== undefined) {
        const why = reason === undefined ? {} : { reason }
        this.#voice.emit({ type: 'agent.handoff', agent, to: to.agent.name, ...why })
      }
      return { to: to?.name ?? null, answers: [...answers], refused }
    })
    if (decided.refused && this.#wasRefused) {
      throw handoffRefused(
        agent,
        this.#maxHandoffs,
        wanted.map(call => call.name),
      )
    }
    this.#wasRefused ||= decided.refused
    return { to: known.find(each => each.name === decided.to), answers: new Map(decided.answers) }
  }

  #askForRepair(read: Exclude<ReadOutput<TOut>, { value: TOut }>, turn: number): void {
    if (this.#isRepairing || turn >= this.#maxTurns) throw unrepaired(this.#agent, read, this.#isRepairing)
    this.#isRepairing = true
    const content = `Your answer is not what was asked for: ${read.problem}. Answer again with the corrected JSON only.`
    this.#conversation.add({ role: 'user', content })
  }
}
