import type { AgentCard } from '@a2a-js/sdk'
import type { Client } from '@a2a-js/sdk/client'
import { type FailedServer, serverFailed } from '../server-failure.js'
import type { A2aAgentOptions } from './a2a-options.js'
import { type A2aPackage, loadA2aPackage } from './a2a-package.js'

/** @internal An agent whose card has been read. */
export interface A2aConnection {
  readonly sdk: A2aPackage
  readonly card: AgentCard
  readonly client: Client
}

/** @internal Reads the card and chooses how to speak to the agent. */
export async function openA2aConnection(
  options: A2aAgentOptions,
  failed: FailedServer,
  signal: AbortSignal,
): Promise<A2aConnection> {
  const sdk = await loadA2aPackage()
  const legacyCompat = { enabled: true }
  const hosts = new Set(options.allowedHosts?.map(host => host.toLowerCase()))
  const fetchImpl = guardedFetch(options, hosts, failed)
  const resolver = new sdk.DefaultAgentCardResolver({
    legacyCompat,
    fetchImpl: (url, init) => fetchImpl(url, { ...init, signal }),
  })
  if ('url' in options && options.allowedHosts === undefined) hosts.add(new URL(options.url).host)
  const card =
    'url' in options ? await cardAt(new URL(options.url), resolver) : resolver.normalizeAgentCard(options.card)
  if ('card' in options && options.allowedHosts === undefined) {
    for (const { url } of card.supportedInterfaces ?? []) if (URL.canParse(url)) hosts.add(new URL(url).host)
  }
  const transports = [
    new sdk.JsonRpcTransportFactory({ fetchImpl, legacyCompat }),
    new sdk.RestTransportFactory({ fetchImpl, legacyCompat }),
  ]
  const client = await new sdk.ClientFactory({ transports, cardResolver: resolver }).createFromAgentCard(card)
  return { sdk, card, client }
}

async function cardAt(url: URL, resolver: InstanceType<A2aPackage['DefaultAgentCardResolver']>): Promise<AgentCard> {
  if (url.pathname.endsWith('.json')) return resolver.resolve(url.href, '')
  const base = url.pathname.endsWith('/') ? url.href : `${url.origin}${url.pathname}/`
  return resolver.resolve(base, '.well-known/agent-card.json')
}

/** A card comes from outside and names addresses: headers must not go to any of them that was not meant. */
function guardedFetch(options: A2aAgentOptions, hosts: ReadonlySet<string>, failed: FailedServer): typeof fetch {
  const { headers = {}, fetch: send = fetch } = options
  return async (input, init) => {
    const { host, protocol } = new URL(input instanceof Request ? input.url : input)
    if (!/^https?:$/.test(protocol) || !hosts.has(host)) {
      const wayOut = 'Add the host to `allowedHosts` if that is meant.'
      throw serverFailed(failed, { what: `is to be called at ${host}, which is not allowed`, wayOut, retryable: false })
    }
    const merged = new Headers(init?.headers)
    for (const [name, value] of Object.entries(headers)) merged.set(name, value)
    return send(input, { ...init, headers: merged, redirect: 'error' })
  }
}
