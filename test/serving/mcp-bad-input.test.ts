import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serve } from './served.js'

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(null, '', 'x', 0, -1, [], {}, [{}], [null], true),
)
const workflow = {
  workflow_id: fc.oneof(odd, fc.constantFrom('Echo', 'Research')),
  input: odd,
  max_budget: odd,
  wait: odd,
}
const approval = {
  execution_id: odd,
  request_id: odd,
  approved: odd,
  limit: odd,
  cursor: odd,
  topic: odd,
  payload: odd,
}
const args = fc.oneof(odd, fc.record({ ...workflow, ...approval }, { requiredKeys: [] }))
const names = [
  ...['workflow_execute', 'workflow_status', 'approval_list', 'approval_answer', 'signal_send'],
  ...['Research', 'Echo', 'x', '__proto__', 'constructor'],
]
const call = {
  name: fc.oneof(odd, fc.constantFrom(...names)),
  arguments: args,
  uri: fc.constantFrom('run://x', 'run://%', 'a:b'),
}
const methods = ['tools/call', 'tools/call', 'tools/list', 'resources/read', 'ping', 'x']

describe('whatever is sent as a message of MCP', () => {
  it('is answered by the protocol, never by a fault of the server, and leaves nothing open', async () => {
    const warnings: string[] = []
    const served = await serve({ logger: { warn: text => void warnings.push(text) } })
    const headers = { accept: 'application/json, text/event-stream' }
    const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } }
    const begun = await served.post('/mcp', { jsonrpc: '2.0', id: 0, method: 'initialize', params: hello }, { headers })
    const session = { ...headers, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), fc.oneof(odd, fc.record(call)), async (method, params) => {
        const body = { jsonrpc: '2.0', id: 1, method, params }
        const { status, text } = await served.post('/mcp', body, { headers: session })
        expect(status).toBeLessThan(500)
        expect(text).not.toMatch(/Cannot read|is not a function|not iterable|Something went wrong/)
      }),
      { numRuns: 700 },
    )
    expect(warnings).toEqual([])
    expect(served.handler.server.streams.open).toBe(0)
  })
})
