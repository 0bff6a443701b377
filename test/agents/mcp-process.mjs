// An MCP server over standard input and output that can be killed, and tells what it was given.
import { appendFileSync } from 'node:fs'
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'

const log = process.env['CALL_LOG']
const noArguments = fromJsonSchema({ type: 'object', properties: {} })
const text = value => ({ content: [{ type: 'text', text: String(value) }] })

serveStdio(() => {
  const server = new McpServer({ name: 'killable', version: '1.0.0' })
  server.registerTool('pid', { description: 'Its process', inputSchema: noArguments }, () => text(process.pid))
  server.registerTool('hang', { description: 'Never answers', inputSchema: noArguments }, () => new Promise(() => {}))
  server.registerTool('tell', { description: 'Tells its secret', inputSchema: noArguments }, () =>
    text(`it is ${process.env['API_TOKEN']}`),
  )
  server.registerTool('blurt', { description: 'Fails', inputSchema: noArguments }, () => {
    throw new Error(`no luck with ${process.env['PLAIN_SETTING']}`)
  })
  server.registerTool(
    'drop.table',
    { description: 'Drops a table', inputSchema: noArguments, annotations: { destructiveHint: true } },
    () => text('dropped'),
  )
  server.registerTool('count', { description: 'Counts', inputSchema: noArguments }, (_args, context) => {
    if (log) appendFileSync(log, `${String(context.mcpReq._meta?.['advancer/idempotency-key'])}\n`)
    return text('counted')
  })
  return server
})
