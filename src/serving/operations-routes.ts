import { IsIn } from 'class-validator'
import { PrometheusMetrics } from '../observability/index.js'
import { openApiDocument } from './openapi/open-api-document.js'
import type { RouteTable } from './route-table.js'
import type { ServerContext } from './server-context.js'

/** Whether the server is there. */
class HealthBody {
  @IsIn(['ok']) status!: string
}

/** Each metric in the text format of Prometheus. */
const prometheusText = { schema: { type: 'string' as const } }

/** What those who run the server ask for, and the description of all routes; it is added last. */
export function addOperationsRoutes(table: RouteTable, { metrics }: ServerContext): void {
  let document: string | undefined
  table.add(
    {
      method: 'GET',
      path: '/healthz',
      access: 'public',
      operation: 'check_health',
      summary: 'Whether the server is there.',
      tag: 'Operations',
      answers: { 200: { description: 'It is.', body: HealthBody } },
      handle: context => context.json({ status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/metrics',
      access: 'read',
      operation: 'get_metrics',
      summary: 'Metrics of the executions that this server drives, for Prometheus.',
      tag: 'Operations',
      answers: { 200: { description: 'The metrics.', body: prometheusText, mediaTypes: ['text/plain'] } },
      handle: context => context.body(metrics.text(), 200, { 'content-type': PrometheusMetrics.contentType }),
    },
    {
      method: 'GET',
      path: '/openapi.json',
      access: 'public',
      operation: 'get_open_api_document',
      summary: 'This document.',
      tag: 'Operations',
      answers: { 200: { description: 'OpenAPI 3.1.', body: Object } },
      handle: context => {
        document ??= JSON.stringify(openApiDocument(table.routes))
        return context.body(document, 200, { 'content-type': 'application/json' })
      },
    },
  )
}
