/** A message of a stream of events. */
export interface StreamedEvent {
  readonly id: number
  readonly event: string
  readonly data: any // any: tests look into whatever has come
}

/** Reads server-sent events as a browser does, from the body of a response. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  #text = ''
  readonly comments: string[] = []
  retry: number | undefined

  constructor(response: Response) {
    if (response.body === null) throw new Error(`no body, status ${response.status}`)
    this.#reader = response.body.getReader()
  }

  /** The next event; `undefined` at the end. Rejects if the stream breaks off. */
  async next(): Promise<StreamedEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const block = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        const event = this.#event(block)
        if (event !== undefined) return event
        continue
      }
      const { done, value } = await this.#reader.read()
      if (done) return undefined
      this.#text += this.#decoder.decode(value, { stream: true })
    }
  }

  /** The next `count` events, or fewer if the stream ends. */
  async take(count: number): Promise<StreamedEvent[]> {
    const events: StreamedEvent[] = []
    while (events.length < count) {
      const event = await this.next()
      if (event === undefined) break
      events.push(event)
    }
    return events
  }

  rest(): Promise<StreamedEvent[]> {
    return this.take(Infinity)
  }

  /** Goes away, as a client does whose connection drops. */
  async drop(): Promise<void> {
    await this.#reader.cancel()
  }

  #event(block: string): StreamedEvent | undefined {
    const fields: Record<string, string> = {}
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? []
      if (name === '') this.comments.push(value)
      else fields[name] = value
    }
    const { id, event, data, retry } = fields
    if (retry !== undefined) this.retry = Number(retry)
    return data === undefined ? undefined : { id: Number(id), event: event ?? '', data: JSON.parse(data) as unknown }
  }
}
