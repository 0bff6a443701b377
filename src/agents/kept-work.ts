import type { RunContext } from '../core/index.js'
import { DelegatingContext } from '../core/internal.js'
import { fingerprint } from './fingerprint.js'
import type { ModelMessage } from './model-message.js'

/** How many conversations of the same beginning a context has seen. */
const begun = new WeakMap<RunContext, Map<string, number>>()

/**
 * What a conversation does only once in a state, kept with `context.once()`. The names are made of the agent, the attempt of the
 * state, and a key or else what the agent was asked, so that they do not depend on which of several conversations is faster. Outside of
 * a state nothing is kept.
 */
export class KeptWork {
  readonly #context: RunContext | undefined
  readonly #name: string
  /** The same in every attempt. */
  readonly #key: string

  private constructor(context: RunContext | undefined, name: string, key: string) {
    this.#context = context
    this.#name = name
    this.#key = key
  }

  static of(
    context: RunContext | undefined,
    agent: string,
    asked: readonly ModelMessage[],
    key: string | undefined,
  ): KeptWork {
    if (context === undefined) return new KeptWork(undefined, '', '')
    const what = key === undefined ? fingerprint(`${agent}\n${JSON.stringify(asked)}`) : withoutMarks(key)
    const name = `${withoutMarks(agent)}.a${context.attemptId}.${what}`
    let counts = begun.get(context)
    if (counts === undefined) begun.set(context, (counts = new Map()))
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return new KeptWork(context, `${name}.${count}`, `${withoutMarks(agent)}.${what}.${count}`)
  }

  /** The kept result of a part, or that of `work`, which must be plain data. */
  once<T>(part: string, work: () => Promise<T>): Promise<T> {
    return this.#context === undefined ? work() : this.#context.once(`${this.#name}.${part}`, work)
  }

  /** The state's context for a part, with a key that is the same in every attempt; `undefined` outside of a state. */
  contextFor(part: string, key: string = part): RunContext | undefined {
    if (this.#context === undefined) return undefined
    return new DelegatingContext(this.#context, `${this.#name}.${part}`, `${this.#key}.${key}`)
  }
}

/** Names of requests have neither `/` nor `#` in them. */
function withoutMarks(name: string): string {
  return name.replace(/[/#\s]+/g, '_')
}
