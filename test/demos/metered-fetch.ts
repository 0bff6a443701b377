/** Counts of tokens. */
export interface Tokens {
  readonly inputTokens: number
  readonly outputTokens: number
  /** How many answers said what they used. */
  readonly answers: number
}

interface WireUsage {
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null
}

const none: Tokens = { inputTokens: 0, outputTokens: 0, answers: 0 }

/** A `fetch` that reads along what the answers say about usage. */
export class MeteredFetch {
  #tokens = none

  get tokens(): Tokens {
    return this.#tokens
  }

  reset(): void {
    this.#tokens = none
  }

  async fetch(url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const response = await fetch(url, init)
    if (response.body === null) return response
    const isStream = response.headers.get('content-type')?.includes('event-stream') === true
    const decoder = new TextDecoder()
    let text = ''
    const meter = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        text += decoder.decode(chunk, { stream: true })
        controller.enqueue(chunk)
        if (!isStream) return
        // A client may leave a stream before it has ended.
        const lines = text.split('\n')
        text = lines.pop() ?? ''
        for (const line of lines) if (line.startsWith('data: {')) this.#add(JSON.parse(line.slice(6)) as WireUsage)
      },
      flush: () => {
        if (!isStream) this.#add(JSON.parse(text) as WireUsage)
      },
    })
    const { status, statusText, headers } = response
    return new Response(response.body.pipeThrough(meter), { status, statusText, headers })
  }

  #add({ usage }: WireUsage): void {
    if (!usage) return
    const { inputTokens, outputTokens, answers } = this.#tokens
    this.#tokens = {
      inputTokens: inputTokens + usage.prompt_tokens,
      outputTokens: outputTokens + usage.completion_tokens,
      answers: answers + 1,
    }
  }
}
