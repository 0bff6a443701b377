import type * as McpServerPackage from '@modelcontextprotocol/server'
import type * as McpStdioPackage from '@modelcontextprotocol/server/stdio'
import { loadPackage } from '../optional-package.js'

/** The module `@modelcontextprotocol/server`. */
export type McpPackage = typeof McpServerPackage

const name = '@modelcontextprotocol/server'

/** Loads the official server, which only those need who serve MCP. @throws PACKAGE_MISSING */
export function loadMcpServer(): Promise<McpPackage> {
  return loadPackage(name, () => import('@modelcontextprotocol/server'))
}

/** Loads its part that speaks over standard input and output. @throws PACKAGE_MISSING */
export function loadMcpStdio(): Promise<typeof McpStdioPackage> {
  return loadPackage(name, () => import('@modelcontextprotocol/server/stdio'))
}
