import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A program in one file, so that a process of it starts in a tenth of the time; made by {@link buildProgram}. */
export interface BuiltProgram {
  readonly path: string
  remove(): void
}

/** Makes one file of a program of this folder and of what it imports, but for packages that load native code or must not be there twice. */
export async function buildProgram(source: string): Promise<BuiltProgram> {
  // Only from in here does it find the packages that are left out.
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const directory = mkdtempSync(join(cache, 'advancer-program-'))
  const entryFileNames = `${basename(source, '.ts')}.mjs`
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['class-transformer', 'libsql', 'pg'] },
    build: {
      ssr: fileURLToPath(new URL(source, import.meta.url)),
      outDir: directory,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames, chunkFileNames: '[name].mjs' } },
    },
  })
  cpSync(join(root, 'src/durability/postgres/migrations'), join(directory, 'migrations'), { recursive: true })
  return {
    path: join(directory, entryFileNames),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
