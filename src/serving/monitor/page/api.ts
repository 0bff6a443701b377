import { accessToken, signedOut } from './access-token.js'
import { Refusal, refusalOf } from './refusal.js'

/** Where the server's API is, wherever it is mounted. */
const base = new URL('../api/v3/orchestration/', document.baseURI)

/** How something is asked for. */
export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Becomes JSON. */
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly accept?: string
  readonly signal?: AbortSignal
}

/** Asks the server and reads its JSON. @throws Refusal */
export async function ask<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options)
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** Asks the server; the answer is one that went well. @throws Refusal */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', body, accept = 'application/json', signal } = options
  const headers = new Headers({ ...authorization(), accept })
  if (body !== undefined) headers.set('content-type', 'application/json')
  const init: RequestInit = { method, headers, cache: 'no-store' }
  if (signal !== undefined) init.signal = signal
  if (body !== undefined) init.body = JSON.stringify(body)
  let response: Response
  try {
    response = await fetch(addressOf(path, options.query), init)
  } catch (thrown) {
    if (signal?.aborted === true) throw thrown
    throw new Refusal(0, 'The server cannot be reached. Is it still running?')
  }
  if (response.ok) return response
  if (response.status === 401) signedOut.set(true)
  throw await refusalOf(response)
}

/** The address of something that the API has. */
export function addressOf(path: string, query: RequestOptions['query'] = {}): URL {
  const url = new URL(path, base)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value))
  }
  return url
}

/** The header that says who asks. */
export function authorization(): Record<string, string> {
  const token = accessToken()
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** The path of a run, or of something that it has. */
export function runPath(runId: string, ...parts: readonly string[]): string {
  return ['executions', runId, ...parts].map(encodeURIComponent).join('/')
}
