import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import OpenAI from 'openai'
import { afterEach, beforeEach } from 'vitest'

/** A server that takes requests and never answers; or, if it is told so, begins to answer, and then says nothing more. */
export class SilentServer {
  #server: Server | undefined
  #began = 0
  #closed = 0
  #changed = (): void => {}

  constructor() {
    beforeEach(async () => {
      this.#began = this.#closed = 0
      this.#server = createServer((request, response) => {
        request.resume()
        response.on('close', () => {
          this.#closed++
          this.#changed()
        })
        if (request.headers['x-begin'] === 'yes') {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write('data: {"choices":[{"index":0,"delta":{"content":"Well"}}]}\n\n')
        }
        this.#began++
        this.#changed()
      }).listen(0, '127.0.0.1')
      await once(this.#server, 'listening')
    })
    afterEach(async () => {
      this.#server?.closeAllConnections()
      this.#server?.close()
      if (this.#server?.listening === true) await once(this.#server, 'close')
    })
  }

  client(begins = false): OpenAI {
    const { port } = (this.#server as Server).address() as AddressInfo
    return new OpenAI({
      apiKey: 'sk-demo-0123456789',
      baseURL: `http://127.0.0.1:${port}/v1`,
      maxRetries: 2,
      logLevel: 'off',
      ...(begins ? { defaultHeaders: { 'x-begin': 'yes' } } : {}),
    })
  }

  /** Until so many requests are there. */
  began(count: number): Promise<void> {
    return this.#until(() => this.#began >= count)
  }

  /** Until so many connections were closed by the other side. */
  closed(count: number): Promise<void> {
    return this.#until(() => this.#closed >= count)
  }

  get requests(): number {
    return this.#began
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>(resolve => {
        const before = this.#changed
        this.#changed = () => {
          before()
          resolve()
        }
      })
    }
  }
}
