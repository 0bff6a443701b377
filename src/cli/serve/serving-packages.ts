import { OrchestrationError } from '../../errors/index.js'

const loads = {
  hono: async (): Promise<unknown> => import('hono'),
  '@hono/node-server': async (): Promise<unknown> => import('@hono/node-server'),
  ws: async (): Promise<unknown> => import('ws'),
  '@modelcontextprotocol/server': async (): Promise<unknown> => import('@modelcontextprotocol/server'),
}

/** Finds all packages that serving lacks at once, so that nobody has to install them one after the other. @throws PACKAGE_MISSING */
export async function checkServingPackages(names: readonly (keyof typeof loads)[]): Promise<void> {
  const loaded = await Promise.allSettled(names.map(name => loads[name]()))
  const missing = names.filter((_, index) => isMissing(loaded[index]))
  if (missing.length === 0) return
  const them = missing.map(name => `"${name}"`).join(', ')
  throw new OrchestrationError(`Serving needs ${them}, not installed here. Install: npm install ${missing.join(' ')}`, {
    code: 'PACKAGE_MISSING',
    details: { packages: missing },
  })
}

function isMissing(loaded: PromiseSettledResult<unknown> | undefined): boolean {
  return loaded?.status === 'rejected' && (loaded.reason as { readonly code?: string }).code === 'ERR_MODULE_NOT_FOUND'
}
