import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { ensureError } from '../errors/index.js'

/** The addresses of a host that may be connected to. */
export type Addresses = (hostname: string) => Promise<readonly string[]>

/**
 * Sends a request and connects only to addresses that it is given, which `fetch` cannot be told. Redirects are not followed; the body of
 * the answer comes as it is sent.
 */
export async function fetchThrough(request: Request, addresses: Addresses): Promise<Response> {
  const url = new URL(request.url)
  const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = send(url, {
      method: request.method,
      headers: { ...Object.fromEntries(request.headers), 'accept-encoding': 'identity' },
      lookup: lookupOf(addresses),
      // A connection of somebody else to the same host may lead elsewhere.
      agent: false,
      signal: request.signal,
    })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
  return responseOf(incoming)
}

function lookupOf(addresses: Addresses): LookupFunction {
  return (hostname, options, callback) => {
    addresses(hostname).then(
      found => {
        const all = found.map(address => ({ address, family: isIP(address) }))
        const [first] = all
        if (options.all === true) callback(null, all)
        else callback(null, first?.address ?? '', first?.family)
      },
      (thrown: unknown) => callback(ensureError(thrown) as NodeJS.ErrnoException, ''),
    )
  }
}

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

function responseOf(incoming: IncomingMessage): Response {
  const { statusCode: status = 502, statusMessage: statusText = '', headersDistinct } = incoming
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  if (withoutBody.has(status)) {
    incoming.resume()
    return new Response(null, { status, statusText, headers })
  }
  return new Response(Readable.toWeb(incoming) as ReadableStream<Uint8Array>, { status, statusText, headers })
}
