/** The longest that is waited, in seconds, before the one retry. */
const longestWait = 20

/**
 * `fetch` for a client that retries. The client waits as long as a server says in `retry-after`, an hour if need be, and cannot be
 * interrupted meanwhile; an answer that asks for more than 20 seconds is handed on as the failure that it is.
 */
export async function patientFetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  if (response.ok || secondsToWait(response.headers) <= longestWait) return response
  const headers = new Headers(response.headers)
  // The client's own way to be told.
  headers.set('x-should-retry', 'false')
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}

function secondsToWait(headers: Headers): number {
  const inMs = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (Number.isFinite(inMs)) return inMs / 1000
  const value = headers.get('retry-after') ?? ''
  const seconds = Number.parseFloat(value)
  if (Number.isFinite(seconds)) return seconds
  const moment = Date.parse(value)
  return Number.isFinite(moment) ? (moment - Date.now()) / 1000 : 0
}
