import { describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { gated, type Served, serve, tokens } from './served.js'

const series = async (server: Served, name: string) =>
  (await server.get('/metrics')).text.split('\n').filter(line => line.startsWith(name))

/** A workflow of one agent and one person, all of whose names are its own. */
const secretive = {
  name: 'Acquisition of Initech',
  nodes: [
    { id: 'read-the-books', type: 'agent_call', agent_id: 'reader' },
    { id: 'ask-the-boss', type: 'human_approval', config: { message: 'Buy?' } },
  ],
  edges: [{ from: 'read-the-books', to: 'ask-the-boss' }],
}

describe('the metrics of a server', () => {
  const reader = () => ({
    text: 'fine',
    _usage: { model: 'secret-model', input_tokens: 3, output_tokens: 4 },
    _cost: 0.5,
  })

  it('count executions of workflows: how many, how long, what they cost', async () => {
    const server = await serve({ workflows: { agents: { reader } } })
    const { body } = await server.post('workflows', secretive)
    for (const approved of [true, false]) {
      const { body: started } = await server.post(`workflows/${body.id}/execute`, { input: {} })
      const status = async () => (await server.get(`executions/${started.execution_id}`)).body.status
      await expect.poll(status).toBe('paused')
      expect(await series(server, 'advancer_runs_active')).toEqual(['advancer_runs_active{orchestration="workflow"} 1'])
      await server.post(`executions/${started.execution_id}/resume`, { approved })
      await expect.poll(status).toBe(approved ? 'completed' : 'cancelled')
    }
    expect(await series(server, 'advancer_runs_total')).toEqual([
      'advancer_runs_total{orchestration="workflow",outcome="completed"} 1',
      'advancer_runs_total{orchestration="workflow",outcome="cancelled"} 1',
    ])
    expect(await series(server, 'advancer_runs_active')).toEqual(['advancer_runs_active{orchestration="workflow"} 0'])
    // Two nodes in two executions, however many states there are to each.
    expect(await series(server, 'advancer_steps_total')).toEqual([
      'advancer_steps_total{orchestration="workflow",state="",outcome="completed"} 4',
    ])
    expect(await series(server, 'advancer_cost_total')).toEqual([
      'advancer_cost_total{orchestration="workflow",agent="",model=""} 1',
    ])
  })

  it('do not grow with the number of workflows, and say nothing of what is in them to other tenants', async () => {
    const server = await serve({ workflows: { agents: { reader } } })
    const lines = async () => (await server.get('/metrics', { token: tokens.other })).text.split('\n').length
    let before = 0
    for (let number = 0; number < 4; number++) {
      const nodes = [{ id: `node-${number}`, type: 'agent_call', agent_id: 'reader' }]
      const { body } = await server.post('workflows', { name: `Secret ${number}`, nodes, edges: [] })
      const { body: started } = await server.post(`workflows/${body.id}/execute`, { input: {} })
      expect((await server.settled(started.execution_id)).status).toBe('completed')
      if (number === 0) before = await lines()
    }
    expect(await lines()).toBe(before)
    const { text } = await server.get('/metrics', { token: tokens.other })
    expect(text).toContain('advancer_runs_total{orchestration="workflow",outcome="completed"} 4')
    expect(text.toLowerCase()).not.toContain('secret')
    expect(text).not.toContain('node-')
  })

  it('count an execution as under way only in the server that drives it', async () => {
    const store = new MemoryJournalStore()
    const [before, behind] = [gated(), gated()]
    const here = await serve({ store, orchestrations: [before.orchestration] })
    const there = await serve({ store: store.reopen(), orchestrations: [behind.orchestration] })
    const id = await here.execute('Gated')
    await before.reached
    here.whenPaused(id, before.open)
    await there.post(`executions/${id}/pause`)
    await there.post(`executions/${id}/resume`)
    await there.settled(id)
    for (const server of [here, there]) {
      await expect
        .poll(async () => (await series(server, 'advancer_runs_active')).filter(line => !line.endsWith(' 0')))
        .toEqual([])
    }
    expect(await series(there, 'advancer_runs_total')).toEqual([
      'advancer_runs_total{orchestration="Gated",outcome="completed"} 1',
    ])
  })
})
