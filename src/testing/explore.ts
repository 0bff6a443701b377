import {
  type GraphAdvancer,
  type GraphNode,
  type Orchestration,
  type OrchestrationGraph,
  StateFailure,
} from '../core/index.js'
import { allMatches, directoryOf, firstMatch, resultStates } from '../core/internal.js'
import { ensureError, OptionError } from '../errors/index.js'
import { Exploration, ExploredPath } from './exploration.js'
import { ExploringContext } from './exploring-context.js'
import { pathKey } from './run-paths.js'
import { possibleOutputs, StubFailure, type StubOutputs } from './stub-outputs.js'

/** What {@link explore} goes by. */
export interface ExploreOptions<TIn> {
  /** What the orchestration is given. @default undefined */
  readonly input?: TIn
  /**
   * What each state may return, by its name. Needed for every state that is reached and has ways on, except for approvals, delays
   * and collecting joins. @default none
   */
  readonly outputs?: Readonly<Record<string, StubOutputs>>
  /** The values `context.properties` starts with. @default none */
  readonly properties?: Readonly<Record<string, unknown>>
  /** After how many paths, those that lead back into themselves included, to give up. @default 10000 */
  readonly maxPaths?: number
}

/**
 * Walks through a definition with made-up outputs, to see which paths there are. Conditions, conversions and targets are those of
 * the real advancers; no state is ever invoked. Each branch of a fan-out is a path of its own, and a join goes on with each.
 *
 * ```ts
 * const exploration = await explore(new Publishing(), {
 *   input: 'tides',
 *   outputs: { Writing: [{ text: 'All about tides' }], Checking: [{ ok: true }, { ok: false }] },
 * })
 * console.log(String(exploration)) // Writing → Checking → Printing …
 * expect(exploration.coverage(recordedRuns).paths.ratio).toBe(1)
 * ```
 *
 * @throws WiringError if the definition cannot run
 * @throws OPTION_INVALID if stubs are missing, or are for a state there is not
 */
export async function explore<TIn>(
  orchestration: Orchestration<TIn, unknown>,
  options: ExploreOptions<TIn> = {},
): Promise<Exploration> {
  const { graph } = orchestration
  const { outputs = {}, maxPaths = 10_000 } = options
  if (!Number.isInteger(maxPaths) || maxPaths < 1) {
    throw new OptionError('maxPaths', 'a whole number of at least 1', maxPaths)
  }
  for (const name of Object.keys(outputs)) {
    if (graph.byName.has(name)) continue
    const names = graph.nodes.map(node => node.name).join(', ')
    throw new OptionError('outputs', `a record whose keys are states of "${graph.name}" (${names})`, name)
  }
  const explorer = new Explorer(graph, outputs, maxPaths)
  const input: unknown = graph.input === undefined ? options.input : await graph.input.check(options.input)
  const properties = new Map(Object.entries(options.properties ?? {}))
  await explorer.visit(graph.entry, input, { states: [], outputs: new Map(), properties, owed: true })
  return explorer.finish()
}

type Decision = Awaited<ReturnType<typeof firstMatch>>

/** How a state was come to. */
interface Trail {
  readonly states: readonly string[]
  readonly outputs: ReadonlyMap<string, unknown>
  readonly properties: ReadonlyMap<string, unknown>
  /** Whether no state with the result is on it yet. */
  readonly owed: boolean
}

class Explorer {
  readonly #graph: OrchestrationGraph
  readonly #stubs: Readonly<Record<string, StubOutputs>>
  readonly #results: ReadonlySet<GraphNode>
  readonly #ends = new Map<string, ExploredPath>()
  readonly #shortest = new Map<string, readonly string[]>()
  readonly #transitions = new Map<string, readonly [string, string]>()
  #left: number
  #complete = true

  constructor(graph: OrchestrationGraph, stubs: Readonly<Record<string, StubOutputs>>, maxPaths: number) {
    this.#graph = graph
    this.#stubs = stubs
    this.#results = new Set(resultStates(graph))
    this.#left = maxPaths
  }

