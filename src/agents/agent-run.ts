import type { Agent } from './agent.js'
import { type AgentExit, checkExits, refusedExits } from './agent-exit.js'
import { checkMaxHandoffs, checkMaxTurns } from './agent-option-checks.js'
import { AgentResult } from './agent-result.js'
import type { AgentRunOptions } from './agent-run-options.js'
import { AgentVoice } from './agent-voice.js'
import { checkAnswer } from './answer-check.js'
import { Conversation } from './conversation.js'
import { eitherSignal } from './either-signal.js'
import { passGuardrails } from './guardrail-checks.js'
import { HandoffTurns, type PossibleHandoffs } from './handoff-turns.js'
import { KeptWork } from './kept-work.js'
import { spoken } from './message-order.js'
import type { ModelResponse, ModelUsage } from './model-client.js'
import { type ModelMessage, type ToolCall, textOf } from './model-message.js'
import { ModelTurns } from './model-turns.js'
import type { ReadOutput } from './output-format.js'
import { tooManyTurns, unrepaired } from './run-failures.js'
import type { AgentTool } from './tool.js'
import { answerToolCalls } from './tool-calls.js'

/** Lets an agent work on an input; `depth` says how many agents are at work above it. */
export function runAgent<TOut>(
  agent: Agent<TOut>,
  input: string | readonly ModelMessage[],
  options: Omit<AgentRunOptions, 'exits'> & { readonly exits?: never },
  depth: number,
): Promise<AgentResult<TOut>>
export function runAgent<TOut>(
  agent: Agent<TOut>,
  input: string | readonly ModelMessage[],
  options: AgentRunOptions,
  depth: number,
): Promise<AgentResult<TOut> | AgentExit<TOut>>
export function runAgent<TOut>(
  agent: Agent<TOut>,
  input: string | readonly ModelMessage[],
  options: AgentRunOptions,
  depth: number,
): Promise<AgentResult<TOut> | AgentExit<TOut>> {
  return new AgentRun(agent, input, options, depth).toEnd()
}

/** One conversation with an agent and those it is handed over to, while it lasts. */
class AgentRun<TOut> {
  readonly #options: AgentRunOptions
  readonly #depth: number
  readonly #signal: AbortSignal | undefined
  readonly #maxTurns: number
  readonly #exits: readonly AgentTool[]
  readonly #asked: readonly ModelMessage[]
  readonly #conversation: Conversation
  readonly #kept: KeptWork
  readonly #voice: AgentVoice
  readonly #turns: ModelTurns
  readonly #handoffs: HandoffTurns<TOut>
  #agent: Agent<TOut>
  #usage: ModelUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  #isRepairing = false
  /** How often the agent that has the conversation has had its turn. */
  #ownTurns = 0

