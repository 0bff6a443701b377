import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { serveOpenAI, untilRun } from './openai-server.js'
import { tokens } from './served.js'

const ask = (content: string) => [{ role: 'user' as const, content }]

describe('chat completions with the official client', () => {
  it('lists what is served and describes one of it, for chat user interfaces to choose from', async () => {
    const { client } = await serveOpenAI()
    const ids: string[] = []
    for await (const { id, object, owned_by } of client.models.list()) {
      expect({ object, owned_by }).toEqual({ object: 'model', owned_by: 'advancer' })
      ids.push(id)
    }
    expect(ids).toEqual([
      'Essay',
      'Forecast',
      'Press',
      'Listener',
      'Recall',
      'Failing',
      'Hold',
      'parrot',
      'careful',
      'essayist',
    ])
    expect(await client.models.retrieve('Essay')).toMatchObject({ id: 'Essay', description: 'Writes about anything.' })
    expect(await client.models.retrieve('Essay:progress')).toMatchObject({ id: 'Essay:progress' })
  })

  it('answers with the output of a durable run of the caller, whose id it tells', async () => {
    const { client, handler } = await serveOpenAI()
    const { data, response } = await client.chat.completions
      .create({ model: 'Essay', messages: ask('cats'), temperature: 0.2, max_tokens: 100, user: 'u1', tools: [] })
      .withResponse()
    expect(data).toMatchObject({
      object: 'chat.completion',
      model: 'Essay',
      choices: [
        { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Cats are small and soft.' } },
      ],
      usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 },
    })
    const id = response.headers.get('x-execution-id') ?? ''
    expect((data as unknown as { metadata: object }).metadata).toEqual({ execution_id: id })
    expect(await handler.server.host.store.get(id)).toMatchObject({
      orchestration: 'Essay',
      status: 'completed',
      tags: { tenant: 'acme' },
    })
  })

  it('streams the words of the agent that answers, not what others say on the way', async () => {
    const { client } = await serveOpenAI()
    const stream = await client.chat.completions.create({
      model: 'Essay',
      messages: ask('cats'),
      stream: true,
      stream_options: { include_usage: true },
    })
    const pieces: string[] = []
    let usage: unknown
    let finish: string | null = null
    for await (const chunk of stream) {
      expect(chunk.object).toBe('chat.completion.chunk')
      const [choice] = chunk.choices
      if (choice?.delta.content) pieces.push(choice.delta.content)
      finish = choice?.finish_reason ?? finish
      usage = chunk.usage ?? usage
    }
    expect(pieces).toEqual(['Cats ', 'are ', 'small ', 'and ', 'soft.'])
    expect(finish).toBe('stop')
    expect(usage).toEqual({ prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 })
  })

  it('gives the helper of the client for streams what it wants', async () => {
    const { client } = await serveOpenAI()
    const runner = client.chat.completions.stream({ model: 'Essay', messages: ask('cats') })
    const final = await runner.finalChatCompletion()
    expect(final.choices[0]?.message.content).toBe('Cats are small and soft.')
    expect(final.usage ?? undefined).toBeUndefined()
  })

  it.each([
    ['metadata', { model: 'Essay', metadata: { progress: 'true' } }],
    ['the name of the model', { model: 'Essay:progress' }],
  ])('tells what happens meanwhile where %s asks for it, apart from the answer (S1-61)', async (_how, asked) => {
    const { client } = await serveOpenAI()
    const stream = await client.chat.completions.create({ ...asked, messages: ask('cats'), stream: true })
    let text = ''
    let progress = ''
    for await (const { choices } of stream) {
      const delta = choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined
      text += delta?.content ?? ''
      progress += delta?.reasoning_content ?? ''
    }
    expect(text).toBe('Cats are small and soft.')
    expect(progress).toBe(
      '> state Planning started\n> state Planning completed\n> state Writing started\nHm, cats.> state Writing completed\n',
    )
  })

  it('takes JSON for a model whose input is an object, and answers in JSON', async () => {
    const { client } = await serveOpenAI()
    const messages = ask('{"city": "Oslo", "days": 2}')
    const { choices } = await client.chat.completions.create({ model: 'Forecast', messages })
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ city: 'Oslo', weather: 'rain', days: 2 })
  })

  it('hands the whole conversation to the run, and none of the lines that tie answers to questions', async () => {
    const { client } = await serveOpenAI()
    const { choices } = await client.chat.completions.create({
      model: 'Recall',
      messages: [
        { role: 'developer', content: 'Be kind.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'one' },
            { type: 'text', text: 'two' },
          ],
        },
        { role: 'assistant', content: `Fine?\n\n[execution e request 0:1 at 4 seal ${'x'.repeat(22)}]` },
        { role: 'user', content: 'three' },
      ],
    })
    expect(choices[0]?.message.content).toBe('system: Be kind.\nuser: one\ntwo\nassistant: Fine?\nuser: three')
  })

  it('answers several turns with a chat, which is given all that was said before', async () => {
    const { client } = await serveOpenAI()
    const messages: OpenAI.ChatCompletionMessageParam[] = ask('a')
    const first = await client.chat.completions.create({ model: 'parrot', messages })
    expect(first.choices[0]?.message.content).toBe('user:a')
    expect(first.usage).toEqual({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 })
    messages.push({ role: 'assistant', content: 'user:a' }, { role: 'user', content: 'b' })
    const stream = client.chat.completions.stream({ model: 'parrot', messages })
    const deltas: string[] = []
    stream.on('content', delta => deltas.push(delta))
    expect((await stream.finalMessage()).content).toBe('user:a | assistant:user:a | user:b')
    expect(deltas.length).toBeGreaterThan(2)
  })

  it('streams what an orchestration behind a chat says in the states that answer', async () => {
    const { client } = await serveOpenAI()
    const stream = client.chat.completions.stream({ model: 'essayist', messages: ask('cats') })
    const deltas: string[] = []
    stream.on('content', delta => deltas.push(delta))
    expect((await stream.finalMessage()).content).toBe('Cats are small and soft.')
    expect(deltas.length).toBe(5)
  })

  it('keeps conversations at once apart from each other', async () => {
    const { client } = await serveOpenAI()
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const model = index % 2 === 0 ? 'parrot' : 'Recall'
        const { choices } = await client.chat.completions.create({ model, messages: ask(`number ${index}`) })
        return choices[0]?.message.content
      }),
    )
    expect(answers).toEqual(answers.map((_, index) => (index % 2 === 0 ? 'user:' : 'user: ') + `number ${index}`))
  })

  it('cancels the run of a client that leaves, streaming or not', async () => {
    const { client, handler, hold } = await serveOpenAI()
    const left = new AbortController()
    const asked = client.chat.completions.create({ model: 'Hold', messages: ask('x') }, { signal: left.signal })
    asked.catch(() => undefined)
    await hold.reached
    const [run] = (await handler.server.host.store.list({ orchestration: 'Hold' })).runs
    left.abort()
    await expect(asked).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
    await untilRun(handler, run?.runId ?? '', 'cancelled')

    const { data: stream, response } = await client.chat.completions
      .create({ model: 'Hold', messages: ask('x'), stream: true })
      .withResponse()
    for await (const chunk of stream) {
      expect(chunk.choices[0]?.delta.role).toBe('assistant')
      break
    }
    await untilRun(handler, response.headers.get('x-execution-id') ?? '', 'cancelled')
    expect(handler.server.streams.open).toBe(0)
  })

  it('lets a run go on without its client where that is asked for', async () => {
    const { client, handler, hold } = await serveOpenAI()
    const { data: stream, response } = await client.chat.completions
      .create({ model: 'Hold', messages: ask('x'), stream: true, metadata: { on_disconnect: 'continue' } })
      .withResponse()
    await hold.reached
    stream.controller.abort()
    for await (const _chunk of stream) break
    hold.open()
    await untilRun(handler, response.headers.get('x-execution-id') ?? '', 'completed')
  })

  it('goes on with a run that a server has left when it closed', async () => {
    const { client, handler, hold, listening } = await serveOpenAI()
    const { data: stream, response } = await client.chat.completions
      .create({ model: 'Hold', messages: ask('x'), stream: true })
      .withResponse()
    await hold.reached
    const broken = (async () => {
      for await (const _chunk of stream);
    })()
    broken.catch(() => undefined)
    const closed = listening.close()
    await expect(broken).rejects.toMatchObject({ code: 'unavailable' })
    hold.open()
    await closed
    expect((await handler.server.host.store.get(response.headers.get('x-execution-id') ?? ''))?.status).toBe('paused')
  })

  it('shows no model, run or conversation to another tenant', async () => {
    const { client, clientOf, handler } = await serveOpenAI()
    const { response } = await client.chat.completions.create({ model: 'Recall', messages: ask('x') }).withResponse()
    const id = response.headers.get('x-execution-id') ?? ''
    const other = clientOf(tokens.other)
    await other.chat.completions.create({ model: 'Recall', messages: ask('y') })
    const { runs } = await handler.server.host.store.list({ orchestration: 'Recall', tags: { tenant: 'other' } })
    expect(runs.map(({ runId }) => runId)).not.toContain(id)
    expect(runs).toHaveLength(1)
  })
})
