import type * as A2aPackage from '@a2a-js/sdk'
import type * as A2aLegacyPackage from '@a2a-js/sdk/compat/v0_3'
import type * as A2aLegacyServerPackage from '@a2a-js/sdk/compat/v0_3/server'
import type * as A2aErrorsPackage from '@a2a-js/sdk/errors'
import type * as A2aServerPackage from '@a2a-js/sdk/server'
import { loadPackage } from '../optional-package.js'

/** The official SDK, as far as it is needed to serve protocol 1.0 and 0.3. */
export type A2aSdk = typeof A2aPackage &
  Pick<typeof A2aServerPackage, 'JsonRpcTransportHandler' | 'ServerCallContext' | 'validateVersion'> &
  Pick<typeof A2aLegacyServerPackage, 'LegacyJsonRpcTransportHandler' | 'LegacyRestTransportHandler'> &
  Pick<typeof A2aLegacyPackage, 'duplicateInterfacesForLegacy' | 'isV1JsonRpcMethod'> & {
    readonly errors: typeof A2aErrorsPackage
  }

/** Loads the official SDK, which only those need who serve A2A. @throws PACKAGE_MISSING */
export function loadA2aSdk(): Promise<A2aSdk> {
  return loadPackage('@a2a-js/sdk', async () => {
    const [sdk, server, legacyServer, legacy, errors] = await Promise.all([
      import('@a2a-js/sdk'),
      import('@a2a-js/sdk/server'),
      import('@a2a-js/sdk/compat/v0_3/server'),
      import('@a2a-js/sdk/compat/v0_3'),
      import('@a2a-js/sdk/errors'),
    ])
    return { ...legacy, ...legacyServer, ...server, ...sdk, errors }
  })
}