  constructor(agent: Agent<TOut>, input: string | readonly ModelMessage[], options: AgentRunOptions, depth: number) {
    const { context, signal, onEvent } = options
    this.#agent = agent
    this.#options = options
    this.#depth = depth
    this.#signal = eitherSignal(signal, context?.signal)
    this.#maxTurns = checkMaxTurns(options.maxTurns ?? agent.maxTurns)
    this.#exits = checkExits(options.exits ?? [], agent)
    this.#asked = typeof input === 'string' ? [{ role: 'user', content: input }] : input
    this.#conversation = new Conversation([...(options.messages ?? []), ...this.#asked])
    this.#kept = KeptWork.of(context, agent.name, this.#conversation.messages, options.key)
    this.#voice = new AgentVoice(context, onEvent, this.#signal)
    const around = { conversation: this.#conversation, context, kept: this.#kept, voice: this.#voice }
    this.#turns = new ModelTurns({ ...around, signal: this.#signal, used: usage => this.#add(usage) })
    this.#handoffs = new HandoffTurns({ ...around, max: checkMaxHandoffs(options.maxHandoffs ?? agent.maxHandoffs) })
  }

  async toEnd(): Promise<AgentResult<TOut> | AgentExit<TOut>> {
    for (let turn = 1; ; turn++) {
      const agent = this.#agent
      const handoffs = await this.#handoffs.possible(agent)
      const guardrails = turn === 1 ? agent.inputGuardrails : []
      const response = await this.#turns.take({
        agent,
        turn,
        handoffs: handoffs.offered,
        exits: this.#exits,
        isFirst: this.#ownTurns++ === 0,
        guard: guardrails.length === 0 ? undefined : signal => this.#guardInput(signal),
      })
      checkAnswer(response, agent.model)
      const message = spoken(response.content, response.toolCalls, turn)
      this.#conversation.add(message)
      const { toolCalls = [] } = message
      if (toolCalls.length > 0) {
        // With no turn left nobody would read what the tools return.
        const isLast = turn >= this.#maxTurns
        if (isLast && !this.#isExit(toolCalls)) throw tooManyTurns(agent.name, this.#maxTurns, toolCalls)
        const exit = await this.#answer(toolCalls, turn, handoffs)
        if (exit !== undefined) return this.#left(exit, response, turn)
        if (isLast) throw tooManyTurns(agent.name, this.#maxTurns, toolCalls)
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

  async #guardInput(signal: AbortSignal): Promise<void> {
    const value = this.#asked.flatMap(each => (each.role === 'user' ? textOf(each) : [])).join('\n')
    const messages = [...this.#conversation.messages]
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

  #isExit(calls: readonly ToolCall[]): boolean {
    return calls.some(({ name }) => this.#exits.some(exit => exit.name === name))
  }

  #left(exit: AgentExit<TOut>['exit'], { content: text }: ModelResponse, turns: number): AgentExit<TOut> {
    return { exit, text, messages: this.#conversation.messages, agent: this.#agent, usage: this.#usage, turns }
  }

  /** Answers the calls of a turn; returns the exit among them that has been taken. */
  async #answer(
    calls: readonly ToolCall[],
    turn: number,
    handoffs: PossibleHandoffs<TOut>,
  ): Promise<AgentExit<TOut>['exit'] | undefined> {
    const { name: agent, tools, onToolPermission } = this.#agent
    const { to, answers } = await this.#handoffs.decide(agent, calls, turn, handoffs)
    const answered = await answerToolCalls(calls, {
      agent,
      tools: [...this.#exits, ...tools],
      depth: this.#depth,
      turn,
      messages: this.#conversation.messages,
      signal: this.#signal,
      kept: this.#kept,
      voice: this.#voice,
      onPermission: this.#options.onToolPermission ?? onToolPermission,
      answered: new Map([...answers, ...refusedExits(calls, this.#exits, to !== undefined)]),
    })
    this.#conversation.add(...answered.map(({ message }) => message))
    if (to !== undefined) {
      this.#agent = to.agent
      this.#ownTurns = 0
      if (to.filter !== undefined) this.#conversation.show(to.filter(this.#conversation.seen))
    }
    for (const [index, { name, arguments: given }] of calls.entries()) {
      const exit = this.#exits.find(each => each.name === name)
      if (exit === undefined || answered[index]?.failed !== false) continue
      // Read once more: after a restart the tool is not called again, and its result says nothing of what it was called with.
      return { tool: name, arguments: await exit.parse(given.trim() === '' ? {} : JSON.parse(given)) }
    }
    return undefined
  }

  #askForRepair(read: Exclude<ReadOutput<TOut>, { value: TOut }>, turn: number): void {
    if (this.#isRepairing || turn >= this.#maxTurns) throw unrepaired(this.#agent, read, this.#isRepairing)
    this.#isRepairing = true
    const said = read.repair ?? `Your answer is not what was asked for: ${read.problem}.`
    this.#conversation.add({ role: 'user', content: `${said} Answer again with the corrected JSON only.` })
  }
}
