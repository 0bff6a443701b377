import { OptionError } from '../../errors/index.js'
import { checkTimeout, httpUrl } from '../mcp/mcp-options.js'
import type { ToolErrorMode } from '../tool.js'

/** How an agent behind a network is reached, by the Agent2Agent protocol. */
export type A2aAgentOptions = A2aAgentSettings & (A2aByUrl | A2aByCard)

/** What all agents have. */
export interface A2aAgentSettings {
  /** What errors and events call the agent. @default the host of its address, or the name on its card */
  readonly name?: string
  /** Sent with each request. Their values do not appear in errors. @default none */
  readonly headers?: Readonly<Record<string, string>>
  /** @default the global one */
  readonly fetch?: (url: string | URL | Request, init?: RequestInit) => Promise<Response>
  /**
   * The hosts that may be called, with their ports if they are not the usual ones; a card may name others than its own. Redirects are
   * not followed.
   * @default the host of `url`, or those on the `card` that is given
   */
  readonly allowedHosts?: readonly string[]
  /** How long a task may take, in milliseconds; then it is cancelled. @default 300_000 */
  readonly timeoutMs?: number
  /** How long to wait before asking again for a task that the agent does not tell about by itself. @default 1_000 */
  readonly pollMs?: number
}

export interface A2aByUrl {
  /** Where the agent is; its card is at `/.well-known/agent-card.json`. An address that ends in `.json` is that of the card. */
  readonly url: string | URL
}

export interface A2aByCard {
  /** The agent's card, as JSON. */
  readonly card: object
}

/** How the agent is a tool for others. */
export interface A2aToolOptions {
  /** @default the name on the card, other characters than letters, digits, `_` and `-` replaced */
  readonly name?: string
  /** @default the description on the card, and what its skills are */
  readonly description?: string
  /** @default false */
  readonly needsPermission?: boolean
  /** @default 'report' */
  readonly onError?: ToolErrorMode
  /** How many characters of an answer the model gets. @default all */
  readonly maxResultChars?: number
}

/** @throws OPTION_INVALID */
export function checkA2aOptions(options: A2aAgentOptions): void {
  const { name, timeoutMs, pollMs, allowedHosts } = options
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) {
    throw new OptionError('name', 'a name for the agent', name)
  }
  checkTimeout('timeoutMs', timeoutMs)
  checkTimeout('pollMs', pollMs)
  if ('url' in options === 'card' in options) {
    throw new OptionError('url or card', 'given, and only one of them', 'url' in options ? 'url and card' : undefined)
  }
  if ('url' in options) httpUrl('url', options.url)
  else if (typeof options.card !== 'object' || options.card === null) {
    throw new OptionError('card', 'the card of an agent, as JSON', options.card)
  }
  const wrong = allowedHosts?.find(host => !/^[^/\s]+$/.test(host))
  if (wrong !== undefined) throw new OptionError('allowedHosts', 'hosts without scheme and path', wrong)
}
