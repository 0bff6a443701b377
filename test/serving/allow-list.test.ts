import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { allowHosts } from '../../src/serving/index.js'
import { serve } from './served.js'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server of this machine, and its port. */
async function listening(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const publicly = async (): Promise<readonly string[]> => ['93.184.216.34']
const asked = (text: string, hosts: readonly string[], options = {}) =>
  allowHosts(hosts, { resolve: publicly, ...options }).allowUrl(new URL(text))

describe('a list of hosts that definitions may call (AC-10)', () => {
  it('lets those through that are on it, with their ports, and no others', async () => {
    const hosts = ['agents.example.com', 'agents.example.com:8443', '*.example.org', 'BÜCHER.example']
    for (const url of [
      'https://agents.example.com/a2a',
      'http://agents.example.com/',
      'https://AGENTS.example.com:8443/',
      'https://deep.below.example.org/',
      'https://xn--bcher-kva.example/',
    ]) {
      expect([url, await asked(url, hosts)]).toEqual([url, true])
    }
    for (const url of [
      'https://example.com/',
      'https://agents.example.com.evil.test/',
      'https://evilagents.example.com/',
      'https://agents.example.com:9000/',
      'https://example.org/',
      'https://notexample.org/',
      'https://evil.test/?agents.example.com',
      'https://agents.example.com@evil.test/',
    ]) {
      expect([url, await asked(url, hosts)]).toEqual([url, expect.any(String)])
    }
    expect(await asked('https://agents.example.com/', [])).toContain('not on the list')
  })

  it('lets nothing through but http and https, and no users and passwords', async () => {
    const hosts = ['agents.example.com']
    for (const url of ['ftp://agents.example.com/', 'file:///etc/passwd', 'ws://agents.example.com/']) {
      expect(await asked(url, hosts)).toContain('Only https and http')
    }
    for (const url of ['https://me@agents.example.com/', 'https://me:secret@agents.example.com/']) {
      expect(await asked(url, hosts)).toContain('user or a password')
    }
  })

  it('lets no private, loopback or link-local address through, however it is written, unless it is told to', async () => {
    for (const host of [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[64:ff9b::a00:1]',
      '[fe80::1]',
      '[fd00::1]',
      'localhost',
      'metadata.internal',
      'printer.local',
      'intranet',
    ]) {
      expect([host, await asked(`http://${host}/`, [host])]).toEqual([host, expect.stringContaining('private')])
      expect([host, await asked(`http://${host}/`, [host], { allowPrivate: true })]).toEqual([host, true])
    }
  })

  it('looks where a name leads: one private address among those of a name is too many', async () => {
    const hosts = ['rebind.example.com']
    for (const addresses of [['127.0.0.1'], ['93.184.216.34', '10.0.0.1'], ['::1'], ['fe80::1%eth0'], []]) {
      const why = await asked('https://rebind.example.com/', hosts, { resolve: async () => addresses })
      expect([addresses, why]).toEqual([addresses, expect.stringMatching(/private network|no address/)])
    }
    const lost = async (): Promise<readonly string[]> => {
      throw new Error('getaddrinfo ENOTFOUND')
    }
    expect(await asked('https://rebind.example.com/', hosts, { resolve: lost })).toContain('not found')
  })

  it('connects only to an address that it has checked, also when the name leads elsewhere after the first look', async () => {
    let reached = 0
    const port = await listening((_request, response) => {
      reached++
      response.end('inside')
    })
    const looks: (readonly string[])[] = [['93.184.216.34'], ['127.0.0.1']]
    const resolve = async (): Promise<readonly string[]> => looks.shift() ?? ['127.0.0.1']
    const { allowUrl, fetch } = allowHosts([`rebind.example.com:${port}`], { resolve })
    const url = new URL(`http://rebind.example.com:${port}/`)
    expect(await allowUrl(url)).toBe(true)
    await expect(fetch(url)).rejects.toMatchObject({ message: expect.stringContaining('private network') })
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'TOOL_SERVER_FAILED' })
    expect(reached).toBe(0)
  })

  it('sends requests as fetch does, and follows no redirect', async () => {
    const port = await listening((request, response) => {
      if (request.url === '/away') {
        response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end()
        return
      }
      if (request.url === '/none') {
        response.writeHead(204).end()
        return
      }
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method, headers } = request
        response.writeHead(201, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] })
        response.end(
          JSON.stringify({ method, host: headers.host, tag: headers['x-tag'], body: Buffer.concat(chunks).toString() }),
        )
      })
    })
    const resolve = async (): Promise<readonly string[]> => ['127.0.0.1']
    const { fetch } = allowHosts([`agent.test:${port}`], { resolve, allowPrivate: true })
    const origin = `http://agent.test:${port}`
    const response = await fetch(`${origin}/`, { method: 'POST', body: 'häh', headers: { 'x-tag': 't' } })
    expect(response.status).toBe(201)
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.json()).toEqual({ method: 'POST', host: `agent.test:${port}`, tag: 't', body: 'häh' })
    expect((await fetch(new Request(`${origin}/away`))).status).toBe(302)
    expect(await (await fetch(`${origin}/none`)).text()).toBe('')
  })

  it('ends a request when its signal aborts', async () => {
    const port = await listening(() => undefined)
    const { fetch } = allowHosts([`127.0.0.1:${port}`], { allowPrivate: true })
    const controller = new AbortController()
    const work = fetch(`http://127.0.0.1:${port}/`, { signal: controller.signal })
    servers[0]?.once('request', () => controller.abort())
    await expect(work).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('refuses entries that are no hosts', () => {
    for (const entry of [
      '',
      'https://a.example',
      'a.example/path',
      'user@a.example',
      '*',
      '*.',
      'a b',
      'a.example:',
      5,
      null,
    ]) {
      expect(() => allowHosts([entry as string])).toThrow('hosts[0]')
    }
  })

  it('is empty for the definitions of a server, unless it is given one', async () => {
    let reached = 0
    const port = await listening((_request, response) => {
      reached++
      response.writeHead(500).end()
    })
    const flow = {
      name: 'Out',
      nodes: [
        { id: 'out', type: 'agent_call', config: { endpoint: `http://127.0.0.1:${port}/`, headers: { 'x-a': 'b' } } },
      ],
    }
    for (const [workflows, why] of [
      [true, 'not on the list'],
      [{ hosts: [`127.0.0.1:${port}`] }, 'private network'],
    ] as const) {
      const server = await serve({ workflows })
      const { id } = (await server.post('workflows', flow)).body
      const { execution_id: executionId } = (await server.post(`workflows/${id}/execute`)).body
      await expect.poll(async () => (await server.get(`executions/${executionId}`)).body.status).toBe('failed')
      const { error } = (await server.get(`executions/${executionId}`)).body
      expect(error.message).toContain(why)
      expect(reached).toBe(0)
    }
    const server = await serve({ workflows: { hosts: [`127.0.0.1:${port}`], allowPrivate: true } })
    const { id } = (await server.post('workflows', flow)).body
    await server.post(`workflows/${id}/execute`)
    await expect.poll(() => reached).toBeGreaterThan(0)
  })
})
