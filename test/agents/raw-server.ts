import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import OpenAI, { type ClientOptions } from 'openai'
import { afterEach, expect, onTestFinished, vi } from 'vitest'
import type { ModelError } from '../../src/agents/index.js'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** HTTP servers that answer just what a test wants; closed after each test. */
export class RawServers {
  readonly #servers: Server[] = []

  constructor() {
    afterEach(async () => {
      for (const server of this.#servers.splice(0)) {
        server.closeAllConnections()
        server.close()
        if (server.listening) await once(server, 'close')
      }
    })
  }

  /** Starts one. Returns its `baseURL`. */
  async serve(handle: Handler): Promise<string> {
    const server = createServer(handle).listen(0, '127.0.0.1')
    this.#servers.push(server)
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  }

  /** The `baseURL` of one that was there, but is no more. */
  async deserted(): Promise<string> {
    const baseURL = await this.serve(() => {})
    const server = this.#servers.pop()
    server?.close()
    if (server !== undefined) await once(server, 'close')
    return baseURL
  }

  /** One that always gives this answer. */
  answering(answer: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.serve((_request, response) => {
      const type = typeof answer === 'string' ? 'text/html' : 'application/json'
      response.writeHead(status, { 'content-type': type, ...headers })
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  }

  /** One that always streams these events. */
  streaming(...data: readonly unknown[]): Promise<string> {
    return this.serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_raw' })
      for (const each of data) response.write(eventText(each))
      response.end()
    })
  }
}

/** An event as it goes over the wire, named after its type if it has one. */
export function eventText(data: unknown): string {
  const { type } = data as { readonly type?: string }
  const json = typeof data === 'string' ? data : JSON.stringify(data)
  return `${type === undefined ? '' : `event: ${type}\n`}data: ${json}\n\n`
}

export const key = 'sk-test-0123456789'

/** The official client; it tries once and says nothing. */
export function connect(baseURL: string, more: Pick<ClientOptions, 'maxRetries' | 'timeout' | 'fetch'> = {}): OpenAI {
  return new OpenAI({ apiKey: key, baseURL, maxRetries: 0, logLevel: 'off', ...more })
}

/** Stops the time, but lets so many milliseconds pass each time that an answer has begun to come, however long that took. */
export function fetchThatLetsTimePass(ms: number): typeof fetch {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  return async (...request) => {
    const response = await fetch(...request)
    // After those who wait for more of the answer have set a limit for that.
    setImmediate(() => vi.advanceTimersByTime(ms))
    return response
  }
}

/** What a call failed with. */
export async function failureOf(call: Promise<unknown>): Promise<ModelError> {
  return call.then(
    () => expect.unreachable('the call should have failed'),
    (thrown: unknown) => thrown as ModelError,
  )
}
