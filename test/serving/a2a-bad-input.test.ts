import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serve } from './served.js'

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(null, '', 'x', 0, -1, [], {}, [{}], [null], true),
)
const part = fc.oneof(
  odd,
  fc.record(
    { kind: fc.constantFrom('text', 'data', 'file', 'x'), text: odd, data: odd, file: odd },
    { requiredKeys: [] },
  ),
)
const said = {
  messageId: odd,
  taskId: odd,
  contextId: odd,
  role: odd,
  metadata: odd,
  parts: fc.oneof(odd, fc.array(part)),
}
const message = fc.oneof(odd, fc.record(said, { requiredKeys: [] }))
const asked = { message, id: odd, configuration: odd, metadata: odd, contextId: odd, tenant: odd, status: odd }
const paged = { pageSize: odd, pageToken: odd, historyLength: odd, statusTimestampAfter: odd }
const params = fc.oneof(odd, fc.record({ ...asked, ...paged }, { requiredKeys: [] }))
const methods = [
  ...[
    'SendMessage',
    'SendStreamingMessage',
    'GetTask',
    'ListTasks',
    'CancelTask',
    'SubscribeToTask',
    'GetExtendedAgentCard',
  ],
  ...[
    'CreateTaskPushNotificationConfig',
    'message/send',
    'message/stream',
    'tasks/get',
    'tasks/cancel',
    'tasks/resubscribe',
  ],
  ...['tasks/pushNotificationConfig/set', 'agent/getAuthenticatedExtendedCard'],
]

describe('whatever is sent as a request of A2A', () => {
  it('is answered by the protocol, never by a fault of the server, and leaves nothing open', {
    timeout: 60_000,
  }, async () => {
    const warnings: string[] = []
    const served = await serve({ logger: { warn: text => void warnings.push(text) } })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), params, async (method, given) => {
        const { status, text } = await served.post('/a2a', { jsonrpc: '2.0', id: 1, method, params: given })
        expect(status).toBe(200)
        expect(text).not.toMatch(/"code":-32603|Cannot read|is not a function|not iterable/)
      }),
      { numRuns: 1000 },
    )
    expect(warnings).toEqual([])
    expect(served.handler.server.streams.open).toBe(0)
  })
})
