import type * as Api from '@opentelemetry/api'
import { OrchestrationError } from '../errors/index.js'

/** The module `@opentelemetry/api`. */
export type OpenTelemetryApi = typeof Api

/**
 * Loads `@opentelemetry/api`, which only those need who trace.
 * @throws PACKAGE_MISSING
 */
export async function loadOpenTelemetryApi(
  load: () => Promise<OpenTelemetryApi> = async () => import('@opentelemetry/api'),
): Promise<OpenTelemetryApi> {
  try {
    return await load()
  } catch (cause) {
    throw new OrchestrationError(
      'openTelemetry() needs the package @opentelemetry/api, which is not installed: npm i @opentelemetry/api@^1.9.0',
      { code: 'PACKAGE_MISSING', details: { package: '@opentelemetry/api' }, cause },
    )
  }
}
