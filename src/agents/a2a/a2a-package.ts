import type * as A2aSdk from '@a2a-js/sdk'
import type * as A2aClientSdk from '@a2a-js/sdk/client'
import { OrchestrationError } from '../../errors/index.js'

/** @internal What is used of the official SDK. */
export type A2aPackage = Pick<typeof A2aSdk, 'taskStateToJSON' | 'Role'> &
  Pick<
    typeof A2aClientSdk,
    'ClientFactory' | 'DefaultAgentCardResolver' | 'JsonRpcTransportFactory' | 'RestTransportFactory'
  >

/**
 * @internal Loads the official SDK, which only those need who call agents behind a network.
 * @throws PACKAGE_MISSING
 */
export async function loadA2aPackage(load: () => Promise<A2aPackage> = loaded): Promise<A2aPackage> {
  try {
    return await load()
  } catch (cause) {
    const name = '@a2a-js/sdk'
    throw new OrchestrationError(`a2aAgent() needs the package ${name}, which is not installed: npm install ${name}`, {
      code: 'PACKAGE_MISSING',
      details: { package: name },
      cause,
    })
  }
}

async function loaded(): Promise<A2aPackage> {
  const [sdk, client] = await Promise.all([import('@a2a-js/sdk'), import('@a2a-js/sdk/client')])
  return { ...client, taskStateToJSON: sdk.taskStateToJSON, Role: sdk.Role }
}
