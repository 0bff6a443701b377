import type { BranchOutcome } from '../core/index.js'
import type { BranchMetadata } from './branch-result.js'
import type { ExecutionStep } from './execution-trace.js'

/** A step as it is known so far. */
interface TrackedStep extends StepEnd {
  readonly token: string
  readonly agent: string
  readonly startedAt: number
  readonly endedAt?: number
}

/** How a step ended. */
export interface StepEnd extends Pick<ExecutionStep, 'action'> {
  readonly targets?: readonly string[]
  readonly response?: unknown
  readonly error?: string
  /** Whose memory it is part of. */
  readonly memory?: string
}

/** What the events of a run have said about one of its branches. */
export class OrchestraBranch {
  /** What the events call it. */
  readonly branch: string
  /** The nearest branch around it in which an agent was at work. */
  readonly parent: OrchestraBranch | undefined
  readonly id: string
  /** The agents for which branches have come together in it. */
  readonly convergences: readonly string[]
  outcome: BranchOutcome | undefined
  endedAtConvergence = false
  /** Whether what it has found has reached the user. */
  hasAnswered = false
  readonly #first: string
  readonly #steps: TrackedStep[] = []

  constructor(branch: string, agent: string, parent: OrchestraBranch | undefined, convergences: readonly string[]) {
    this.branch = branch
    this.parent = parent
    this.#first = agent
    this.convergences = convergences
    this.id = `${parent === undefined ? 'main' : 'child'}_${slug(agent)}_${hash(branch)}`
  }

  /** How many steps have begun. */
  get size(): number {
    return this.#steps.length
  }

  /** The agent that it is at. */
  get agent(): string {
    return this.#steps.at(-1)?.agent ?? this.#first
  }

  get agents(): readonly string[] {
    return [...new Set(this.#steps.map(({ agent }) => agent))]
  }

  /** What was said last. */
  get response(): unknown {
    return this.#steps.findLast(({ response }) => response !== undefined)?.response
  }

  get success(): boolean {
    return this.outcome !== 'failed' && this.outcome !== 'cancelled' && this.outcome !== undefined && !this.#hasFailed
  }

  get #hasFailed(): boolean {
    return this.#steps.at(-1)?.error !== undefined
  }

  /** A step begins, or begins again because its process had died. Returns its number. */
  begin(token: string, agent: string, at: number): number {
    if (this.isAt(token)) this.#steps.pop()
    this.#steps.push({ token, agent, startedAt: at, action: 'running' })
    return this.#steps.length
  }

  /** A step has ended. Returns how long it took, in milliseconds. */
  end(token: string, at: number, how: StepEnd): number {
    const index = this.#steps.findLastIndex(step => step.token === token)
    const step = this.#steps[index]
    // One that never began, because nobody needed it any more.
    if (step === undefined) return 0
    this.#steps[index] = { ...step, ...how, endedAt: at }
    return at - step.startedAt
  }

  /** A step was begun and not let in, because there had been enough of them. */
  refuse(token: string): void {
    if (this.isAt(token)) this.#steps.pop()
  }

  /** Whether a token is that of its latest step. */
  isAt(token: string): boolean {
    return this.#steps.at(-1)?.token === token
  }

  /** Where what its agents remember is kept: pairs of branch and agent. */
  get memories(): readonly (readonly [branch: string, agent: string])[] {
    return this.#steps.map(({ memory = this.branch, agent }) => [memory, agent] as const)
  }

  trace(now: number): readonly ExecutionStep[] {
    return this.#steps.map(({ agent, action, targets = [], response, startedAt, endedAt = now, error }, index) => ({
      step: index + 1,
      agent,
      action,
      targets,
      response,
      startedAt,
      durationMs: endedAt - startedAt,
      ...(error === undefined ? {} : { error }),
    }))
  }

  get metadata(): BranchMetadata {
    return {
      branch: this.branch,
      agents: this.agents,
      ...(this.parent === undefined ? {} : { parent: this.parent.id }),
      outcome: this.outcome ?? 'running',
      endedAtConvergence: this.endedAtConvergence,
      convergences: [...this.convergences],
    }
  }
}

/** A name in small letters and digits, for an id. */
function slug(name: string): string {
  const word = name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '_')
  return word.replaceAll(/^_+|_+$/g, '') || 'agent'
}

/** Six hexadecimal digits that tell the branches of one run apart (FNV-1a). */
function hash(text: string): string {
  let sum = 0x811c9dc5
  for (const character of text) sum = Math.imul(sum ^ (character.codePointAt(0) as number), 0x01000193) >>> 0
  return (sum & 0xffffff).toString(16).padStart(6, '0')
}
