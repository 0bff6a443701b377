import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DocumentLibrary } from '../../samples/research/document-library.js'
import type { Responder } from '../../samples/research/responder/index.js'
import { startResponder } from '../../samples/research/responder/index.js'

type Message = OpenAI.ChatCompletionMessageParam

const text = { type: 'string' } as const
const integer = { type: 'integer' } as const
const tools: OpenAI.ChatCompletionTool[] = [
  tool('search_documents', 'Finds passages', { query: text }),
  tool('read_document', 'Reads lines of a document', { file: text, fromLine: integer, toLine: integer }),
]
const planItem = {
  type: 'object',
  properties: { query: text, informationType: text },
  required: ['query', 'informationType'],
}
const planSchema = {
  type: 'object',
  properties: { topic: text, items: { type: 'array', items: { $ref: '#/$defs/Item' } } },
  required: ['topic', 'items'],
  $defs: { Item: planItem },
}
const reportSchema = { type: 'object', properties: { title: text, summary: text, content: text } }

function tool(name: string, description: string, properties: Record<string, unknown>): OpenAI.ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters: { type: 'object', properties } } }
}

describe('the extractive responder', () => {
  let responder: Responder
  let client: OpenAI
  let library: DocumentLibrary

  beforeAll(async () => {
    responder = await startResponder()
    client = new OpenAI({ apiKey: 'any', baseURL: responder.baseURL, maxRetries: 0 })
    library = await DocumentLibrary.open(fileURLToPath(new URL('../../samples/research/documents', import.meta.url)))
  })
  afterAll(() => responder.close())

  const send = (messages: Message[], more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) =>
    client.chat.completions.create({ model: responder.model, messages, ...more })

  async function structured(content: string, schema: Record<string, unknown>) {
    const completion = await send([{ role: 'user', content }], {
      response_format: { type: 'json_schema', json_schema: { name: 'value', schema } },
    })
    return JSON.parse(completion.choices[0]?.message.content ?? '')
  }

  /** Lets the model work with the library until it answers. */
  async function research(query: string): Promise<{ answer: string; called: string[][] }> {
    const messages: Message[] = [{ role: 'user', content: query }]
    const called: string[][] = []
    for (;;) {
      const message = (await send(messages, { tools })).choices[0]?.message
      if (!message) throw new Error('no choice')
      messages.push(message)
      const calls = (message.tool_calls ?? []).filter(call => call.type === 'function')
      if (calls.length === 0) return { answer: message.content ?? '', called }
      called.push(calls.map(call => call.function.name))
      for (const call of calls) {
        const args = JSON.parse(call.function.arguments)
        const search = call.function.name === 'search_documents'
        const content = search
          ? JSON.stringify(library.search(args.query, 10))
          : library.read(args.file, args.fromLine, args.toLine)
        messages.push({ role: 'tool', tool_call_id: call.id, content })
      }
    }
  }

  async function report(question: string) {
    const plan = await structured(question, planSchema)
    const findings = await Promise.all(
      plan.items.map(async ({ query }: { query: string }) => `## ${query}\n\n${(await research(query)).answer}`),
    )
    return { plan, ...(await structured(`# ${question}\n\n${findings.join('\n\n')}`, reportSchema)) }
  }

  function expectTrueCitations(markdown: string): number {
    const cited = [...markdown.matchAll(/^- (.+) \[([^\]]+):(\d+)\]$/gm)]
    for (const [, sentence = '', file = '', line] of cited) {
      const lines = library.read(file, Number(line), Number(line) + 12).split('\n')
      const source = lines
        .map(one => one.replace(/^\d+: /, ''))
        .join(' ')
        .replace(/\s+/g, ' ')
        .replaceAll('**', '')
      const words = sentence.replaceAll('**', '')
      expect(source).toContain(words)
      // the sentence begins on the cited line, not later
      expect(source.indexOf(words)).toBeLessThan((lines[0] ?? '').length)
    }
    return cited.length
  }

  it('searches, then reads the best hits in one turn, then answers with true citations', async () => {
    const { answer, called } = await research('How does SQLite survive a power failure?')
    expect(called[0]).toEqual(['search_documents'])
    expect(called[1]?.length).toBeGreaterThan(1)
    expect(new Set(called[1])).toEqual(new Set(['read_document']))
    expect(called).toHaveLength(2)
    expect(expectTrueCitations(answer)).toBeGreaterThanOrEqual(3)
  })

  it.each([
    ['How does SQLite survive a power failure?', /journal|atomic/i],
    ['What are the disadvantages of write-ahead logging?', /same host computer/],
    ['Which locks does SQLite take before it writes?', /RESERVED/],
    ['How is SQLite tested with fuzzers?', /fuzz/i],
  ])('writes a report on "%s" without repetition and with true citations', async (question, expected) => {
    const { plan, title, summary, content } = await report(question)
    expect(plan.items.length).toBeGreaterThanOrEqual(3)
    expect(plan.items.length).toBeLessThanOrEqual(5)
    expect(title).toBe(question)
    expect(summary).toMatch(/\[[\w.]+:\d+\]/)
    expect(content).toMatch(/^## /)
    expect(content).toMatch(expected)
    expect(expectTrueCitations(content)).toBeGreaterThanOrEqual(3)
    const bullets = content.match(/^- .+$/gm)
    expect(new Set(bullets).size).toBe(bullets.length)
  })

  it.each([
    ['How do plants store energy?', 'nothing about “plants”.'],
    ['Does SQLite run on Mars?', 'nothing about “Mars”.'],
    ['What is the capital of France?', '“France”'],
  ])('says plainly that the documents do not cover "%s"', async (question, missing) => {
    const { summary, content } = await report(question)
    expect(summary).toContain('The documents do not cover this')
    expect(summary).toContain(missing)
    expect(content).not.toMatch(/\[[\w.]+:\d+\]/)
  })

  it('fills any schema: enums, lists with bounds, nullable members, references to itself', async () => {
    const value = await structured('How do locks work in SQLite?', {
      type: 'object',
      properties: {
        depth: { enum: ['shallow', 'locks'] },
        keywords: { type: 'array', items: text, maxItems: 2 },
        note: { anyOf: [{ type: 'null' }, { type: 'string', maxLength: 10 }] },
        confidence: { type: 'number', minimum: 0, maximum: 1 },
        child: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
      },
    })
    expect(value.depth).toBe('locks')
    expect(value.keywords).toHaveLength(2)
    expect(value.note.length).toBeLessThanOrEqual(10)
    expect(value.confidence).toBe(0)
  })

  it('streams the same text that it returns whole, with usage at the end when asked', async () => {
    const material = '- A commit writes the journal first. [a.md:1]\n- The journal is deleted at commit. [a.md:2]'
    const messages: Message[] = [{ role: 'user', content: `# How does a commit use the journal?\n\n${material}` }]
    const whole = await send(messages)
    const stream = await client.chat.completions.create({
      model: responder.model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe(whole.choices[0]?.message.content)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
    expect(chunks.length).toBeGreaterThan(4)
    expect(whole.usage?.total_tokens).toBe((whole.usage?.prompt_tokens ?? 0) + (whole.usage?.completion_tokens ?? 0))
  })

  it('streams tool calls which the client puts together', async () => {
    const messages: Message[] = [{ role: 'user', content: 'power failure' }]
    const final = await client.chat.completions
      .stream({ model: responder.model, messages, tools })
      .finalChatCompletion()
    expect(final.choices[0]?.finish_reason).toBe('tool_calls')
    const call = final.choices[0]?.message.tool_calls?.[0]
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({ query: 'power failure' })
  })

  it('gives the same answer to the same request', async () => {
    const first = await research('hot journal')
    expect(await research('hot journal')).toEqual(first)
  })

  it('does not call tools when told not to, and stops at the token limit', async () => {
    const messages: Message[] = [{ role: 'user', content: 'power failure' }]
    const completion = await send(messages, { tools, tool_choice: 'none', max_completion_tokens: 3 })
    expect(completion.choices[0]?.finish_reason).toBe('length')
    expect(completion.usage?.completion_tokens).toBe(3)
  })

  it('lists its model', async () => {
    expect((await client.models.list()).data.map(model => model.id)).toEqual([responder.model])
  })

  it('answers malformed requests with the error that the client maps to its classes', async () => {
    await expect(send([])).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    await expect(send([{ role: 'wizard', content: 'x' } as unknown as Message])).rejects.toMatchObject({
      status: 400,
      param: 'messages[0].role',
    })
    await expect(send([{ role: 'tool', tool_call_id: 'none', content: 'x' }])).rejects.toMatchObject({ status: 400 })
    await expect(
      client.chat.completions.create({ model: 'other', messages: [{ role: 'user', content: 'x' }] }),
    ).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    })
    const broken = await fetch(`${responder.baseURL}/chat/completions`, { method: 'POST', body: '{' })
    expect(broken.status).toBe(400)
    expect(await broken.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
    expect((await fetch(`${responder.baseURL}/embeddings`, { method: 'POST', body: '{}' })).status).toBe(404)
    expect((await fetch(`${responder.baseURL}/chat/completions`)).status).toBe(405)
  })

  it('closes more than once without complaint and then refuses connections', async () => {
    const other = await startResponder()
    await Promise.all([other.close(), other.close()])
    await expect(fetch(`${other.baseURL}/models`)).rejects.toThrow(/fetch failed/)
  })
})
