import type { AnswerEnd, AnswerPiece } from './answer.js'
import type { AnswerFrames } from './delivery.js'

/** What the events of a response are made from. */
export interface ResponseFramesOptions {
  /** The response as it is before anything has been answered. */
  readonly shell: Readonly<Record<string, unknown>>
  /** The id of the message that it is made of. */
  readonly itemId: string
  /** Makes the response when it is there, of its text and the items that it consists of, and keeps it. */
  readonly complete: (end: AnswerEnd, text: string, output: readonly object[]) => Promise<object>
  /** Makes the response of one that there is no answer to, and keeps it. */
  readonly fail: (thrown: unknown) => Promise<object>
}

/** The message of a response. */
export function messageItem(id: string, text: string): object {
  return { id, type: 'message', status: 'completed', role: 'assistant', content: [textPart(text)] }
}

/** What was told of the work for a response. */
function reasoningItem(responseId: string, text: string): object {
  return { id: thoughtsId(responseId), type: 'reasoning', summary: [{ type: 'summary_text', text }] }
}

/** The events of a response: of its message, and of what happens meanwhile as a summary of thoughts, if that is told. */
export class ResponseFrames implements AnswerFrames {
  readonly #options: ResponseFramesOptions
  #number = 0
  #items = 0
  #text: { readonly place: number; said: string } | undefined
  #thoughts: { readonly place: number; said: string } | undefined

  constructor(options: ResponseFramesOptions) {
    this.#options = options
  }

  begin(): string {
    const { shell: response } = this.#options
    return this.#frame('response.created', { response }) + this.#frame('response.in_progress', { response })
  }

  piece(piece: AnswerPiece): string | Promise<string> {
    if (piece.type === 'text') return this.#say(piece.text)
    if (piece.type === 'progress') return this.#think(piece.text)
    return this.#end(piece)
  }

  async failure(thrown: unknown): Promise<string> {
    return this.#frame('response.failed', { response: await this.#options.fail(thrown) })
  }

  #say(text: string): string {
    const begin = this.#text === undefined ? this.#beginMessage() : ''
    const message = (this.#text ??= { place: this.#items++, said: '' })
    message.said += text
    return (
      begin +
      this.#frame('response.output_text.delta', { ...this.#inMessage(message.place), delta: text, logprobs: [] })
    )
  }

  #beginMessage(): string {
    const { itemId } = this.#options
    const item = { id: itemId, type: 'message', status: 'in_progress', role: 'assistant', content: [] }
    const added = this.#frame('response.output_item.added', { output_index: this.#items, item })
    return added + this.#frame('response.content_part.added', { ...this.#inMessage(this.#items), part: textPart('') })
  }

  #think(text: string): string {
    let begin = ''
    if (this.#thoughts === undefined) {
      const place = this.#items++
      this.#thoughts = { place, said: '' }
      const item = { id: this.#thoughtsId, type: 'reasoning', summary: [] }
      const part = { type: 'summary_text', text: '' }
      begin =
        this.#frame('response.output_item.added', { output_index: place, item }) +
        this.#frame('response.reasoning_summary_part.added', { ...this.#inThoughts(place), part })
    }
    this.#thoughts.said += text
    const { place } = this.#thoughts
    return begin + this.#frame('response.reasoning_summary_text.delta', { ...this.#inThoughts(place), delta: text })
  }

  async #end(end: AnswerEnd): Promise<string> {
    const begin = this.#text === undefined ? this.#say('') : ''
    const { said: text, place } = this.#text as { said: string; place: number }
    const item = messageItem(this.#options.itemId, text)
    const thoughts = this.#thoughts && { item: reasoningItem(this.#responseId, this.#thoughts.said), ...this.#thoughts }
    const items =
      thoughts === undefined ? [item] : thoughts.place < place ? [thoughts.item, item] : [item, thoughts.item]
    const response = await this.#options.complete(end, text, items)
    const part = textPart(text)
    const message = this.#inMessage(place)
    return [
      begin,
      this.#endThoughts(),
      this.#frame('response.output_text.done', { ...message, text, logprobs: [] }),
      this.#frame('response.content_part.done', { ...message, part }),
      this.#frame('response.output_item.done', { output_index: place, item }),
      this.#frame('response.completed', { response }),
    ].join('')
  }

  #endThoughts(): string {
    if (this.#thoughts === undefined) return ''
    const { said: text, place } = this.#thoughts
    const inThoughts = this.#inThoughts(place)
    const item = reasoningItem(this.#responseId, text)
    return [
      this.#frame('response.reasoning_summary_text.done', { ...inThoughts, text }),
      this.#frame('response.reasoning_summary_part.done', { ...inThoughts, part: { type: 'summary_text', text } }),
      this.#frame('response.output_item.done', { output_index: place, item }),
    ].join('')
  }

  #inMessage(place: number): object {
    return { item_id: this.#options.itemId, output_index: place, content_index: 0 }
  }

  #inThoughts(place: number): object {
    return { item_id: this.#thoughtsId, output_index: place, summary_index: 0 }
  }

  get #responseId(): string {
    return String(this.#options.shell['id'])
  }

  get #thoughtsId(): string {
    return thoughtsId(this.#responseId)
  }

  #frame(type: string, data: object): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#number++, ...data })}\n\n`
  }
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

function thoughtsId(responseId: string): string {
  return responseId.replace(/^resp_/, 'rs_')
}
