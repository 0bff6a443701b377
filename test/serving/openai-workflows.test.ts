import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { parallelResearch, researchPipeline, scriptedAgents } from '../workflow/service-machines.js'
import { serveOpenAI } from './openai-server.js'
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
})
