import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureError, OrchestrationError } from '../../errors/index.js'
import { UsageError } from '../usage-error.js'
import { inFile } from './in-file.js'
import { placeOfFault } from './place-of-fault.js'

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>

interface Compiler {
  /** Without `tsconfig` it takes that of the working directory, which need not be in the project: how decorators compile is in it. */
  readonly register: (options: { readonly tsconfig?: string }) => unknown
}

const typescript = /\.[cm]?tsx?$/

/**
 * Loads a module of the user. One in TypeScript is loaded with `tsx` if the project has it, because decorators and enums need to be
 * compiled; without, it is left to the Node at hand, which can only leave out types, and that from 22.18 on.
 * @throws UsageError that says what to do if the TypeScript cannot be loaded, or the module is taken for CommonJS; whatever it throws
 */
export async function loadModule(path: string, cwd: string): Promise<ModuleExports> {
  if (!/\.[cm]?[jt]sx?$/.test(path)) {
    throw new UsageError(`${relative(cwd, path)} is no module: its name has to end with .js, .mjs, .ts or .mts.`)
  }
  const isTypescript = typescript.test(path)
  const compiler = isTypescript ? compilerFor(path, cwd) : undefined
  if (compiler !== undefined) {
    const { register } = (await import(pathToFileURL(compiler).href)) as Compiler
    const tsconfig = nearest('tsconfig.json', path)
    // Not taken off again: the module may import more of them when it runs.
    register(tsconfig === undefined ? {} : { tsconfig })
  }
  try {
    return (await import(pathToFileURL(path).href)) as ModuleExports
  } catch (thrown) {
    if (isTypescript && compiler === undefined && isAboutTypescript(thrown)) throw needsCompiler(path, cwd, thrown)
    if (isAboutCommonJs(thrown) && isCommonJs(path)) throw needsModules(path, cwd, thrown)
    const place = thrown instanceof SyntaxError ? placeOfFault(path) : ''
    throw inModule(relative(cwd, path), thrown, place)
  }
}

/** The same error, with the module in its message. */
function inModule(shown: string, thrown: unknown, place: string): unknown {
  if (OrchestrationError.isInstance(thrown)) return inFile(shown, thrown)
  return new Error(`${shown} cannot be loaded: ${ensureError(thrown).message}${place}`, { cause: thrown })
}

function compilerFor(path: string, cwd: string): string | undefined {
  for (const base of [path, `${cwd}/package.json`]) {
    try {
      return createRequire(base)
        .resolve('tsx/esm/api')
        .replace(/\.cjs$/, '.mjs')
    } catch {
      // Not installed there.
    }
  }
  return undefined
}

/** The file of such a name that is nearest to another one, in its directory or around it. */
function nearest(name: string, path: string): string | undefined {
  const directory = dirname(path)
  const found = join(directory, name)
  if (existsSync(found)) return found
  return dirname(directory) === directory ? undefined : nearest(name, directory)
}

const syntaxCodes: ReadonlySet<string> = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
])

function isAboutTypescript(thrown: unknown): boolean {
  const { code } = thrown as { readonly code?: string }
  return (code !== undefined && syntaxCodes.has(code)) || thrown instanceof SyntaxError
}

function needsCompiler(path: string, cwd: string, cause: unknown): UsageError {
  const file = relative(cwd, path)
  return new UsageError(
    `${file} cannot be loaded by Node ${process.versions.node} as it is (${ensureError(cause).message}). ` +
      'Install tsx in the project (npm install --save-dev tsx), or compile it and give the JavaScript.',
    cause,
  )
}

/** What Node says of code with `import` and `export`, or of what needs such code, that it takes for CommonJS. */
function isAboutCommonJs(thrown: unknown): boolean {
  const { code, message } = ensureError(thrown) as Error & { readonly code?: string }
  return (
    ['ERR_REQUIRE_CYCLE_MODULE', 'ERR_REQUIRE_ESM'].includes(code ?? '') ||
    /^(?:Cannot use import statement outside a module|Unexpected token 'export')/.test(message)
  )
}

/** Whether Node takes a file for CommonJS, by its name and the nearest `package.json`. */
function isCommonJs(path: string): boolean {
  const [, kind] = /\.([cm]?)[jt]sx?$/.exec(path) ?? []
  if (kind !== '') return kind === 'c'
  try {
    const manifest = JSON.parse(readFileSync(nearest('package.json', path) ?? '', 'utf8')) as { readonly type?: string }
    return manifest.type !== 'module'
  } catch {
    return true
  }
}

function needsModules(path: string, cwd: string, cause: unknown): UsageError {
  const file = relative(cwd, path)
  return new UsageError(
    `${file} cannot be loaded, because it is taken for CommonJS, and there are only ES modules here. ` +
      `Put "type": "module" into the package.json of the project, or call the file ${file.replace(/\.c?([jt]s)x?$/, '.m$1')}.`,
    cause,
  )
}
