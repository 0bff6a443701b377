import { OrchestrationError } from '../../errors/index.js'

const loads: ReadonlyMap<string, () => Promise<unknown>> = new Map([
  ['hono', async (): Promise<unknown> => import('hono')],
  ['@hono/node-server', async () => import('@hono/node-server')],
  ['ws', async () => import('ws')],
])

/** Finds all packages that serving lacks at once, so that nobody has to install them one after the other. @throws PACKAGE_MISSING */
export async function checkServingPackages(): Promise<void> {
  const names = [...loads.keys()]
  const loaded = await Promise.allSettled([...loads.values()].map(async load => load()))
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
