import type { AgentEvent } from '../../agents/index.js'
import type { GraphNode, OrchestrationEvent, OrchestrationGraph, SubOrchestrationRunnable } from '../../core/index.js'
import { resultStates } from '../../core/internal.js'
import type { Schema } from '../../schema/index.js'
import { canonicalJson } from '../../schema/internal.js'
import { jsonIn } from './decision.js'

/** Tells whether what an agent says may be the answer; one that is in no state works for nobody else. */
export type Answers = (speaker: { readonly stateName?: string; readonly path?: readonly string[] }) => boolean

/**
 * Where the answer of an orchestration is spoken: in the states whose output it is, as far as that is a text. What agents say in others is
 * not for the reader.
 * @param results those states
 */
export function answersOf(graph: OrchestrationGraph, results = resultStates(graph)): Answers {
  const known = new Map<string, boolean>()
  return ({ stateName, path = [] }) => {
    if (stateName === undefined) return false
    const key = JSON.stringify([...path, stateName])
    const found = known.get(key) ?? isAnswering(graph, results, [...path, stateName])
    known.set(key, found)
    return found
  }
}

function isAnswering(
  graph: OrchestrationGraph,
  results: readonly GraphNode[],
  [name, ...inner]: readonly string[],
): boolean {
  const node = results.find(each => each.name === name)
  if (node === undefined || !isText(graph.output) || !isText(node.output)) return false
  if (inner.length === 0) return true
  if (node.kind !== 'orchestration') return false
  const { graph: within } = (node.runnable as SubOrchestrationRunnable<never, unknown>).orchestration
  return isAnswering(within, resultStates(within), inner)
}

/** Whether a value is a text, as far as it is declared what it is. */
export function isText(schema: Schema | undefined): boolean {
  return schema === undefined || schema.toJsonSchema().type === 'string'
}

/** What is said of an answer before it is there: the words of the agent that answers, as they come. */
export class SpokenAnswer {
  readonly #answers: Answers
  /** Who answers: the step, and the agent that has the conversation there. */
  #step: string | undefined
  #agent: string | undefined
  /** The calls that the agent waits for: what is said meanwhile is said by others. */
  readonly #calls = new Set<string>()
  /** What it has said since it was interrupted. */
  #words = ''
  #isBroken = false

  constructor(answers: Answers) {
    this.#answers = answers
  }

  /** The words in an event that are for the reader. */
  hear(event: OrchestrationEvent | AgentEvent): string {
    const step = stepOf(event)
    if (step !== undefined && this.#step !== undefined && step !== this.#step) return ''
    switch (event.type) {
      case 'agent.delta':
        return this.#say(event)
      case 'agent.handoff':
        if (event.agent === this.#agent) {
          this.#agent = event.to
          this.#break()
        }
        return ''
      case 'agent.tool.called':
        if (event.agent === this.#agent) {
          this.#calls.add(event.callId)
          this.#break()
        }
        return ''
      case 'agent.tool.completed':
        if (event.agent === this.#agent) this.#calls.delete(event.callId)
        return ''
      case 'state.retrying':
      case 'state.rerun':
      case 'state.completed':
      case 'state.failed':
      case 'state.skipped':
        if (this.#step !== undefined) this.#restart()
        return ''
      default:
        return ''
    }
  }

  /** What the reader does not have yet of the answer, now that it is there. */
  rest(answer: string): string {
    const words = this.#words
    if (words === '') return this.#isBroken ? `\n\n${answer}` : answer
    if (answer.trim() === words.trim() || isSameJson(answer, words)) return ''
    if (answer.startsWith(words)) return answer.slice(words.length)
    return `\n\n${answer}`
  }

  #say(event: Extract<OrchestrationEvent | AgentEvent, { type: 'agent.delta' }>): string {
    const step = stepOf(event)
    if (this.#step === undefined) {
      if (!this.#answers('stateName' in event ? event : {})) return ''
      this.#break()
      // An agent without a state speaks for itself; there is one step then.
      this.#step = step ?? ''
      this.#agent = event.agent
    }
    if (event.agent !== this.#agent || this.#calls.size > 0) return ''
    const gap = this.#isBroken ? '\n\n' : ''
    this.#isBroken = false
    this.#words += event.text
    return `${gap}${event.text}`
  }

  #break(): void {
    if (this.#words !== '') this.#isBroken = true
    this.#words = ''
  }

  /** Whoever speaks next begins anew; until then the words may be the answer. */
  #restart(): void {
    this.#step = undefined
    this.#agent = undefined
    this.#calls.clear()
  }
}

/** Whether two texts are one value: a model sets its JSON in a way of its own. */
function isSameJson(one: string, other: string): boolean {
  const [first, second] = [jsonIn(one), jsonIn(other)]
  return first !== undefined && second !== undefined && canonicalJson(first) === canonicalJson(second)
}

/** The step that an event belongs to; `undefined` if it is of no run. */
function stepOf(event: OrchestrationEvent | AgentEvent): string | undefined {
  return 'token' in event ? `${event.innerRunId ?? ''}/${event.token}` : undefined
}
