import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ensureError } from '../../errors/index.js'
import type { TokenOptions } from '../../serving/index.js'
import type { CommandCall } from '../command.js'
import { UsageError } from '../usage-error.js'

/** A token as it is configured. */
export type Token = string | TokenOptions

/** The tokens of `--token-file` and `--token-env`; none if neither is given. @throws UsageError, which never has a token in it */
export async function readTokens({ args, io, terminal }: CommandCall): Promise<readonly Token[]> {
  const [file, variable] = [args.value('token-file'), args.value('token-env')]
  const tokens: Token[] = []
  if (file !== undefined) {
    const path = resolve(io.cwd, file)
    tokens.push(...tokensIn(await textOf(path, file), file))
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      terminal.note(`warning: Others on this machine can read ${file}: chmod 600 ${file}`)
    }
  }
  if (variable !== undefined) {
    const text = io.env[variable]
    if (text === undefined || text === '') throw new UsageError(`The variable ${variable} of --token-env is not set.`)
    tokens.push(...tokensIn(text, variable))
  }
  if (tokens.length === 0 && (file ?? variable) !== undefined) {
    throw new UsageError(`${file ?? variable} has no token. Write one on a line of its own, of at least 16 characters.`)
  }
  return tokens
}

async function textOf(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    throw new UsageError(`The token file ${file} cannot be read: ${ensureError(thrown).message}.`, thrown)
  }
}

function tokensIn(text: string, where: string): readonly Token[] {
  if (!text.trim().startsWith('[')) {
    const lines = text.split(/[\n,]/).map(line => line.trim())
    return lines.filter(line => line !== '' && !line.startsWith('#'))
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // What the parser says may have a part of a token in it.
    throw new UsageError(`${where} begins like JSON, but is none. Write an array of texts, or a token on each line.`)
  }
  return (json as readonly unknown[]).map((each, index) => tokenOf(each, `${where}[${index}]`))
}

const fields = ['token', 'tenant', 'name', 'scopes']

function tokenOf(value: unknown, where: string): Token {
  if (typeof value === 'string') return value
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const unknown = isObject ? Object.keys(value).find(key => !fields.includes(key)) : undefined
  if (isObject && 'token' in value && unknown === undefined) return value as TokenOptions
  const what = unknown === undefined ? 'is neither a text nor an object with a token' : `has a field "${unknown}"`
  throw new UsageError(`${where} ${what}. The fields are ${fields.join(', ')}.`)
}

/** The tenants that there are by the tokens. */
export function tenantsOf(tokens: readonly Token[]): readonly string[] {
  const tenants = tokens.map(token => (typeof token === 'string' ? undefined : token.tenant) ?? 'default')
  return tokens.length === 0 ? ['default'] : [...new Set(tenants)]
}
