import { a2aAgent } from '../../agents/index.js'
import { OrchestrationError } from '../../errors/index.js'
import type { WorkflowEnvironment } from '../workflow-environment.js'
import { type AgentAsked, askRemote } from './ask-agent.js'
import { publicAddress } from './public-address.js'

/** The agent at an address that a definition names. Each of its requests is asked about first. */
export function endpointAgent(endpoint: string, name: string, environment: WorkflowEnvironment): AgentAsked {
  const { allowUrl = publicAddress, headersFor, fetch = globalThis.fetch } = environment
  const url = new URL(endpoint)
  const headers = headersFor?.(url)
  const checkedFetch = async (target: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const address = new URL(target instanceof Request ? target.url : target)
    const allowed = await allowUrl(address)
    if (allowed !== true) throw refused(name, address, allowed)
    return fetch(target, { ...init, redirect: 'manual' })
  }
  const agent = a2aAgent({ url, name, fetch: checkedFetch, ...(headers === undefined ? {} : { headers }) })
  return {
    kind: 'call',
    name,
    isSpoken: false,
    ask: async (payload, isDefault, context) => {
      // Before the agent is asked, too, so that the reason reaches the caller as it is.
      const allowed = await allowUrl(url)
      if (allowed !== true) throw refused(name, url, allowed)
      return askRemote(agent, payload, isDefault, context)
    },
  }
}

function refused(name: string, { origin }: URL, why: string | false): OrchestrationError {
  const reason = typeof why === 'string' ? ` ${why}` : ''
  return new OrchestrationError(
    `Agent "${name}" must not be called at ${origin}.${reason} Allow the address with \`allowUrl\`, or name an agent of the environment by \`agent_id\`.`,
    { code: 'TOOL_SERVER_FAILED', details: { agent: name, origin } },
  )
}
