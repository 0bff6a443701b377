import { OptionError } from '../../errors/index.js'

/** How MCP is served. */
export interface McpServingOptions {
  /**
   * Whether a run ends when the client cancels the call that started it and waits for it; otherwise it goes on, and only the waiting
   * ends. Over HTTP, newer clients (protocol 2026-07-28) cancel by closing the connection; when an older one or one over stdio goes away,
   * the run goes on.
   * @default true
   */
  readonly cancelRuns?: boolean
  /**
   * How long a call waits for its run, in milliseconds; then it is answered that the run goes on, with its id. Clients give up after a
   * minute by default.
   * @default 50_000
   */
  readonly maxWaitMs?: number
  /** How many sessions of older clients there may be; the one that was idle longest goes for a new one. @default 1000 */
  readonly maxSessions?: number
  /** How long a session may be idle, in milliseconds. @default 1_800_000, half an hour */
  readonly sessionIdleMs?: number
}

/** @throws OPTION_INVALID */
export function mcpSettings(given: McpServingOptions = {}): Required<McpServingOptions> {
  const settings = { cancelRuns: true, maxWaitMs: 50_000, maxSessions: 1000, sessionIdleMs: 1_800_000, ...given }
  for (const name of ['maxWaitMs', 'maxSessions', 'sessionIdleMs'] as const) {
    const value = settings[name]
    // A timer beyond this fires at once.
    if (Number.isInteger(value) && value >= 1 && value <= 2_147_483_647) continue
    throw new OptionError(`mcp.${name}`, 'a whole number of at least 1, below 2 ** 31', value)
  }
  return settings
}
