import { type OrchestrationGraph, type RunOptions, SubOrchestrationRunnable } from '../core/index.js'
import type { EditedFact, GivenAnswer } from '../core/internal.js'
import { codecOf, type ValueCodec } from './graph-codec.js'
import { editsIn, type RunTrace, type TracedFact } from './run-trace.js'
import type { StoredFact } from './stored-fact.js'
import { decodeRules } from './stored-rules.js'

/** What a step came to in a recorded run. */
export type RecordedOutcome =
  | { readonly kind: 'output'; readonly value: unknown; readonly writes: readonly (readonly [string, unknown])[] }
  | { readonly kind: 'failure'; readonly error: Error }
  | { readonly kind: 'answer'; readonly answer: GivenAnswer }
  /** A signal was sent that was the same as the input. */
  | { readonly kind: 'echo' }

/** Something that happened to a recorded run from outside, in its turn. */
export type Moment = { readonly at: number } & (
  | { /** Somebody or something gave a step its outcome. */ readonly kind: 'outcome'; readonly token: string }
  | { /** A time was up. */ readonly kind: 'time' }
  | { /** The outermost run was edited by hand. */ readonly kind: 'edit'; readonly edit: EditedFact }
)

/** What the steps of a recorded run came to, read with the definition at hand, which may be another than it was recorded under. */
export class RecordedOutcomes {
  readonly #graph: OrchestrationGraph
  readonly #trace: RunTrace

  constructor(graph: OrchestrationGraph, trace: RunTrace) {
    this.#graph = graph
    this.#trace = trace
  }

  /** The input of the run. @throws PAYLOAD_NOT_SERIALIZABLE if the definition at hand has no class for it */
  get input(): unknown {
    return codecOf(this.#graph).decode(this.#trace.steps.get('start')?.facts[0]?.['input'])
  }

  /** What it was started with. Time plays no part when it is run again, so it has no time limit. */
  get options(): RunOptions {
    const { start } = this.#trace
    if (start === undefined) return { timeoutMs: Infinity }
    const { lockstep, failFast, maxSteps, maxConcurrency, maxFanOut } = decodeRules(start.rules)
    const codec = codecOf(this.#graph)
    const properties = (start.properties ?? []).map(([key, value]) => [key, codec.decode(value)] as const)
    return {
      scheduling: lockstep ? 'lockstep' : 'continuous',
      failure: failFast ? 'failFast' : 'collect',
      maxSteps,
      maxConcurrency,
      maxFanOut,
      timeoutMs: Infinity,
      properties: Object.fromEntries(properties),
    }
  }

  /** What came from outside, in order. */
  get moments(): readonly Moment[] {
    return this.#trace.facts.flatMap(traced => momentsIn(traced, codecOf(this.#graph)))
  }

  /**
   * What a step came to; `undefined` if that was not recorded.
   * @param names the names of the states around it
   * @param token the tokens that lead to the step, its own last
   * @throws PAYLOAD_NOT_SERIALIZABLE if the definition at hand has no class for it
   */
  at(names: readonly string[], token: string): RecordedOutcome | undefined {
    // An advancer that failed has its say after the output; what the state came to is the first of them.
    const fact = this.#trace.steps.get(token)?.facts.find(({ type }) => outcomes.has(type))
    return fact && outcomeOf(fact, codecOf(graphAt(this.#graph, names)))
  }
}

const outcomes = new Set(['completed', 'failed', 'answered'])

function outcomeOf(fact: StoredFact, codec: ValueCodec): RecordedOutcome {
  if (fact.type === 'failed') return { kind: 'failure', error: codec.decode(fact['error']) as Error }
  if (fact.type === 'completed') {
    const writes = (fact['writes'] ?? []) as readonly (readonly [string, unknown])[]
    const value = codec.decode(fact['output'])
    return { kind: 'output', value, writes: writes.map(([key, written]) => [key, codec.decode(written)] as const) }
  }
  const approval = fact['approval'] as { readonly outcome: string; readonly decision?: unknown } | undefined
  if (approval === undefined) {
    if (fact['same'] === true) return { kind: 'echo' }
    return { kind: 'answer', answer: { kind: 'signal', payload: codec.decode(fact['output']) } }
  }
  if (approval.outcome === 'expired') return { kind: 'answer', answer: { kind: 'expired' } }
  const decision = codec.decode(approval.decision ?? {}) as Extract<GivenAnswer, { kind: 'decision' }>['decision']
  return { kind: 'answer', answer: { kind: 'decision', approved: approval.outcome === 'approved', decision } }
}

function momentsIn({ run, fact, at, phase, waitedFor }: TracedFact, codec: ValueCodec): readonly Moment[] {
  const tokenOf = (branch: unknown, step: unknown): string => [...run, `${String(branch)}:${String(step)}`].join('/')
  switch (fact.type) {
    case 'completed':
    case 'failed':
    case 'answered':
      // What runs inside comes to its own end, and so does an advancer.
      if (phase === 'routing' || waitedFor === 'orchestration') return []
      if (waitedFor === 'delay') return [{ kind: 'time', at }]
      return [{ kind: 'outcome', token: tokenOf(fact.branch, fact.step), at }]
    case 'join.timed-out':
      return [{ kind: 'time', at }]
    case 'abandon':
      return run.length === 0 ? [] : [{ kind: 'time', at }]
    case 'edited':
      return editMoments(run, fact, at, codec, tokenOf)
    default:
      return []
  }
}

/** An output that was edited is what the step comes to. That of one that waits has no other way in than the edit itself. */
function editMoments(
  run: readonly string[],
  fact: StoredFact,
  at: number,
  codec: ValueCodec,
  tokenOf: (branch: unknown, step: unknown) => string,
): readonly Moment[] {
  const decoded = (what: 'inputs' | 'outputs') =>
    editsIn(fact, what).map(each => ({ ...each, value: codec.decode(each.value) }))
  const moments: Moment[] = editsIn(fact, 'outputs').map(({ branch, step }) => {
    return { kind: 'outcome', token: tokenOf(branch, step), at }
  })
  if (run.length > 0) return moments
  const written = fact['writes'] as readonly (readonly [string, unknown])[] | undefined
  const writes = written && new Map(written.map(([key, value]) => [key, codec.decode(value)]))
  const edit: EditedFact = { type: 'edited', writes, inputs: decoded('inputs'), outputs: decoded('outputs') }
  return [{ kind: 'edit', edit, at }, ...moments]
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
