import { OptionError } from '../errors/index.js'
import type { App } from './app.js'
import { anybody, type Principal } from './principal.js'
import { Problem } from './problem.js'
import type { RateHeaders } from './request-rates.js'
import type { Route } from './route.js'

/** Counts a request of a caller, which is told what comes back. */
type Count = (principal: Principal) => Promise<RateHeaders | undefined>

/** Every route of a server, in one list: what is registered and what the document tells both come from it. */
export class RouteTable {
  readonly #routes: Route[] = []

  /** @throws OPTION_INVALID if the route, or its operation, is there already */
  add(...routes: readonly Route[]): this {
    for (const route of routes) {
      const { method, path, operation } = route
      if (this.#routes.some(each => each.method === method && each.path === path))
        throw new OptionError('routes', 'each path and method once', `${method} ${path}`)
      if (this.#routes.some(each => each.operation === operation))
        throw new OptionError('routes', 'each operation once', operation)
      this.#routes.push(route)
    }
    return this
  }

  get routes(): readonly Route[] {
    return this.#routes
  }

  /** Makes an app answer the routes: who may not do something, and what cannot be done with a path, is told by a problem. */
  register(
    app: App,
    principalOf: (request: Request) => Promise<Principal>,
    count: Count = async () => undefined,
  ): void {
    for (const { method, path, access, handle } of this.#routes) {
      app.on(method, honoPath(path), async context => {
        const principal = access === 'public' ? anybody : await principalOf(context.req.raw)
        context.set('principal', principal)
        if (access !== 'public') {
          context.set('rate', await count(principal))
          requireScope(principal, access)
        }
        return handle(context, principal)
      })
    }
    for (const path of new Set(this.#routes.map(route => route.path))) {
      const methods = this.#routes.filter(route => route.path === path).map(route => route.method)
      app.all(honoPath(path), ({ req }) => {
        throw methodNotAllowed(req.method, req.path, methods)
      })
    }
  }
}

/** @throws Problem 403 if the caller may not do that */
export function requireScope(principal: Principal, scope: Principal['scopes'][number]): void {
  if (principal.scopes.includes(scope)) return
  const detail = `${principal.name} may not do this: it lacks the scope "${scope}".`
  throw new Problem(403, { code: 'FORBIDDEN', detail })
}

/** A path of OpenAPI in the form in which the router has it. */
function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

function methodNotAllowed(method: string, path: string, allowed: readonly string[]): Problem {
  const allow = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed
  return new Problem(405, {
    code: 'METHOD_NOT_ALLOWED',
    detail: `${path} does not answer ${method}. It answers ${allow.join(', ')}.`,
    headers: { allow: allow.join(', ') },
  })
}
