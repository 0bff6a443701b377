import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client, type JSONRPCMessage } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { serveMcpStdio } from '../../src/serving/index.js'
import { gated, serve } from './served.js'
import { WatchedStore } from './watched-store.js'

const program = fileURLToPath(new URL('mcp-process.ts', import.meta.url))

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

async function connected(path: string, sent: JSONRPCMessage[] = []): Promise<Client> {
  const client = new Client({ name: 'tested', version: '1.0.0' })
  const args = ['--import', 'tsx', program, path]
  const transport = new StdioClientTransport({ command: process.execPath, args, stderr: 'inherit' })
  await client.connect(transport)
  const { onmessage } = transport
  transport.onmessage = message => {
    sent.push(message)
    onmessage?.(message)
  }
  return client
}

describe('MCP over standard input and output', () => {
  it('serves a whole conversation, and the next process goes on with what was left (S2-36, S2-37)', async () => {
    const path = join(directory, 'runs.db')
    const sent: JSONRPCMessage[] = []
    const first = await connected(path, sent)
    const { tools } = await first.listTools()
    expect(tools.map(({ name }) => name)).toContain('Research')
    sent.length = 0
    const { structuredContent } = await first.callTool(
      { name: 'Research', arguments: { topic: 'bees' } },
      { onprogress: () => undefined },
    )
    expect(structuredContent).toMatchObject({ status: 'paused', pending_approvals: [{ node_id: 'Review' }] })
    // What the server has sent: the client itself drops progress that it reads in one chunk with the result.
    const last = sent.pop()
    expect(last).toMatchObject({ result: { structuredContent } })
    expect(sent).toMatchObject(
      ['Search: started', 'Search: completed', 'Write: started', 'Write: completed', 'Review: started'].map(
        (message, index) => ({ method: 'notifications/progress', params: { message, progress: index + 1 } }),
      ),
    )
    await first.close()

    const second = await connected(path)
    const { execution_id, pending_approvals } = structuredContent as {
      execution_id: string
      pending_approvals: { request_id: string }[]
    }
    const request_id = pending_approvals[0]?.request_id
    await second.callTool({ name: 'approval_answer', arguments: { execution_id, request_id, approved: true } })
    const status = async () =>
      (await second.callTool({ name: 'workflow_status', arguments: { execution_id } })).structuredContent as {
        status: string
        output?: unknown
      }
    while ((await status()).status !== 'completed') await turn()
    expect(await status()).toMatchObject({ output: 'published: a text about bees' })
    await second.close()
  })

  it('puts aside what is under way when the client goes, and goes on with it later', async () => {
    const path = join(directory, 'runs.db')
    const client = await connected(path)
    const calling = client.callTool({ name: 'Gated', arguments: {} })
    calling.catch(() => undefined)
    const store = new SqliteJournalStore(path)
    const states = async () => (await store.list()).runs.flatMap(run => run.states)
    while (!(await states()).includes('Hold')) await turn()
    await client.close()
    await expect(calling).rejects.toThrow(/closed/i)
    const [run] = (await store.list()).runs
    expect(run?.status).not.toBe('cancelled')
    await store.close()
    const next = await connected(path)
    const args = { name: 'workflow_status', arguments: { execution_id: run?.runId } }
    const { structuredContent } = await next.callTool(args)
    expect(structuredContent).toMatchObject({ status: 'running', current_nodes: ['Hold'] })
    await next.close()
  })

  it('leaves a handler open that it was given, and nothing behind', async () => {
    const store = new WatchedStore()
    const { orchestration, reached, open } = gated()
    const { handler } = await serve({ store, orchestrations: [orchestration] })
    const [input, output] = [new PassThrough(), new PassThrough()]
    const server = await serveMcpStdio(handler, { input, output })
    const send = (message: object) => input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } }
    send({ id: 0, method: 'initialize', params })
    send({ method: 'notifications/initialized' })
    send({ id: 1, method: 'tools/call', params: { name: 'Gated', arguments: {} } })
    await reached
    input.end()
    await server.closed
    expect(store.watches).toBe(0)
    expect(handler.server.host.active).toBe(1)
    open()
    while (handler.server.host.active > 0) await turn()
    expect((await store.list()).runs.map(({ status }) => status)).toEqual(['completed'])
    await handler.close()
  })

  it('can be closed from inside', async () => {
    const { handler } = await serve()
    const server = await serveMcpStdio(handler, { input: new PassThrough(), output: new PassThrough() })
    await server.close()
    await server.closed
    await handler.close()
  })
})
