import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { allowHosts, type WorkflowServing } from '../../src/serving/index.js'
import { type Answer, type Served, serve } from './served.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

interface Inside {
  readonly port: number
  readonly asked: readonly string[]
}

/** A server of this machine that nobody outside is to reach, and what it was asked. */
async function inside(answer?: (request: IncomingMessage, response: ServerResponse) => void): Promise<Inside> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (answer === undefined) response.end('{"secret":"of-the-inside"}')
    else answer(request, response)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, asked }
}

/** What becomes of a definition that calls an address. */
async function calling(endpoint: string, workflows: WorkflowServing | true): Promise<Answer['body']> {
  const served: Served = await serve({ workflows, monitor: false })
  const config = { endpoint }
  const { status, body, text } = await served.post('workflows', {
    name: 'Out',
    nodes: [{ id: 'out', type: 'agent_call', config }],
  })
  if (status !== 201) return { status: 'refused', error: { message: text } }
  const { body: started } = await served.post(`workflows/${body.id}/execute`, {})
  return served.settled(started.execution_id)
}

const loopback = async (): Promise<readonly string[]> => ['127.0.0.1']

describe('what a definition calls', () => {
  it('is nothing at all, unless the server lists its host', async () => {
    const { port, asked } = await inside()
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
    ]) {
      const { status, error } = await calling(`http://${host}:${port}/`, true)
      expect(['failed', 'refused'], `${host}`).toContain(status)
      expect(error.message).toMatch(/not on the list|private network|endpoint/)
    }
    expect(asked).toEqual([])
  })

  it('is no address of a private network, also if its host is on the list', async () => {
    const { port, asked } = await inside()
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.0.1',
      '169.254.169.254',
      '100.64.0.1',
      '[fd00::1]',
      'metadata.google.internal',
    ]) {
      const { status, error } = await calling(`http://${host}:${port}/`, { hosts: [`${host}:${port}`] })
      expect(status, `${host}`).toBe('failed')
      expect(error.message).toContain('private network')
    }
    expect(asked).toEqual([])
  })

  it('is no private address by a name either, whether it leads there from the first or only when it is connected to', async () => {
    const { port, asked } = await inside()
    const list = [`agents.example.com:${port}`]
    const { error } = await calling(`http://agents.example.com:${port}/`, allowHosts(list, { resolve: loopback }))
    expect(error.message).toContain('private network')
    for (const publicLooks of [1, 2, 3]) {
      let looks = 0
      const rebinding = async (): Promise<readonly string[]> =>
        looks++ < publicLooks ? ['93.184.216.34'] : ['127.0.0.1']
      // As the address is looked up for each connection, it is refused then; the public one is never reached from a test.
      const guarded = allowHosts(list, { resolve: rebinding })
      const url = new URL(`http://agents.example.com:${port}/`)
      for (let look = 0; look < publicLooks; look++) expect(await guarded.allowUrl(url)).toBe(true)
      await expect(guarded.fetch(url)).rejects.toMatchObject({ message: expect.stringContaining('private network') })
    }
    const mixed = async (): Promise<readonly string[]> => ['93.184.216.34', '127.0.0.1']
    const { error: half } = await calling(`http://agents.example.com:${port}/`, allowHosts(list, { resolve: mixed }))
    expect(half.message).toContain('private network')
    expect(asked).toEqual([])
  })

  it('is not where a redirect leads, nor where the card of an agent says that it is', async () => {
    const hidden = await inside()
    for (const status of [301, 302, 303, 307, 308]) {
      const away = await inside((_request, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${hidden.port}/latest/meta-data` }).end()
      })
      const list = allowHosts([`agents.example.com:${away.port}`], { resolve: loopback, allowPrivate: true })
      const { status: end } = await calling(`http://agents.example.com:${away.port}/`, list)
      expect(end).toBe('failed')
      expect(away.asked.length).toBeGreaterThan(0)
    }
    const card = {
      protocolVersion: '0.3.0',
      name: 'Liar',
      description: 'x',
      url: `http://127.0.0.1:${hidden.port}/`,
      preferredTransport: 'JSONRPC',
      version: '1',
      capabilities: {},
      defaultInputModes: ['text/plain'],
      defaultOutputModes: ['text/plain'],
      skills: [],
    }
    const liar = await inside((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(card))
    })
    const list = allowHosts([`agents.example.com:${liar.port}`], { resolve: loopback, allowPrivate: true })
    const { status: end, error } = await calling(`http://agents.example.com:${liar.port}/`, list)
    expect(end).toBe('failed')
    expect(error.message).toContain('not allowed')
    expect(liar.asked.length).toBeGreaterThan(0)
    expect(hidden.asked).toEqual([])
  })

  it('has no other scheme, no password, and none of the headers that somebody has sent to this server', async () => {
    for (const endpoint of [
      'file:///etc/passwd',
      'ftp://agents.example.com/',
      'gopher://127.0.0.1/',
      'javascript:alert(1)',
      'data:text/plain,x',
      'https://me:secret@agents.example.com/',
    ]) {
      const { status } = await calling(endpoint, { hosts: ['agents.example.com'] })
      expect(['failed', 'refused'], `${endpoint}`).toContain(status)
    }
    const headers: IncomingMessage['headers'][] = []
    const open = await inside((request, response) => {
      headers.push(request.headers)
      response.writeHead(500).end()
    })
    await calling(`http://127.0.0.1:${open.port}/`, { hosts: [`127.0.0.1:${open.port}`], allowPrivate: true })
    expect(headers.length).toBeGreaterThan(0)
    for (const each of headers) expect(Object.keys(each)).not.toContain('authorization')
  })
})
