import type { Tool as ListedTool } from '@modelcontextprotocol/client'
import { OptionError, OrchestrationError } from '../../errors/index.js'
import { type JsonSchema, PayloadError } from '../../schema/index.js'
import type { ToolGuardrails } from '../guardrail.js'
import type { AgentTool, ToolContext } from '../tool.js'
import type { McpToolResult } from './mcp-listing.js'
import { toolNames } from './mcp-tool-names.js'
import type { McpToolsOptions } from './mcp-tools-options.js'

/** @internal Where the calls go. */
export interface McpToolHost {
  readonly name: string
  readonly timeoutMs: number
  call(tool: ListedTool, args: Readonly<Record<string, unknown>>, context: ToolContext): Promise<McpToolResult>
}

/** @internal The tools that a server has listed, as an agent uses them. */
export function agentTools(listed: readonly ListedTool[], host: McpToolHost, options: McpToolsOptions): AgentTool[] {
  const { include, exclude = [], prefix = '' } = options
  // A tool that must run as a task of its own cannot be called and waited for.
  const callable = listed.filter(tool => taskSupport(tool) !== 'required')
  const known = callable.map(tool => tool.name)
  const unknown = include?.find(name => !known.includes(name))
  if (unknown !== undefined) {
    throw new OptionError(
      'include',
      `tools of MCP server "${host.name}" (${known.join(', ') || 'it has none'})`,
      unknown,
    )
  }
  const names = toolNames(known, prefix)
  return callable
    .filter(tool => include?.includes(tool.name) !== false && !exclude.includes(tool.name))
    .map(tool => agentTool(tool, names.get(tool.name) as string, host, options))
}

function agentTool(listed: ListedTool, name: string, host: McpToolHost, options: McpToolsOptions): AgentTool {
  const { timeoutMs = host.timeoutMs, onError = 'report', maxResultChars, guardrails, needsPermission } = options
  const { readOnlyHint = false, destructiveHint = false } = listed.annotations ?? {}
  return {
    name,
    description: listed.description || listed.title || `Tool "${listed.name}" of ${host.name}`,
    // Some APIs refuse an object without properties.
    parameters: { properties: {}, ...(structuredClone(listed.inputSchema) as JsonSchema) },
    strict: false,
    onError,
    timeoutMs,
    maxResultChars,
    guardrails: guardrails as ToolGuardrails | undefined,
    async parse(value) {
      return plainArguments(value, name)
    },
    needsPermission(args) {
      if (needsPermission === undefined) return destructiveHint && !readOnlyHint
      if (typeof needsPermission === 'boolean') return needsPermission
      const given = args as Record<string, unknown>
      return needsPermission({ tool: listed.name, arguments: given, readOnlyHint, destructiveHint })
    },
    async execute(args, context) {
      const { text, failed } = await host.call(listed, args as Record<string, unknown>, context)
      if (!failed) return text
      throw new OrchestrationError(text || 'it failed without saying why', {
        code: 'TOOL_FAILED',
        details: { server: host.name, tool: listed.name },
      })
    },
  }
}

function plainArguments(value: unknown, tool: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  const received = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  const message = 'value must be an object'
  throw new PayloadError(`arguments of ${tool}`, [{ path: '', segments: [], message, received, constraint: 'type' }])
}

function taskSupport(tool: ListedTool): unknown {
  return (tool as { readonly execution?: { readonly taskSupport?: unknown } }).execution?.taskSupport
}
