import { readFileSync } from 'node:fs'

/** What this package says of itself. */
export interface PackageManifest {
  readonly version: string
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** The `package.json` of this package, whose build and whose sources are equally far from it. */
export function packageManifest(): PackageManifest {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as PackageManifest
}

/** The version of this package. */
export function packageVersion(): string {
  return packageManifest().version
}
