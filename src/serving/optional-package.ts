import { OrchestrationError } from '../errors/index.js'

/** Loads a package that users install only if they serve. @throws PACKAGE_MISSING that says what to install */
export async function loadPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (thrown) {
    if ((thrown as { readonly code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw thrown
    throw new OrchestrationError(`Serving needs the package "${name}". Install it: npm install ${name}`, {
      code: 'PACKAGE_MISSING',
      details: { package: name },
      cause: thrown,
    })
  }
}
