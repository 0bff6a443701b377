import { beforeAll, describe, expect, it, vi } from 'vitest'
import { projected } from '../../src/serving/live/live-projection.js'
import { eventsOf } from '../../src/serving/rest/run-reader.js'
import { EventReader } from './event-reader.js'
import { launchAgents, launching } from './monitor-machines.js'
import { type Served, serve } from './served.js'

let served: Served
let id: string

async function executed(definition: object, input: object): Promise<string> {
  const { body } = await served.post('workflows', definition)
  const { body: started } = await served.post(`workflows/${body.id}/execute`, { input })
  await vi.waitFor(
    async () => {
      const { body: now } = await served.get(`executions/${started.execution_id}`)
      expect(now.status).not.toBe('running')
    },
    { timeout: 20_000 },
  )
  return started.execution_id as string
}

beforeAll(async () => {
  const broken = (): never => {
    throw new Error('broken')
  }
  served = await serve({ workflows: { agents: { ...launchAgents, broken } } })
  id = await executed(launching, { topic: 'bees', markets: ['FR', 'JP'] })
})

type Wire = any // any: tests look into whatever has come

const words = (events: readonly Wire[]): readonly string[] =>
  events.map(({ type, path = [], state_name: name = '' }) => `${type} ${[...path, name].join('/')}`)

describe('an execution of a workflow is shown by its nodes', () => {
  it('as a graph that says of every node with which it begins that it does', async () => {
    const nodes = ['first', 'second', 'third'].map(name => ({ id: name, type: 'agent_call', agent_id: 'broken' }))
    const edges = ['first', 'second'].map(from => ({ from, to: 'third' }))
    const twoBegin = await executed({ name: 'Two begin', nodes, edges }, {})
    const { body } = await served.get(`executions/${twoBegin}/graph`)
    expect(body.entries).toEqual(['first', 'second'])
    const { body: compiled } = await served.get(`executions/${twoBegin}/graph?view=states`)
    expect(compiled.entries).toEqual(['workflow.begin'])
  })

  it('as a graph: what each has come to, and which edges were taken', async () => {
    const { body } = await served.get(`executions/${id}/graph`)
    expect(body.entries).toEqual(['search'])
    const nodes = body.nodes.map(({ id: node, type, parent, status, visits, failures, current }: Wire) => {
      return [node, type, parent ?? '', status, visits, failures, current].join(' ')
    })
    expect(nodes).toEqual([
      'search agent_call  completed 1 0 false',
      'enough condition  completed 1 0 false',
      'sources parallel_group  completed 1 0 false',
      'news agent_call sources completed 1 0 false',
      'papers agent_call sources failed 1 1 false',
      'markets loop  completed 1 0 false',
      'translate agent_call markets completed 2 0 false',
      'check agent_call markets completed 2 0 false',
      'apologise agent_call  skipped 0 0 false',
      'review human_approval  waiting 1 0 true',
      'publish agent_call  pending 0 0 false',
      'archive agent_call  pending 0 0 false',
    ])
    expect(body.edges).toContainEqual({ from: 'enough', to: 'sources', advancer: 'true', visits: 1 })
    expect(body.edges).toContainEqual({ from: 'enough', to: 'apologise', advancer: 'false', visits: 0 })
    expect(body.edges).toContainEqual({ from: 'translate', to: 'check', advancer: '→ check', visits: 2 })
    expect(body.edges).toContainEqual({
      from: 'review',
      to: 'archive',
      advancer: 'on_reject',
      on_error: true,
      visits: 0,
    })
  })

  it('as a picture, and by its states for those who ask for them', async () => {
    const { text } = await served.get(`executions/${id}/graph?format=svg`)
    expect(text).toContain('data-state="translate"')
    expect(text).not.toContain('workflow.begin')
    expect((await served.get(`executions/${id}/graph?format=svg&view=states`)).text).toContain('workflow.begin')
    const { body } = await served.get(`executions/${id}/graph?view=states`)
    expect(body.nodes).toContainEqual(expect.objectContaining({ id: 'review.input', status: 'completed', visits: 1 }))
    expect((await served.get(`executions/${id}/graph?view=all`)).status).toBe(422)
  })

  it('in events, whole or from a number on, with the edges that have led to a node', async () => {
    const accept = { headers: { accept: 'application/json' } }
    const { body } = await served.get(`executions/${id}/events?view=nodes&limit=1000`, accept)
    expect(words(body.events)).toContain('state.skipped apologise')
    expect(words(body.events).join()).not.toMatch(/workflow\.|\.input/)
    const started = body.events.find((event: { state_name?: string }) => event.state_name === 'sources')
    expect(started.led_by).toEqual([{ from: 'enough', advancer: 'true', error: false }])
    const { body: rest } = await served.get(`executions/${id}/events?view=nodes&limit=1000&from=${started.seq}`, accept)
    expect(rest.events).toEqual(body.events.filter(({ seq }: { seq: number }) => seq >= started.seq))
    const all = await served.get(`executions/${id}/events?limit=1000`, accept)
    expect(words(all.body.events).join()).toContain('workflow.begin')
    const stream = new EventReader(
      await served.fetch('GET', `executions/${id}/events?view=nodes&from=${started.seq}`, {
        headers: { accept: 'text/event-stream' },
      }),
    )
    const streamed = await stream.take(rest.events.length)
    expect(streamed.map(({ data }) => data)).toEqual(rest.events)
    await stream.drop()
  })

  it('in its state: branches, outputs and properties of nodes', async () => {
    const { body } = await served.get(`executions/${id}/state?view=nodes`)
    expect(body.branches.map(({ node_id: node }: { node_id: string }) => node)).toEqual(['review'])
    expect(Object.keys(body.outputs).sort()).toEqual(['enough', 'markets', 'search', 'sources'])
    expect(body.properties).toEqual({})
    const { body: all } = await served.get(`executions/${id}/state`)
    expect(Object.keys(all.outputs)).toContain('workflow.begin')
  })

  it('over WebSockets and in messages of failures', async () => {
    const call = { id: 'fetch', type: 'agent_call', agent_id: 'broken' }
    const failing = {
      name: 'Failing',
      nodes: [{ id: 'each', type: 'loop', config: { for_each: [1, 2], body: [call] } }],
    }
    const failed = await executed(failing, {})
    const { body } = await served.get(`executions/${failed}`)
    expect(body).toMatchObject({ status: 'failed', error: { message: 'Node "each[0].fetch" failed: broken' } })
    const { server } = served.handler
    const record = await server.host.record(failed)
    const told = (await eventsOf(server, record)).flatMap(event => projected(server, record, event) ?? [])
    expect(told.map(({ type, data }) => `${type} ${(data as { node_id?: string }).node_id ?? ''}`.trim())).toEqual([
      'execution_started',
      'node_started each',
      'node_started each/fetch',
      'node_failed each/fetch',
      'node_failed each',
      'execution_failed',
    ])
  })
})
