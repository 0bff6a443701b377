import { type ChatCompletionRequest, type ChatMessage, type FixtureResponse, LLMock } from '@copilotkit/aimock'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { MeteredFetch, type Tokens } from './metered-fetch.js'

/** What a model of a demo was asked. */
export interface Asked {
  /** The last message. */
  readonly text: string
  readonly messages: readonly ChatMessage[]
  readonly body: ChatCompletionRequest
}

/** A text, a value as JSON, calls of tools, an error, or anything else that the mock server can say. */
export type Said =
  | string
  | { readonly json: unknown }
  | { readonly calls: readonly (readonly [tool: string, args?: unknown])[] }
  | { readonly status: number; readonly message?: string }
  | { readonly raw: FixtureResponse }

/** What is said, or how it follows from what was asked. */
export type Line = Said | ((asked: Asked) => Said | Promise<Said>)

/**
 * A server of the OpenAI API whose models say what a test wants, told apart by the instructions of their agents. Each request has
 * other counts of tokens.
 */
export class DemoServer {
  readonly #mock = new LLMock({ port: 0 })
  readonly #meter = new MeteredFetch()
  #count = 0

  constructor() {
    beforeAll(() => this.#mock.start())
    afterEach(() => {
      this.#mock.clearFixtures()
      this.#mock.clearRequests()
      this.#meter.reset()
    })
    afterAll(() => this.#mock.stop())
  }

  get baseURL(): string {
    return `${this.#mock.url}/v1`
  }

  /** A new official client; it does not try again by itself. */
  client(more: { readonly maxRetries?: number; readonly timeout?: number } = {}): OpenAI {
    return new OpenAI({
      apiKey: 'sk-demo-0123456789',
      baseURL: this.baseURL,
      maxRetries: 0,
      logLevel: 'off',
      fetch: (url, init) => this.#meter.fetch(url, init),
      ...more,
    })
  }

  /** What an agent needs. */
  get connection(): { readonly client: OpenAI; readonly model: string } {
    return { client: this.client(), model: 'gpt-4.1-mini' }
  }

  /** Agents with these instructions get these answers, one after the other, and the last one from then on. */
  answers(instructions: string, ...lines: readonly [Line, ...Line[]]): void {
    let next = 0
    const answer = async (body: ChatCompletionRequest): Promise<FixtureResponse> => {
      const line = lines[Math.min(next++, lines.length - 1)] as Line
      const { messages } = body
      const said = typeof line === 'function' ? await line({ text: textOf(messages.at(-1)), messages, body }) : line
      return this.#response(said)
    }
    this.#mock.on({ systemMessage: instructions }, answer, { chunkSize: 8 })
  }

  /** The bodies of all requests so far. */
  get requests(): readonly ChatCompletionRequest[] {
    return this.#mock.getRequests().map(({ body }) => body as ChatCompletionRequest)
  }

  /** The requests of agents with these instructions. */
  requestsOf(instructions: string): readonly ChatCompletionRequest[] {
    return this.requests.filter(({ messages }) => textOf(messages[0]).includes(instructions))
  }

  /** The tokens that went over the wire in its answers. */
  get reported(): Tokens {
    return this.#meter.tokens
  }

  #response(said: Said): FixtureResponse {
    if (typeof said === 'object' && 'raw' in said) return said.raw
    if (typeof said === 'object' && 'status' in said) {
      return {
        error: { message: said.message ?? 'The server is overloaded', type: 'server_error' },
        status: said.status,
      }
    }
    const n = ++this.#count
    const usage = { prompt_tokens: 100 + n, completion_tokens: 10 + (n % 7), total_tokens: 110 + n + (n % 7) }
    if (typeof said === 'string') return { content: said, usage }
    if ('json' in said) return { content: JSON.stringify(said.json), usage }
    const toolCalls = said.calls.map(([name, args = {}]) => ({ name, arguments: JSON.stringify(args) }))
    return { toolCalls, usage }
  }
}

/** What a message says, without images and files. */
export function textOf(message: ChatMessage | undefined): string {
  const { content = null } = message ?? {}
  if (typeof content === 'string' || content === null) return content ?? ''
  return content.map(({ text = '' }) => text).join('')
}
