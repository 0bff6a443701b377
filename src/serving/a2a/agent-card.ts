import type { AgentCard } from '@a2a-js/sdk'
import type { ServerContext } from '../server-context.js'
import type { Startable } from '../startable.js'
import type { A2aSdk } from './a2a-package.js'

/** Where A2A is spoken. */
export const a2aPath = '/a2a'

/** What a card is made of besides the settings of the server. */
export interface CardParts {
  /** What the request for it asked for. */
  readonly requestUrl: string
  /** Whether callers have to say who they are. */
  readonly authenticated: boolean
  readonly skills: readonly Startable[]
}

const bearer = 'bearer'

/** What the server says about itself to other agents: a skill for each orchestration and workflow. */
export function agentCard(sdk: A2aSdk, { a2a }: Pick<ServerContext, 'a2a'>, parts: CardParts): AgentCard {
  const { name = 'advancer', version = '1.0.0', description = 'Runs orchestrations and workflows.', url } = a2a
  const base = (url ?? new URL(parts.requestUrl).origin).replace(/\/$/, '')
  const spoken = { url: `${base}${a2aPath}`, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: '1.0' }
  return sdk.AgentCard.fromJSON({
    name,
    description,
    version,
    supportedInterfaces: sdk.duplicateInterfacesForLegacy([spoken], ['JSONRPC']),
    capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: true },
    defaultInputModes: ['application/json', 'text/plain'],
    defaultOutputModes: ['application/json', 'text/plain'],
    skills: parts.skills.map(skillOf),
    ...(parts.authenticated
      ? {
          securitySchemes: {
            [bearer]: { httpAuthSecurityScheme: { scheme: 'bearer', description: 'A token of the server.' } },
          },
          securityRequirements: [{ schemes: { [bearer]: { list: [] } } }],
        }
      : {}),
  })
}

/** A card as JSON for clients of a version; that for 0.3 names the interfaces of 1.0 too. */
export async function cardJson(sdk: A2aSdk, card: AgentCard, version: string): Promise<object> {
  const modern = sdk.AgentCard.toJSON(card) as { readonly supportedInterfaces?: unknown }
  if (version === '1.0') return modern
  const { supportedInterfaces } = modern
  type Handler = ConstructorParameters<A2aSdk['LegacyRestTransportHandler']>[0]
  // The translation has no door of its own; only the extended card goes through it as it is.
  const handler = { getAuthenticatedExtendedAgentCard: async () => card } as Partial<Handler> as Handler
  const translated = new sdk.LegacyRestTransportHandler(handler).getAuthenticatedExtendedAgentCard(
    new sdk.ServerCallContext(),
  )
  return { ...(await translated), supportedInterfaces }
}

function skillOf({ kind, id, title, description, input }: Startable): object {
  const takes = input === undefined ? '' : ` Takes ${JSON.stringify(input.toJsonSchema())}`
  const about = description === '' ? `Runs the ${kind} "${id}".` : description
  return { id, name: title, description: `${about}${takes}`, tags: [kind] }
}
