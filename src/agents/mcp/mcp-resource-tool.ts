import { type JsonSchema, PayloadError } from '../../schema/index.js'
import type { AgentTool } from '../tool.js'
import { bytesOf } from './mcp-content.js'
import type { McpResource, McpResourceContent, McpResourceTemplate } from './mcp-listing.js'

/** What can be read, and how. */
export interface McpLibrary {
  readonly name: string
  readonly timeoutMs: number
  resources(options: { signal: AbortSignal }): Promise<readonly McpResource[]>
  resourceTemplates(options: { signal: AbortSignal }): Promise<readonly McpResourceTemplate[]>
  readResource(uri: string, options: { signal: AbortSignal }): Promise<readonly McpResourceContent[]>
}

const parameters: JsonSchema = {
  type: 'object',
  properties: {
    uri: { type: ['string', 'null'], description: 'The address of a resource; null for a list of what there is.' },
  },
  required: ['uri'],
  additionalProperties: false,
}

/** A tool that lists the resources of a server and reads them. */
export function resourceTool(library: McpLibrary, name: string): AgentTool {
  return {
    name,
    description: `Reads resources of ${library.name}. Without an address it lists the resources.`,
    parameters: structuredClone(parameters),
    strict: true,
    onError: 'report',
    timeoutMs: library.timeoutMs,
    async parse(value) {
      const uri: unknown = (value as { uri?: unknown } | null)?.uri ?? null
      if (uri === null || typeof uri === 'string') return { uri }
      const issue = { path: 'uri', segments: ['uri'], message: 'uri must be a string or null', constraint: 'type' }
      throw new PayloadError(`arguments of ${name}`, [{ ...issue, received: typeof uri }])
    },
    needsPermission: () => false,
    async execute(args, { signal }) {
      const { uri } = args as { readonly uri: string | null }
      return uri === null ? listed(library, signal) : read(await library.readResource(uri, { signal }))
    },
  }
}

async function listed(library: McpLibrary, signal: AbortSignal): Promise<string> {
  const [resources, templates] = await Promise.all([
    library.resources({ signal }),
    library.resourceTemplates({ signal }),
  ])
  const lines = [
    ...resources.map(({ uri, ...about }) => line(uri, about)),
    ...templates.map(({ uriTemplate, ...about }) => line(uriTemplate, about)),
  ]
  return lines.join('\n') || 'There are no resources.'
}

function line(uri: string, { name, description }: { readonly name: string; readonly description?: string }): string {
  return `${uri}: ${name}${description === undefined ? '' : `, ${description}`}`
}

function read(contents: readonly McpResourceContent[]): string {
  const texts = contents.map(({ uri, text, base64 = '', mimeType = 'binary' }) =>
    text === undefined ? `[<${uri}>: ${mimeType}, ${bytesOf(base64)} bytes]` : text,
  )
  return texts.join('\n') || 'The resource is empty.'
}
