import type * as McpClientPackage from '@modelcontextprotocol/client'
import type * as McpStdioPackage from '@modelcontextprotocol/client/stdio'
import { OrchestrationError } from '../../errors/index.js'

/** @internal The module `@modelcontextprotocol/client`. */
export type McpPackage = typeof McpClientPackage

/** @internal Its part that starts processes. */
export type McpStdio = typeof McpStdioPackage

/**
 * @internal Loads the official client, which only those need who use MCP servers.
 * @throws PACKAGE_MISSING
 */
export async function loadMcpPackage(
  load: () => Promise<McpPackage> = async () => import('@modelcontextprotocol/client'),
): Promise<McpPackage> {
  return load().catch(missing)
}

/**
 * @internal Loads its part that starts processes.
 * @throws PACKAGE_MISSING
 */
export async function loadMcpStdio(): Promise<McpStdio> {
  return import('@modelcontextprotocol/client/stdio').catch(missing)
}

function missing(cause: unknown): never {
  const name = '@modelcontextprotocol/client'
  throw new OrchestrationError(`mcpServer() needs the package ${name}, which is not installed: npm install ${name}`, {
    code: 'PACKAGE_MISSING',
    details: { package: name },
    cause,
  })
}
