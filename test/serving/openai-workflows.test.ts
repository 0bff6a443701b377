import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRunner } from '../../src/agents/index.js'
import type { RunContext } from '../../src/core/index.js'
import { parallelResearch, researchPipeline, scriptedAgents } from '../workflow/service-machines.js'
import { essay, model, Place, serveOpenAI } from './openai-server.js'
import { tokens } from './served.js'

describe('JSON workflows as models', () => {
  it('are listed, executed and answered by their tenant only', async () => {
    const { agents } = scriptedAgents({ 'web-search': 0.1, 'academic-search': 0.2, summarizer: 0.3 })
    const { client, clientOf, handler } = await serveOpenAI({ workflows: { agents } })
    const { workflows } = handler.server
    await workflows.create(parallelResearch, { tenant: 'acme', id: 'research' })
    await workflows.create(parallelResearch, { tenant: 'acme', id: 'draft', status: 'draft' })
    const listed = (await client.models.list()).data.map(({ id }) => id)
    expect(listed).toContain('workflow/research')
    expect(listed).not.toContain('workflow/draft')
    expect((await client.models.retrieve('workflow/research')).id).toBe('workflow/research')
    const other = clientOf(tokens.other)
    expect((await other.models.list()).data.map(({ id }) => id)).not.toContain('workflow/research')

    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: '{"topic": "quantum computing"}' }]
    const asked = { model: 'workflow/research', messages }
    await expect(other.chat.completions.create(asked)).rejects.toMatchObject({ code: 'model_not_found' })
    const question = await client.chat.completions.create(asked)
    const content = question.choices[0]?.message.content ?? ''
    expect(content).toMatch(/^Publish\?/)
    messages.push({ role: 'assistant', content }, { role: 'user', content: 'approve' })
    const { data, response } = await client.chat.completions.create(asked).withResponse()
    expect(JSON.parse(data.choices[0]?.message.content ?? '')).toMatchObject({ approved: true, by: 'Ada' })
    const id = response.headers.get('x-execution-id') ?? ''
    expect(await workflows.execution(id, { tenant: 'acme' })).toMatchObject({
      status: 'completed',
      workflowId: 'research',
    })
  })

  it('tell of their nodes by the names that their definition has', async () => {
    const { agents } = scriptedAgents({ 'web-search': 0.1, 'academic-search': 0.2, summarizer: 0.3 })
    const { client, handler } = await serveOpenAI({ workflows: { agents } })
    await handler.server.workflows.create(parallelResearch, { tenant: 'acme', id: 'research' })
    const stream = await client.chat.completions.create({
      model: 'workflow/research:progress',
      messages: [{ role: 'user', content: '{"topic": "quantum computing"}' }],
      stream: true,
    })
    const lines: string[] = []
    for await (const { choices } of stream) {
      const delta = choices[0]?.delta as { reasoning_content?: string } | undefined
      if (delta?.reasoning_content !== undefined) lines.push(delta.reasoning_content)
    }
    expect(lines).toContain('> state merge started\n')
    expect(lines.filter(line => /[@#]/.test(line))).toEqual([])
  })

  it('refuse an input that lacks what their templates read, and take any other text as a message', async () => {
    const { agents } = scriptedAgents({ 'web-search': 0.1, 'academic-search': 0.2, summarizer: 0.3 })
    const { client, handler } = await serveOpenAI({ workflows: { agents } })
    await handler.server.workflows.create(researchPipeline, { tenant: 'acme', id: 'research' })
    const messages = [{ role: 'user' as const, content: 'quantum computing, please' }]
    const refused = await client.chat.completions
      .create({ model: 'workflow/research', messages })
      .catch((thrown: unknown) => thrown)
    expect(refused).toBeInstanceOf(OpenAI.UnprocessableEntityError)
    expect((refused as Error).message).toContain('input.topic')
    const echo = {
      name: 'Echo',
      nodes: [
        {
          id: 'say',
          type: 'agent_call',
          agent_id: 'echo',
          config: { text: '{{input.message}} of {{input.messages}}' },
        },
      ],
      edges: [],
    }
    await handler.server.workflows.create(echo, { tenant: 'acme', id: 'echo' })
    const { choices } = await client.chat.completions.create({ model: 'workflow/echo', messages })
    expect(choices[0]?.message.content).toContain('quantum computing, please')
  })

  it('stream the words of the node that is the last one, and of no other', async () => {
    const { streamed, whole, served } = await speaking()
    const call = (id: string) => ({ id, type: 'agent_call', agent_id: id })
    const route = {
      id: 'route',
      type: 'condition',
      config: { condition: "input.message == 'cats'", then_branch: 'cats', else_branch: 'other' },
    }
    const graphs = {
      row: { nodes: [call('notes'), call('cats')], edges: [{ from: 'notes', to: 'cats' }] },
      ways: { nodes: [route, call('cats'), call('other')], edges: [] },
      rescue: { nodes: [{ ...call('broken'), on_error: 'cats' }, call('cats')], edges: [] },
      inner: { nodes: [{ ...call('essay'), timeout: 60, config: { payload: '{{input.message}}' } }], edges: [] },
    }
    for (const [id, graph] of Object.entries(graphs)) {
      await served.handler.server.workflows.create({ name: id, ...graph }, { tenant: 'acme', id })
      const pieces = await streamed(id, 'cats')
      const answer = 'Cats are small and soft.'
      expect([id, pieces.join(''), await whole(id, 'cats')]).toEqual([id, answer, answer])
      expect(pieces.length).toBeGreaterThan(2)
    }
    expect((await streamed('ways', 'dogs')).join('')).toBe('I know cats only.')
    const ask = { id: 'ask', type: 'human_approval', config: { message: 'Cats?' } }
    const asking = { name: 'asking', nodes: [ask, call('cats')], edges: [{ from: 'ask', to: 'cats' }] }
    await served.handler.server.workflows.create(asking, { tenant: 'acme', id: 'asking' })
    const question = await whole('asking', 'please')
    const before = [
      { role: 'user' as const, content: 'please' },
      { role: 'assistant' as const, content: question ?? '' },
    ]
    const after = await streamed('asking', 'approve', before)
    expect([after.join(''), after.length > 2]).toEqual(['Cats are small and soft.', true])
  })

  it('stream their answer in one piece where nobody knows before the end what it is made of', async () => {
    const { streamed, whole, served } = await speaking()
    const call = (id: string) => ({ id, type: 'agent_call', agent_id: id })
    const graphs = {
      beside: { nodes: [call('cats'), call('other')], edges: [] },
      perhaps: {
        nodes: [
          call('cats'),
          { id: 'more', type: 'condition', config: { condition: "cats == ''", then_branch: 'other' } },
          call('other'),
        ],
        edges: [{ from: 'cats', to: 'more' }],
      },
      object: { nodes: [call('outline')], edges: [] },
      code: { nodes: [call('wrapped')], edges: [] },
      repeated: {
        nodes: [
          {
            id: 'twice',
            type: 'loop',
            config: {
              body: { nodes: [call('cats')] },
              max_iterations: 2,
              on_exhausted: 'proceed',
              until: "cats == ''",
            },
          },
        ],
        edges: [],
      },
    }
    for (const [id, graph] of Object.entries(graphs)) {
      await served.handler.server.workflows.create({ name: id, ...graph }, { tenant: 'acme', id })
      const pieces = await streamed(id, 'cats')
      expect([id, ...pieces]).toEqual([id, await whole(id, 'cats')])
      expect(pieces[0]).toMatch(/^\{/)
    }
  })
})

/** A server whose workflows find agents that speak, and what is heard of them. */
async function speaking() {
  const agentOf = (name: string, reply: Parameters<typeof model>[0], more: object = {}) =>
    new Agent({ client: model(reply), model: 'scripted', name, instructions: 'Speak.', ...more })
  const agents = {
    notes: agentOf('Notes', 'Notes that nobody reads.'),
    cats: agentOf('Cats', 'Cats are small and soft.'),
    other: agentOf('Other', 'I know cats only.'),
    outline: agentOf('Outline', { object: { city: 'Rome', days: 2 } }, { outputSchema: Place }),
    essay: essay(),
    wrapped: async (_input: unknown, context: RunContext) => {
      const { output } = await AgentRunner.run(agentOf('Inner', 'Soft.'), 'x', { context })
      return { text: output, _cost: 0.1 }
    },
    broken: () => {
      throw new Error('broken')
    },
  }
  const served = await serveOpenAI({ workflows: { agents } })
  const { client } = served
  const ask = (id: string, content: string, before: readonly OpenAI.ChatCompletionMessageParam[] = []) => ({
    model: `workflow/${id}`,
    messages: [...before, { role: 'user' as const, content }],
  })
  const streamed = async (...asked: Parameters<typeof ask>): Promise<readonly string[]> => {
    const pieces: string[] = []
    for await (const { choices } of await client.chat.completions.create({ ...ask(...asked), stream: true }))
      if (choices[0]?.delta.content) pieces.push(choices[0].delta.content)
    return pieces
  }
  const whole = async (id: string, content: string) =>
    (await client.chat.completions.create(ask(id, content))).choices[0]?.message.content
  return { streamed, whole, served }
}
