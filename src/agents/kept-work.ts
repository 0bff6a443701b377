import type { RunContext } from '../core/index.js'
import type { ModelMessage } from './model-message.js'
import { ScopedContext } from './scoped-context.js'

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

  private constructor(context: RunContext | undefined, name: string) {
    this.#context = context
    this.#name = name
  }

  static of(
    context: RunContext | undefined,
    agent: string,
    asked: readonly ModelMessage[],
    key: string | undefined,
  ): KeptWork {
    if (context === undefined) return new KeptWork(undefined, '')
    const what = key === undefined ? fingerprint(`${agent}\n${JSON.stringify(asked)}`) : withoutMarks(key)
    const name = `${withoutMarks(agent)}.a${context.attempt}.${what}`
    let counts = begun.get(context)
    if (counts === undefined) begun.set(context, (counts = new Map()))
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return new KeptWork(context, `${name}.${count}`)
  }

  /** The kept result of a part, or that of `work`, which must be plain data. */
  once<T>(part: string, work: () => Promise<T>): Promise<T> {
    return this.#context === undefined ? work() : this.#context.once(`${this.#name}.${part}`, work)
  }

  /** The state's context for a part; `undefined` outside of a state. */
  contextFor(part: string): RunContext | undefined {
    return this.#context === undefined ? undefined : new ScopedContext(this.#context, `${this.#name}.${part}`)
  }
}

/** Names of requests have neither `/` nor `#` in them. */
function withoutMarks(name: string): string {
  return name.replace(/[/#\s]+/g, '_')
}

/** A short text that differs where `text` differs: two hashes of 32 bits, after FNV-1a. */
function fingerprint(text: string): string {
  let first = 0x811c9dc5
  let second = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    first = Math.imul(first ^ unit, 0x01000193)
    second = Math.imul((second ^ unit) + i, 0x85ebca6b)
  }
  return (first >>> 0).toString(36) + (second >>> 0).toString(36)
}
