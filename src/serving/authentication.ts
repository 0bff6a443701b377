import { createHash, timingSafeEqual } from 'node:crypto'
import { OptionError } from '../errors/index.js'
import { allScopes, type Principal, type Scope } from './principal.js'

/** A bearer token, and whose it is. */
export interface TokenOptions {
  /** At least 16 characters. */
  readonly token: string
  /** @default 'default' */
  readonly tenant?: string
  /** @default 'token' and its number in the list */
  readonly name?: string
  /** @default all of them */
  readonly scopes?: readonly Scope[]
}

/** How callers are known: by bearer tokens, or by a function that looks at the request; `undefined` means that they are not. */
export type AuthenticationOptions =
  | { readonly tokens: readonly (string | TokenOptions)[] }
  | { readonly authenticate: (request: Request) => Principal | undefined | Promise<Principal | undefined> }

/** Tells who sent a request; `undefined` if that is not known. */
export type Authenticate = (request: Request) => Principal | undefined | Promise<Principal | undefined>

/** @throws OPTION_INVALID for tokens that are too short, or that two share */
export function authentication(options: AuthenticationOptions): Authenticate {
  if ('authenticate' in options) return options.authenticate
  const known = options.tokens.map(principalOf)
  if (known.length === 0) throw new OptionError('auth.tokens', 'at least one token', options.tokens.length)
  if (new Set(known.map(({ digest }) => digest.toString('hex'))).size < known.length)
    throw new OptionError('auth.tokens', 'different from each other', 'a token twice')
  return request => {
    const given = bearerOf(request)
    if (given === undefined) return undefined
    const digest = digestOf(given)
    let found: Principal | undefined
    // All of them, each in the same time, so that the time says nothing about which one was nearly right.
    for (const each of known) if (timingSafeEqual(each.digest, digest)) found = each.principal
    return found
  }
}

function principalOf(entry: string | TokenOptions, index: number): { digest: Buffer; principal: Principal } {
  const {
    token,
    tenant = 'default',
    name = `token ${index + 1}`,
    scopes = allScopes,
  } = typeof entry === 'string' ? { token: entry } : entry
  // What is wrong with a token is told, the token is not.
  if (typeof token !== 'string' || token.length < 16)
    throw new OptionError(`auth.tokens[${index}]`, 'a text of at least 16 characters', 'a shorter one')
  const strange = scopes.find(scope => !allScopes.includes(scope))
  if (strange !== undefined) throw new OptionError(`auth.tokens[${index}].scopes`, allScopes.join(', '), strange)
  return { digest: digestOf(token), principal: { tenant, name, scopes } }
}

/** The token of a request: of its header, or, for browsers' WebSockets, which cannot set one, of its protocols. */
function bearerOf(request: Request): string | undefined {
  const [, header] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  if (header !== undefined) return header
  const protocols = request.headers.get('sec-websocket-protocol') ?? ''
  const [, encoded] = /(?:^|,\s*)bearer\.([\w.~-]+)/.exec(protocols) ?? []
  return encoded
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
