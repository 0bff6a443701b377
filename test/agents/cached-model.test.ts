import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import {
  CachedModel,
  MemoryModelCache,
  type ModelCache,
  type ModelClient,
  type ModelRequest,
  type ModelResponse,
} from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

const hello: ModelRequest = { model: 'm', messages: [{ role: 'user', content: 'hello' }] }

describe('CachedModel', () => {
  it('asks the model once for equal requests, whatever the order of their keys', async () => {
    const model = new ScriptedModel(['Hi there, how are you?'])
    const cached = new CachedModel(model)
    const settings = { temperature: 0, seed: 1 }
    const first = await cached.complete({ ...hello, settings })
    const second = await cached.complete({
      settings: { seed: 1, temperature: 0 },
      messages: [{ content: 'hello', role: 'user' }],
      model: 'm',
    })
    expect(second.content).toBe(first.content)
    expect([cached.hits, cached.misses]).toEqual([1, 1])
    model.assertDone()
  })

  it.each([
    ['another model', { model: 'n' }],
    ['another message', { messages: [{ role: 'user', content: 'bye' }] }],
    ['other settings', { settings: { temperature: 1 } }],
    ['a tool choice', { toolChoice: 'none' }],
  ] as [string, Partial<ModelRequest>][])('asks again for %s', async (_what, change) => {
    const cached = new CachedModel(new ScriptedModel(['one', 'two']))
    await cached.complete(hello)
    expect((await cached.complete({ ...hello, ...change })).content).toBe('two')
  })

  it('counts nothing for what costs nothing: an answer from the cache has no usage', async () => {
    const cached = new CachedModel(new ScriptedModel(['Hi']))
    expect((await cached.complete(hello)).usage).toBeDefined()
    expect(await cached.complete(hello)).toEqual({ content: 'Hi', toolCalls: [], finishReason: 'stop', model: 'm' })
  })

  it('delivers text and reasoning in one piece', async () => {
    const answer: ModelResponse = {
      content: 'Hi there',
      reasoning: 'Greet.',
      toolCalls: [],
      finishReason: 'stop',
      model: 'm',
    }
    const cached = new CachedModel({ complete: async () => answer })
    await cached.complete(hello)
    const heard: string[] = []
    const hear = (text: string): void => void heard.push(text)
    await cached.complete(hello, { onDelta: hear, onReasoning: hear })
    expect(heard).toEqual(['Greet.', 'Hi there'])
  })

  it('keeps no refusals, no halves and no failures', async () => {
    const model = new ScriptedModel([
      { text: 'I must not', refusal: 'I must not' },
      { text: 'half', finishReason: 'length' },
      { text: '', finishReason: 'content_filter' },
      new Error('down'),
      'Hi',
    ])
    const cached = new CachedModel(model)
    for (let call = 0; call < 4; call++) await cached.complete(hello).catch(() => undefined)
    expect((await cached.complete(hello)).content).toBe('Hi')
    expect((await cached.complete(hello)).content).toBe('Hi')
    model.assertDone()
  })

  it('gives everybody an answer of their own', async () => {
    const cached = new CachedModel(new ScriptedModel([{ toolCalls: [{ name: 'search', id: 'a' }] }]))
    await cached.complete(hello)
    const spoilt = (await cached.complete(hello)) as unknown as { toolCalls: unknown[] }
    spoilt.toolCalls.pop()
    expect((await cached.complete(hello)).toolCalls).toHaveLength(1)
  })

  it('keeps answers where it is told to, under keys that show nothing of the conversation', async () => {
    const kept = new Map<string, string>()
    const cache: ModelCache = {
      get: async key => JSON.parse(kept.get(key) ?? 'null') ?? undefined,
      set: async (key, response) => void kept.set(key, JSON.stringify(response)),
    }
    await new CachedModel(new ScriptedModel(['Hi']), { cache }).complete(hello)
    const nobody: ModelClient = { complete: () => Promise.reject(new Error('unexpected')) }
    expect((await new CachedModel(nobody, { cache }).complete(hello)).content).toBe('Hi')
    expect([...kept.keys()]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
    const apart = new CachedModel(new ScriptedModel(['Hi again']), { cache, namespace: 'v2' })
    expect((await apart.complete(hello)).content).toBe('Hi again')
  })

  it('gives up at once when it is aborted while the cache is looked up', async () => {
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const cache: ModelCache = { get: () => new Promise(() => {}), set: () => {} }
    const call = new CachedModel(new ScriptedModel([]), { cache }).complete(hello, { signal: controller.signal })
    await turn()
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)
    await expect(new CachedModel(new ScriptedModel([])).complete(hello, { signal: controller.signal })).rejects.toBe(
      reason,
    )
  })

  it('forgets in memory what was not asked for the longest', async () => {
    const cache = new MemoryModelCache({ maxEntries: 2 })
    const answer: ModelResponse = { content: '', toolCalls: [], finishReason: 'stop', model: 'm' }
    cache.set('a', answer)
    cache.set('b', answer)
    cache.get('a')
    cache.set('c', answer)
    expect(['a', 'b', 'c'].filter(key => cache.get(key) !== undefined)).toEqual(['a', 'c'])
    expect(cache.size).toBe(2)
    cache.clear()
    expect(cache.size).toBe(0)
    expect(() => new MemoryModelCache({ maxEntries: 0 })).toThrow(/`maxEntries`/)
  })
})
