import { type Json, type JsonSchema, schemaOf } from '../../schema/index.js'
import type { Route, RouteAnswer } from '../route.js'
import { ComponentSchemas } from './component-schemas.js'
import { ProblemBody } from './problem-body.js'

/** An OpenAPI document as plain JSON. */
export type OpenApiDocument = Readonly<Record<string, unknown>> & {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What a server answers to, as OpenAPI 3.1: made of the routes themselves and of the classes of their bodies. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const schemas = new ComponentSchemas()
  const problem = schemas.referenceTo(ProblemBody)
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = (paths[documentPath(route.path)] ??= {})
    path[route.method.toLowerCase()] = operationOf(route, schemas, problem)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'advancer',
      version: '3',
      description: 'Orchestrations and workflows: started, watched, steered and answered.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map(name => ({ name })),
    paths,
    components: {
      schemas: schemas.all,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  }
}

/** A path as the document has it: what stands for any rest has a name there. */
function documentPath(path: string): string {
  return path.replace(/\/\*$/, '/{rest}')
}

function operationOf(route: Route, schemas: ComponentSchemas, problem: JsonSchema): Record<string, unknown> {
  const { operation, summary, description, tag, access, body, bodyRequired = true, answers } = route
  const responses = Object.entries(answers).map(([status, answer]) => [status, responseOf(answer, schemas)] as const)
  const parameters = parametersOf(route)
  return {
    operationId: operation,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(access === 'public' ? { security: [] } : { 'x-scope': access }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: bodyRequired,
            content: { 'application/json': { schema: schemas.referenceTo(body) } },
          },
        }),
    responses: {
      ...Object.fromEntries(responses),
      default: { description: 'A problem.', content: { 'application/problem+json': { schema: problem } } },
    },
  }
}

function responseOf(
  { description, body, mediaTypes = ['application/json'] }: RouteAnswer,
  schemas: ComponentSchemas,
): Json {
  if (body === undefined) return { description }
  const schema = schemas.referenceTo(body)
  const content = mediaTypes.map(type => {
    return [type, { schema: type.endsWith('json') || mediaTypes.length === 1 ? schema : { type: 'string' } }] as const
  })
  return { description, content: Object.fromEntries(content) } as Json
}

function parametersOf({ path, query, headers = {} }: Route): readonly Json[] {
  const inPath = [...documentPath(path).matchAll(/\{(\w+)\}/g)].map(([, name]) => {
    return { name: name as string, in: 'path', required: true, schema: { type: 'string' } }
  })
  const { properties = {}, required = [] } = query === undefined ? {} : schemaOf(query).toJsonSchema()
  const inQuery = Object.entries(properties).map(([name, given]) => {
    const { description, ...schema } = given
    const isList = schema.type === 'array'
    return {
      name,
      in: 'query',
      required: required.includes(name),
      schema: schema as Json,
      ...(description === undefined ? {} : { description }),
      ...(isList ? { style: 'form', explode: false } : {}),
    }
  })
  const inHeaders = Object.entries(headers)
    // OpenAPI has its own places for what is accepted.
    .filter(([name]) => name.toLowerCase() !== 'accept')
    .map(([name, description]) => ({ name, in: 'header', description, schema: { type: 'string' } }))
  return [...inPath, ...inQuery, ...inHeaders]
}
