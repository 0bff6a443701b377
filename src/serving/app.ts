import type { Context, Hono } from 'hono'
import type { Principal } from './principal.js'
import type { RateHeaders } from './request-rates.js'

/** What is known of a request besides itself. */
export interface RequestVariables {
  /** Who calls; of a public route, `anybody`. */
  readonly principal: Principal
  readonly requestId: string
  /** What the caller is told of how many requests it may make. */
  readonly rate?: RateHeaders | undefined
}

export type App = Hono<{ Variables: RequestVariables }>

/** What a route has of the request that it answers. */
export type RouteContext = Context<{ Variables: RequestVariables }>
