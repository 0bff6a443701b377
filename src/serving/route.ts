import type { JsonSchema, PayloadClass, TypeRef } from '../schema/index.js'
import type { RouteContext } from './app.js'
import type { Principal, Scope } from './principal.js'

/** A body as the document describes it: by the class of it, or by a schema. */
export type Described = TypeRef | { readonly schema: JsonSchema }

/** What a route answers with one status. */
export interface RouteAnswer {
  readonly description: string
  /** @default it has no body */
  readonly body?: Described
  /** @default ['application/json'], if there is a body */
  readonly mediaTypes?: readonly string[]
}

/**
 * One thing that can be asked for. A route is registered and documented from this record alone, so that the two cannot differ.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As in OpenAPI: `/things/{thing_id}`; the handler has it as `context.req.param('thing_id')`. A last `/*` stands for any rest. */
  readonly path: string
  /** What the caller has to be allowed; `public`: anybody may, without saying who they are. */
  readonly access: Scope | 'public'
  /** Unique in the document, in snake_case, for the names that clients generate. */
  readonly operation: string
  /** One line. */
  readonly summary: string
  /** @default nothing */
  readonly description?: string
  /** The heading under which it stands in the document. */
  readonly tag: string
  /** The class whose properties are the parameters of the query; read them with `readQuery`. @default none are documented */
  readonly query?: PayloadClass
  /** Headers of the request that mean something here, and what. @default none */
  readonly headers?: Readonly<Record<string, string>>
  /** @default it takes no body */
  readonly body?: Described
  /** Whether a request has to have the body. @default true */
  readonly bodyRequired?: boolean
  /** By status. Problems are documented for every route. */
  readonly answers: Readonly<Record<number, RouteAnswer>>
  readonly handle: (context: RouteContext, principal: Principal) => Response | Promise<Response>
}
