import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import { publicAddress, type WorkflowEnvironment } from '../workflow/index.js'
import { fetchThrough } from './fetch-through.js'

/** What is let out besides. */
export interface AllowListOptions {
  /**
   * Whether hosts of the list may be, or lead to, addresses that only this machine or its network can reach: loopback, private and
   * link-local ranges, names without a dot. @default false
   */
  readonly allowPrivate?: boolean
  /** The addresses of a name. @default what the system says */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>
}

/** The part of the environment of workflows that decides about their outgoing calls. */
export type OutgoingCalls = Required<Pick<WorkflowEnvironment, 'allowUrl' | 'fetch'>>

/**
 * Lets definitions call the hosts of a list, and no others: `agents.example.com`, `agents.example.com:8443`, `*.example.com` for all
 * names below one. Without a port, the usual ones of http and https are meant. Redirects are not followed; addresses with a user or a
 * password are refused. Where a name leads is looked up anew for each connection and checked before it is made, so that a name cannot
 * lead to another place between the check and the call.
 *
 * ```ts
 * new WorkflowService({ store, environment: { agents, ...allowHosts(['agents.example.com']) } })
 * ```
 * @throws OPTION_INVALID for an entry that is no host
 */
export function allowHosts(hosts: readonly string[], options: AllowListOptions = {}): OutgoingCalls {
  const { allowPrivate = false, resolve = systemAddresses } = options
  const entries = hosts.map(entryOf)
  const reachable = async (hostname: string): Promise<readonly string[]> => {
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const addresses = isIP(host) === 0 ? await resolve(host) : [host]
    if (addresses.length === 0) throw unreachable(hostname, 'It has no address.')
    const hidden = allowPrivate ? undefined : addresses.find(address => !isPublic(address))
    // All of them: which one is taken is not for whoever owns the name to choose.
    if (hidden !== undefined) throw unreachable(hostname, 'It leads to an address of a private network.')
    return addresses
  }
  const allowUrl = async (url: URL): Promise<true | string> => {
    const why = refusalOf(url, entries, allowPrivate)
    if (why !== undefined) return why
    try {
      await reachable(url.hostname)
      return true
    } catch (thrown) {
      return OrchestrationError.isInstance(thrown) ? thrown.message : `It is not found: ${ensureError(thrown).message}.`
    }
  }
  return {
    allowUrl,
    fetch: async (target, init) => {
      const request = new Request(target, init)
      const url = new URL(request.url)
      const why = refusalOf(url, entries, allowPrivate)
      if (why !== undefined) throw unreachable(url.host, why)
      // An address as it stands is connected to without being looked up.
      if (isIP(url.hostname.replace(/^\[(.*)\]$/, '$1')) !== 0) await reachable(url.hostname)
      return fetchThrough(request, reachable)
    },
  }
}

interface Entry {
  readonly host: string
  /** Whether all names below it are meant, and not itself. */
  readonly below: boolean
  /** Empty for the usual ones. */
  readonly port: string
}

function entryOf(text: string, index: number): Entry {
  const below = typeof text === 'string' && text.startsWith('*.')
  const host = below ? text.slice(2) : text
  // Only a host: with anything else, part of the entry would have no effect.
  const isHost = typeof host === 'string' && /^(?:[^\s/?#@:*[\]]+|\[[0-9a-f:.]+\])(?::\d+)?$/i.test(host)
  if (!isHost || !URL.canParse(`https://${host}`)) {
    throw new OptionError(
      `hosts[${index}]`,
      'a host such as "agents.example.com", "*.example.com" or "10.0.0.5:8080"',
      text,
    )
  }
  return { host: new URL(`https://${host}`).hostname, below, port: /:(\d+)$/.exec(host)?.[1] ?? '' }
}

function refusalOf(url: URL, entries: readonly Entry[], allowPrivate: boolean): string | undefined {
  const { protocol, username, password, hostname, port } = url
  if (protocol !== 'https:' && protocol !== 'http:') return 'Only https and http are called.'
  if (username !== '' || password !== '') return 'It has a user or a password in it.'
  const isListed = entries.some(entry => {
    const isHost = entry.below ? hostname.endsWith(`.${entry.host}`) : hostname === entry.host
    return isHost && portOf(protocol, port) === (entry.port === '' ? portOf(protocol, '') : entry.port)
  })
  if (!isListed) return 'It is not on the list of hosts that may be called.'
  const isPublicName = allowPrivate ? true : publicAddress(url)
  return isPublicName === true ? undefined : isPublicName
}

function portOf(protocol: string, port: string): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port
}

function isPublic(address: string): boolean {
  // A zone belongs to a link-local address.
  if (address.includes('%')) return false
  return publicAddress(new URL(`http://${isIP(address) === 6 ? `[${address}]` : address}`)) === true
}

async function systemAddresses(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address)
}

function unreachable(host: string, why: string): OrchestrationError {
  return new OrchestrationError(`${host} is not called. ${why}`, { code: 'TOOL_SERVER_FAILED', details: { host } })
}
