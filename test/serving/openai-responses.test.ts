import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { serveOpenAI } from './openai-server.js'
import { tokens } from './served.js'

describe('responses with the official client', () => {
  it('answers an input, and keeps the response for whoever asks for it again', async () => {
    const { client, clientOf } = await serveOpenAI()
    const { data, response } = await client.responses
      .create({ model: 'Essay', input: 'cats', metadata: { from: 'test' } })
      .withResponse()
    expect(data.output_text).toBe('Cats are small and soft.')
    expect(data).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'Essay',
      error: null,
      usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30 },
      metadata: { from: 'test', execution_id: response.headers.get('x-execution-id') },
    })
    expect(await client.responses.retrieve(data.id)).toMatchObject({ id: data.id, output: data.output })
    await expect(clientOf(tokens.other).responses.retrieve(data.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    await expect(clientOf(tokens.other).responses.delete(data.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    await client.responses.delete(data.id)
    await expect(client.responses.retrieve(data.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })

  it('streams the events of a response in their order, numbered without gaps', async () => {
    const { client } = await serveOpenAI()
    const stream = await client.responses.create({ model: 'Essay', input: 'cats', stream: true })
    const types: string[] = []
    let said = ''
    let place = 0
    let final: OpenAI.Responses.Response | undefined
    for await (const event of stream) {
      expect(event.sequence_number).toBe(place++)
      if (types.at(-1) !== event.type) types.push(event.type)
      if (event.type === 'response.output_text.delta') said += event.delta
      if (event.type === 'response.completed') final = event.response
    }
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(said).toBe('Cats are small and soft.')
    expect(await client.responses.retrieve(final?.id ?? '')).toMatchObject({ status: 'completed' })
  })

  it('tells what happens as a summary of thoughts where that is asked for, through the helper of the client', async () => {
    const { client } = await serveOpenAI()
    const runner = client.responses.stream({ model: 'Essay:progress', input: 'cats' })
    const final = await runner.finalResponse()
    expect(final.output.map(({ type }) => type)).toEqual(['reasoning', 'message'])
    expect(final.output[0]).toMatchObject({ summary: [{ text: expect.stringContaining('> state Writing started') }] })
    expect(final.output_text).toBe('Cats are small and soft.')
  })

  it('goes on after another response, with instructions of its own and all that was said', async () => {
    const { client, clientOf } = await serveOpenAI()
    const first = await client.responses.create({ model: 'Recall', input: 'one', instructions: 'Be kind.' })
    const second = await client.responses.create({
      model: 'Recall',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'two' }] }],
      previous_response_id: first.id,
    })
    expect(second.output_text).toBe('user: one\nassistant: system: Be kind.\nuser: one\nuser: two')
    const third = await client.responses.create({ model: 'parrot', input: 'three', previous_response_id: second.id })
    expect(third.output_text.split(' | ')).toHaveLength(5)
    const input = { model: 'Recall', input: 'x', previous_response_id: first.id }
    await expect(clientOf(tokens.other).responses.create(input)).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    })
  })

  it('asks a person, who answers with the next response', async () => {
    const { client } = await serveOpenAI()
    const asked = await client.responses.create({ model: 'Press', input: 'cats' })
    expect(asked.metadata).toMatchObject({ execution_id: expect.any(String), request_id: expect.any(String) })
    const next = { model: 'Press', previous_response_id: asked.id }
    const stream = client.responses.stream({ ...next, input: 'approve' })
    expect((await stream.finalResponse()).output_text).toBe('Published: A text on cats')
    await expect(client.responses.create({ ...next, input: 'approve' })).rejects.toMatchObject({ status: 409 })
  })

  it('does not keep what is not to be stored, and tells of a failure in the stream', async () => {
    const { client } = await serveOpenAI()
    const { id } = await client.responses.create({ model: 'Recall', input: 'x', store: false })
    await expect(client.responses.retrieve(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    const events = []
    for await (const event of await client.responses.create({ model: 'Failing', input: 'x', stream: true }))
      events.push(event)
    const last = events.at(-1)
    if (last?.type !== 'response.failed') throw new Error(`The last event is ${last?.type}.`)
    expect(last.response).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('it broke') } })
    expect(JSON.stringify(events)).not.toContain('secret')
    expect(await client.responses.retrieve(last.response.id)).toMatchObject({ status: 'failed' })
  })

  it.each([
    ['tools', { tools: [{ type: 'web_search' as const }] }],
    ['background', { background: true }],
    ['conversation', { conversation: 'conv_1' }],
    ['text.format', { text: { format: { type: 'json_object' as const } } }],
  ])('refuses %s', async (param, more) => {
    const { client } = await serveOpenAI()
    await expect(client.responses.create({ model: 'Recall', input: 'x', ...more })).rejects.toMatchObject({
      status: 400,
      param,
      code: 'unsupported_parameter',
    })
  })
})
