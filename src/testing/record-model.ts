import { existsSync } from 'node:fs'
import type OpenAI from 'openai'
import {
  type ModelCallOptions,
  type ModelClient,
  ModelError,
  type ModelRequest,
  type ModelResponse,
} from '../agents/index.js'
import { modelOfClient } from '../agents/internal.js'
import { OptionError } from '../errors/index.js'
import { canonicalJson } from '../schema/internal.js'
import { jsonDifferences } from './json-difference.js'
import { type RecordedExchange, readRecording, writeRecording } from './recording-file.js'
import { redactData } from './redact-data.js'

/** How {@link recordModel} records and replays. */
export interface RecordModelOptions {
  /** The JSON file of the conversation. Commit it with the test that replays it. */
  readonly file: string
  /**
   * `record` asks the model and writes the file anew, `replay` answers from the file, `auto` replays if there is a file and else
   * records. @default 'auto'
   */
  readonly mode?: 'auto' | 'record' | 'replay'
  /**
   * Takes out of a text what must not be in the file, besides the keys, tokens and passwords that are recognised anyway. Has to do the
   * same with the same text: requests are compared as they were written. @default nothing more
   */
  readonly redact?: (text: string) => string
}

/**
 * Makes a test that needs no model of a conversation with a real one: the first time it is recorded, from then on replayed.
 *
 * ```ts
 * const client = recordModel(() => new OpenAI(), { file: 'test/recordings/weather.json' })
 * const { output } = await AgentRunner.run(new Agent({ client, model: 'gpt-4.1-mini' }), 'How warm is it in Oslo?')
 * client.assertDone()
 * ```
 *
 * Given as a function, the client is made only to record, so that replaying needs no key.
 * @throws OPTION_INVALID
 * @throws MODEL_RECORDING_MISSING if it shall replay and there is no recording that can be read
 */
export function recordModel(
  client: OpenAI | ModelClient | (() => OpenAI | ModelClient),
  options: RecordModelOptions,
): RecordedModel {
  return new RecordedModel(client, options)
}

/**
 * A model whose conversations are in a file; see {@link recordModel}.
 *
 * - Recording, an answer is in the file as soon as it is complete, in the order of the calls. A call that failed is not, so a retry
 *   leaves nothing but its success.
 * - Replaying, equal requests are answered in the order in which they were recorded, each answer once, with the deltas as they came,
 *   and with the usage that was recorded. Any other request fails with `MODEL_RECORDING_MISSING`, which says how it differs from
 *   the nearest recorded one.
 * - The file has no keys, tokens and passwords that can be recognised, and no headers at all. What else is secret, `redact` has to
 *   take out.
 */
export class RecordedModel implements ModelClient {
  readonly mode: 'record' | 'replay'
  readonly #file: string
  readonly #redact: (text: string) => string
  readonly #model: ModelClient | undefined
  /** In the order of the calls; those still waiting for their answer, and those that failed, have none. */
  readonly #exchanges: (RecordedExchange | undefined)[]
  readonly #used = new Set<RecordedExchange>()

  /** @internal */
  constructor(client: Parameters<typeof recordModel>[0], options: RecordModelOptions) {
    const { file, mode = 'auto', redact = text => text } = options
    if (typeof file !== 'string' || file === '') throw new OptionError('file', 'the path of a file', file)
    if (mode !== 'auto' && mode !== 'record' && mode !== 'replay') {
      throw new OptionError('mode', "'auto', 'record' or 'replay'", mode)
    }
    this.#file = file
    this.#redact = redact
    this.mode = mode === 'auto' ? (existsSync(file) ? 'replay' : 'record') : mode
    this.#exchanges = this.mode === 'replay' ? readRecording(file) : []
    if (this.mode === 'record') this.#model = modelOfClient(typeof client === 'function' ? client() : client)
  }

  /** How many exchanges the recording has. */
  get size(): number {
    return this.#recorded.length
  }

  async complete(request: ModelRequest, options: ModelCallOptions = {}): Promise<ModelResponse> {
    options.signal?.throwIfAborted()
    return this.#model === undefined ? this.#replay(request, options) : this.#record(this.#model, request, options)
  }