  async visit(node: GraphNode, given: unknown, trail: Trail): Promise<void> {
    const states = [...trail.states, node.name]
    const known = this.#shortest.get(node.name)
    if (known === undefined || known.length > states.length) this.#shortest.set(node.name, states)
    let input = given
    try {
      if (node.input !== undefined) input = await node.input.check(given)
    } catch (thrown) {
      return this.#recover(node, given, ensureError(thrown), { ...trail, states })
    }
    const isResult = this.#results.has(node)
    if (isResult && trail.owed) this.#end({ ...trail, states }, 'result')
    if (node.advancers.length === 0 && node.errorAdvancers.length === 0) {
      if (!isResult) this.#end({ ...trail, states }, 'ended')
      return
    }
    const stubs = node.advancers.length === 0 && this.#stubs[node.name] === undefined ? [] : undefined
    for (const output of stubs ?? (await possibleOutputs(node, input, this.#stubs))) {
      if (this.#left <= 0) return
      const next: Trail = {
        states,
        outputs: output instanceof StubFailure ? trail.outputs : new Map([...trail.outputs, [node.name, output]]),
        properties: new Map(trail.properties),
        owed: trail.owed && !isResult,
      }
      if (output instanceof StubFailure) await this.#recover(node, input, output.error, next)
      else if (node.advancers.length > 0) await this.#route(node, input, output, next)
    }
  }

  finish(): Exploration {
    return new Exploration(
      this.#graph.name,
      this.#graph.nodes.map(({ name }) => name),
      [...this.#ends.values()],
      this.#shortest,
      [...this.#transitions.values()],
      this.#complete,
    )
  }

  async #route(node: GraphNode, input: unknown, output: unknown, trail: Trail): Promise<void> {
    let decision: Decision
    try {
      decision = await this.#ask(node, node.advancers, output, true, trail)
    } catch (thrown) {
      return this.#recover(node, input, ensureError(thrown), trail)
    }
    if (decision !== undefined) return this.#follow(node, decision.moves, trail)
    if (node.allowDeadEnd) this.#end(trail, 'ended')
    else await this.#recover(node, input, new Error(`unable to advance from "${node.name}"`), trail)
  }

  async #recover(node: GraphNode, input: unknown, error: Error, trail: Trail): Promise<void> {
    const failure = new StateFailure(error, input, node.name, `0:${trail.states.length - 1}`)
    let decision: Decision
    try {
      decision = await this.#ask(node, node.errorAdvancers, failure, false, trail)
    } catch (thrown) {
      return this.#end(trail, 'failed', ensureError(thrown).message)
    }
    if (decision === undefined) this.#end(trail, 'failed', error.message)
    else await this.#follow(node, decision.moves, trail)
  }

  #ask(
    node: GraphNode,
    advancers: readonly GraphAdvancer[],
    output: unknown,
    isOutput: boolean,
    { states, outputs, properties }: Trail,
  ): ReturnType<typeof firstMatch> {
    const directory = directoryOf(this.#graph)
    const resolve = (state: unknown): string => directory.resolve(state, `outputOf() in "${node.name}"`).node.name
    const values = properties as Map<string, unknown>
    const context = new ExploringContext(node.name, states.length - 1, resolve, outputs, values)
    const checked = isOutput ? node.output : undefined
    const ask = isOutput && node.parallelAdvances ? allMatches : firstMatch
    return ask({ node, advancers, output, checked, context, directory })
  }

  async #follow(
    node: GraphNode,
    moves: readonly { readonly to: string; readonly input: unknown }[],
    trail: Trail,
  ): Promise<void> {
    if (moves.length === 0) this.#end(trail, 'ended')
    for (const { to, input } of moves) {
      this.#transitions.set(pathKey([node.name, to]), [node.name, to])
      if (trail.states.includes(to)) this.#used()
      else await this.visit(this.#graph.byName.get(to) as GraphNode, input, trail)
    }
  }

  #end({ states, owed }: Trail, end: ExploredPath['end'], reason?: string): void {
    if (owed) this.#ends.set(`${end} ${reason ?? ''} ${pathKey(states)}`, new ExploredPath(states, end, reason))
    this.#used()
  }

  #used(): void {
    this.#left--
    if (this.#left <= 0) this.#complete = false
  }
}
