/** A message of a stream of server-sent events. */
export interface SseMessage {
  readonly data: string
}

/** Reads server-sent events from text that comes in pieces, wherever it was cut. */
export class SseReader {
  #rest = ''
  #data: string[] = []

  push(piece: string): readonly SseMessage[] {
    const messages: SseMessage[] = []
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() as string
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) messages.push({ data: this.#data.join('\n') })
        this.#data = []
      } else if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5))
    }
    return messages
  }
}
