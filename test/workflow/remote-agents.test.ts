import 'reflect-metadata'
import { afterEach, expect, test } from 'vitest'
import { a2aAgent } from '../../src/agents/index.js'
import { publicAddress } from '../../src/workflow/index.js'
import type { WebServer } from '../agents/web-server.js'
import { type Answering, a2aServer } from './a2a-server.js'
import { call, definition, ran } from './runs.js'

const servers: WebServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

async function served(answer: Answering) {
  const server = await a2aServer(answer)
  servers.push(server)
  return server
}

test('S2-06: an agent call asks an agent behind a network, by the A2A protocol', async () => {
  const asked: string[] = []
  const server = await served(text => (asked.push(text), JSON.stringify({ found: ['a paper'] })))
  const remote = a2aAgent({ url: server.url, name: 'searcher' })
  const json = definition(
    [call('first'), call('search', { agent_id: 'remote', config: { query: '{{input.topic}}' } })],
    ['first > search'],
  )
  const { output, error } = await ran(json, { agents: { first: () => 'x', remote } }, { topic: 'tides' })
  expect(error).toBeUndefined()
  expect(output.search).toEqual({ found: ['a paper'] })
  expect(JSON.parse(asked[0] as string)).toEqual({ input: { topic: 'tides' }, first: 'x', config: { query: 'tides' } })
})

test('S2-06: a payload that is a text is sent as it is, and an answer that is no JSON is a text', async () => {
  const server = await served(text => `You said: ${text}`)
  const node = { id: 'a', type: 'agent_call', config: { endpoint: server.url, payload: 'Find {{input.topic}}' } }
  const { output } = await ran(definition([node]), { allowUrl: () => true }, { topic: 'tides' })
  expect(output.a).toBe('You said: Find tides')
})

test('AC-10: an address in a definition is called only if it is allowed; headers are not in the definition', async () => {
  const server = await served(() => 'ok')
  const json = definition([{ id: 'a', type: 'agent_call', config: { endpoint: server.url } }])
  const refused = await ran(json, {})
  expect(refused.error.cause.message).toContain(
    `must not be called at ${server.url}. It is an address of a private network.`,
  )
  expect(server.keys).toEqual([])
  const urls: string[] = []
  const allowed = await ran(json, {
    allowUrl: url => urls.push(url.href) > 0,
    headersFor: () => ({ 'x-api-key': 'secret-0123456789' }),
  })
  expect(allowed.output.a).toBe('ok')
  expect(server.keys.every(key => key === 'secret-0123456789')).toBe(true)
  expect(urls.length).toBeGreaterThan(1)
  expect(JSON.stringify(allowed.events)).not.toContain('secret-0123456789')
})

test('AC-6: an agent that is not done fails the node, with what it asks for', async () => {
  const server = await served(() => ({ asks: 'Which tides?' }))
  const json = definition([{ id: 'a', type: 'agent_call', config: { endpoint: server.url } }])
  const { error } = await ran(json, { allowUrl: () => true })
  expect(error.cause.message).toContain('input-required')
  expect(error.cause.message).toContain('Which tides?')
})

test.each([
  ['https://example.com/', true],
  ['http://agents.example.org:8080/x', true],
  ['https://93.184.216.34/', true],
  ['https://[2606:4700::1111]/', true],
  ['ftp://example.com/', false],
  ['http://localhost:3000/', false],
  ['http://intranet/', false],
  ['http://printer.local./', false],
  ['http://metadata.google.internal/', false],
  ['http://127.0.0.1/', false],
  ['http://0x7f.1/', false],
  ['http://2130706433/', false],
  ['http://10.1.2.3/', false],
  ['http://100.64.0.1/', false],
  ['http://169.254.169.254/', false],
  ['http://172.31.0.1/', false],
  ['http://192.168.0.1/', false],
  ['http://0.0.0.0/', false],
  ['http://224.0.0.1/', false],
  ['http://[::1]/', false],
  ['http://[::]/', false],
  ['http://[fe80::1]/', false],
  ['http://[fd00::1]/', false],
  ['http://[::ffff:10.0.0.1]/', false],
  ['http://[64:ff9b::7f00:1]/', false],
  ['http://[2002:7f00:1::]/', false],
])('AC-10: by default %s may be called: %s', (url, allowed) => {
  expect(publicAddress(new URL(url)) === true).toBe(allowed)
})
