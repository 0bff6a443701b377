import { isBuiltin } from 'node:module'
import { packageManifest } from '../package-manifest.js'

/** The tools of a new project, in the versions that this package is tested with. */
const tools = ['@types/node', 'tsx', 'typescript', 'vite', 'vitest']

/** The `package.json` of a new project: what this package needs beside it, and what it takes to compile, run and test. */
export function projectManifest(name: string): object {
  const { version, peerDependencies, peerDependenciesMeta, devDependencies } = packageManifest()
  const required = Object.entries(peerDependencies).filter(([peer]) => peerDependenciesMeta[peer]?.optional !== true)
  // Where Node has no SQLite of its own, runs are kept with this one.
  const sqlite = isBuiltin('node:sqlite') ? [] : [['libsql', peerDependencies['libsql'] ?? '*'] as const]
  return {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: {
      start: 'advancer run src/article.ts',
      test: 'vitest run',
      check: 'tsc --noEmit',
      verify: 'advancer verify src/article.ts',
      diagram: 'advancer diagram src/article.ts --out article.svg',
      build: 'tsc',
    },
    dependencies: sorted([['advancer', `^${version}`], ...required, ...sqlite]),
    devDependencies: sorted(tools.map(tool => [tool, `^${devDependencies[tool] ?? '*'}`] as const)),
  }
}

function sorted(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}
