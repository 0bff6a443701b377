import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OpenRunRequest } from '../../src/durability/index.js'
import { taskAnswer } from '../../src/serving/a2a/task-answer.js'
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
  it('is answered by the protocol, never by a fault of the server, and leaves nothing open', async () => {
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

describe('a decision in words', () => {
  const open = [{ requestId: '0:0', kind: 'approval' }] as unknown as readonly OpenRunRequest[]
  const said = (text: string): unknown => taskAnswer({ text, metadata: {} } as Parameters<typeof taskAnswer>[0], open)
  const answer = (approved: boolean, reason?: string) => ({
    requestId: '0:0',
    answer: reason === undefined ? { approved } : { approved, reason },
  })

  it('is each of the words that are named, in whatever case, and may go on with a reason', () => {
    for (const word of ['approve', 'approved', 'yes', 'Approve', 'YES.']) expect(said(word)).toEqual(answer(true))
    for (const word of ['reject', 'rejected', 'no', 'Reject', 'NO!']) expect(said(word)).toEqual(answer(false))
    expect(said('approve: well written')).toEqual(answer(true, 'well written'))
    expect(said('reject: too long')).toEqual(answer(false, 'too long'))
    expect(said('Rejected:\nit is wrong')).toEqual(answer(false, 'it is wrong'))
  })

  it('is asked for again where there is none', () => {
    for (const text of [
      '',
      'maybe',
      'not yet',
      'yesterday',
      'nope',
      'I approve',
      'no problem',
      'yes, but not all',
      'approve nothing',
    ]) {
      expect(said(text)).toContain('That is no decision')
    }
  })
})
