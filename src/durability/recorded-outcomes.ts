import { type OrchestrationGraph, type RunOptions, SubOrchestrationRunnable } from '../core/index.js'
import type { RequestAnswer } from '../core/internal.js'
import { codecOf } from './graph-codec.js'
import type { StoredTurn } from './journal-format.js'
import type { StoredFact } from './run-trace.js'
import type { StoredStart } from './run-tree.js'
import { decodeRules } from './stored-rules.js'

/** What a step came to in a recorded run. */
export type RecordedOutcome =
  | { readonly kind: 'output'; readonly value: unknown; readonly writes: readonly (readonly [string, unknown])[] }
  | { readonly kind: 'failure'; readonly error: unknown }
  | { readonly kind: 'answer'; readonly answer: RequestAnswer }

/** What the steps of a recorded run came to, read with the definition at hand, which may be another than it was recorded under. */
export class RecordedOutcomes {
  readonly #graph: OrchestrationGraph
  readonly #facts = new Map<string, StoredFact>()
  #start: StoredStart | undefined
  #input: unknown

  constructor(graph: OrchestrationGraph, turns: Iterable<StoredTurn>) {
    this.#graph = graph
    for (const { run = [], start, facts = [] } of turns) {
      if (run.length === 0) this.#start ??= start
      for (const fact of facts as readonly StoredFact[]) {
        if (fact.type === 'started' && run.length === 0) this.#input = fact['input']
        if (fact.type !== 'completed' && fact.type !== 'failed' && fact.type !== 'answered') continue
        const key = [...run, `${fact.branch}:${fact.step}`].join('/')
        // An advancer that failed has its say after the output; what the state came to is the first of them.
        if (!this.#facts.has(key)) this.#facts.set(key, fact)
      }
    }
  }

  /** The input of the run. */
  get input(): unknown {
    return codecOf(this.#graph).decode(this.#input)
  }

  /** What it was started with. Time plays no part when it is run again, so it has no time limit. */
  get options(): RunOptions {
    if (this.#start === undefined) return {}
    const { lockstep, failFast, maxSteps, maxConcurrency, maxFanOut } = decodeRules(this.#start.rules)
    const codec = codecOf(this.#graph)
    const properties = (this.#start.properties ?? []).map(([key, value]) => [key, codec.decode(value)] as const)
    return {
      scheduling: lockstep ? 'lockstep' : 'continuous',
      failure: failFast ? 'failFast' : 'collect',
      maxSteps,
      maxConcurrency,
      maxFanOut,
      properties: Object.fromEntries(properties),
    }
  }

  /**
   * What a step came to; `undefined` if that was not recorded.
   * @param names the names of the states around it
   * @param tokens the tokens that lead to the step, its own last
   */
  at(names: readonly string[], tokens: readonly string[]): RecordedOutcome | undefined {
    const fact = this.#facts.get(tokens.join('/'))
    if (fact === undefined) return undefined
    const codec = codecOf(graphAt(this.#graph, names))
    if (fact.type === 'failed') return { kind: 'failure', error: codec.decode(fact['error']) }
    if (fact.type === 'completed') {
      const writes = (fact['writes'] ?? []) as readonly (readonly [string, unknown])[]
      return {
        kind: 'output',
        value: codec.decode(fact['output']),
        writes: writes.map(([key, value]) => [key, codec.decode(value)] as const),
      }
    }
    const approval = fact['approval'] as { readonly outcome: string; readonly decision?: unknown } | undefined
    if (approval === undefined) {
      return { kind: 'answer', answer: { kind: 'signal', payload: codec.decode(fact['output'] ?? null) } }
    }
    if (approval.outcome === 'expired') return { kind: 'answer', answer: { kind: 'expired' } }
    const decision = codec.decode(approval.decision ?? {}) as Extract<RequestAnswer, { kind: 'decision' }>['decision']
    return { kind: 'answer', answer: { kind: 'decision', approved: approval.outcome === 'approved', decision } }
  }
}

/** The graph of the run that the states of these names lead to. */
function graphAt(graph: OrchestrationGraph, names: readonly string[]): OrchestrationGraph {
  let at = graph
  for (const name of names) {
    const runnable = at.byName.get(name)?.runnable
    if (runnable instanceof SubOrchestrationRunnable) {
      at = (runnable as SubOrchestrationRunnable<unknown, unknown>).orchestration.graph
    }
  }
  return at
}
