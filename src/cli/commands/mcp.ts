import type { Command } from '../command.js'
import { servedOptions, servedPositionals } from './serve.js'

/** `advancer mcp`. */
export const mcpCommand: Command = {
  name: 'mcp',
  summary: 'be an MCP server over standard input and output',
  positionals: servedPositionals,
  options: servedOptions,
  details: [
    'For clients that start their servers themselves. Each orchestration and each workflow is a tool; so is answering approvals.',
    'It ends when the client goes; runs that are under way then go on with the next one of the store.',
    'It needs hono and @modelcontextprotocol/server in the project.',
  ],
  examples: [
    ['advancer mcp src/article.ts', 'the orchestrations of a module as tools'],
    ['advancer mcp dist/article.js --store memory', 'keeps nothing; in settings of clients: npx advancer mcp …'],
  ],
  run: async call => (await import('../serve/serve-mcp.js')).serveMcp(call),
}