  /** @throws if a replay has answers left: fewer calls came than were recorded. Does nothing where it records. */
  assertDone(): void {
    const left = this.mode === 'record' ? [] : this.#recorded.filter(exchange => !this.#used.has(exchange))
    const [first] = left
    if (first === undefined) return
    const last = first.request.messages.at(-1)
    throw new Error(
      `The recording ${this.#file} has ${left.length} of ${this.size} answers left that no call has asked for; the first is to ` +
        `a request that ends with ${clipped(JSON.stringify(last))}.`,
    )
  }

  async #record(model: ModelClient, request: ModelRequest, options: ModelCallOptions): Promise<ModelResponse> {
    const { onDelta, onReasoning } = options
    const place = this.#exchanges.push(undefined) - 1
    const asked = redactData(plain(request), this.#redact)
    const text: string[] = []
    const reasoning: string[] = []
    const response = await model.complete(request, {
      ...options,
      ...(onDelta === undefined ? {} : { onDelta: passedOn(text, onDelta) }),
      ...(onReasoning === undefined ? {} : { onReasoning: passedOn(reasoning, onReasoning) }),
    })
    const { requestId: _requestId, ...answer } = response
    const answered = redactData(plain(answer), this.#redact)
    this.#exchanges[place] = {
      request: asked,
      response: answered,
      ...piecesOf('deltas', text, answered.content),
      ...piecesOf('reasoningDeltas', reasoning, answered.reasoning ?? ''),
    }
    writeRecording(this.#file, this.#recorded)
    return response
  }

  async #replay(request: ModelRequest, { onDelta, onReasoning, signal }: ModelCallOptions): Promise<ModelResponse> {
    const asked = redactData(plain(request), this.#redact)
    const key = canonicalJson(asked)
    const equal = this.#recorded.filter(exchange => canonicalJson(exchange.request) === key)
    const exchange = equal.find(each => !this.#used.has(each))
    if (exchange === undefined) throw this.#missing(asked, equal.length)
    this.#used.add(exchange)
    const { response, deltas = [response.content], reasoningDeltas = [response.reasoning ?? ''] } = exchange
    await deliver(reasoningDeltas, onReasoning, signal)
    await deliver(deltas, onDelta, signal)
    return structuredClone(response)
  }

  get #recorded(): readonly RecordedExchange[] {
    return this.#exchanges.filter(exchange => exchange !== undefined)
  }

  #missing(request: ModelRequest, equal: number): ModelError {
    const again = `Delete the file, or set \`mode: 'record'\`, to record the conversation anew.`
    const why =
      equal > 0
        ? `this request ${equal === 1 ? 'once, and that answer has been given' : `${equal} times, and all answers have been given`}`
        : `no such request${this.#nearest(request)}`
    return new ModelError(`The recording ${this.#file} has ${why}. ${again}`, {
      code: 'MODEL_RECORDING_MISSING',
      model: request.model,
    })
  }

  #nearest(request: ModelRequest): string {
    const [nearest] = this.#recorded
      .map((exchange, index) => ({ index, differences: jsonDifferences(exchange.request, request) }))
      .sort((one, other) => one.differences.length - other.differences.length)
    if (nearest === undefined) return ': it is empty'
    const { index, differences } = nearest
    const shown = differences
      .slice(0, 3)
      .map(({ path, one, other }) => `${path} was ${clipped(one)} and is ${clipped(other)}`)
    const more = differences.length > shown.length ? `; and ${differences.length - shown.length} more` : ''
    return `. The nearest is number ${index + 1} of ${this.size}, of which ${shown.join('; ')}${more}`
  }
}

/** As it will be read back. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

function passedOn(kept: string[], listener: (text: string) => void): (text: string) => void {
  return text => {
    kept.push(text)
    listener(text)
  }
}

/** The pieces as they came, unless something was taken out of the whole: a secret may lie across several. */
function piecesOf<K extends string>(name: K, pieces: readonly string[], whole: string): Partial<Record<K, string[]>> {
  if (pieces.length === 0) return {}
  return { [name]: pieces.join('') === whole ? [...pieces] : [whole] } as Partial<Record<K, string[]>>
}

async function deliver(
  pieces: readonly string[],
  listener: ((text: string) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (listener === undefined) return
  for (const piece of pieces) {
    // An abort can come in between, as it can in a real stream.
    await Promise.resolve()
    signal?.throwIfAborted()
    if (piece !== '') listener(piece)
  }
}

function clipped(json: string | undefined): string {
  if (json === undefined) return 'nothing'
  return json.length > 160 ? `${json.slice(0, 160)}…` : json
}
