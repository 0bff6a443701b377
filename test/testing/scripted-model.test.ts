import { describe, expect, it } from 'vitest'
import { type ModelRequest, textOf } from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

const asking = (content: string): ModelRequest => ({ model: 'scripted', messages: [{ role: 'user', content }] })

describe('a scripted model', () => {
  it('answers calls in the order of its script and records the requests', async () => {
    const model = new ScriptedModel(['one', { text: 'two' }])
    expect((await model.complete(asking('a'))).content).toBe('one')
    expect((await model.complete(asking('b'))).content).toBe('two')
    expect(model.requests.map(request => request.messages[0]?.content)).toEqual(['a', 'b'])
    model.assertDone()
  })

  it('fails on a call it has no reply for, and says what the call was about', async () => {
    const model = new ScriptedModel(['one'])
    await model.complete(asking('a'))
    await expect(model.complete(asking('and now?'))).rejects.toThrow(
      'The script has one reply, all used, but another call came, whose last message is user: "and now?"',
    )
  })

  it('complains about replies that nobody asked for', async () => {
    const model = new ScriptedModel(['one', 'two'])
    await model.complete(asking('a'))
    expect(() => model.assertDone()).toThrow('1 of 2 replies left')
  })

  it('calls tools, with ids of its own and arguments as JSON or as they are', async () => {
    const model = new ScriptedModel([
      {
        toolCalls: [
          { name: 'search', arguments: { query: 'x' } },
          { name: 'search', arguments: '{broken' },
        ],
      },
    ])
    const response = await model.complete(asking('a'))
    expect(response.finishReason).toBe('tool_calls')
    expect(response.toolCalls).toEqual([
      { id: 'call_1', name: 'search', arguments: '{"query":"x"}' },
      { id: 'call_2', name: 'search', arguments: '{broken' },
    ])
  })

  it('wraps a structured output that is no object as the schema asks', async () => {
    const output = {
      name: 'n',
      strict: true,
      schema: { type: 'object', properties: { value: { type: 'array' } } },
    } as const
    const model = new ScriptedModel([{ object: [1] }, { object: { value: [2] } }])
    expect((await model.complete({ ...asking('a'), output })).content).toBe('{"value":[1]}')
    expect((await model.complete({ ...asking('a'), output })).content).toBe('{"value":[2]}')
  })

  it('streams word by word, and the words add up to the text', async () => {
    const deltas: string[] = []
    const model = new ScriptedModel(['three small words'])
    const response = await model.complete(asking('a'), { onDelta: text => deltas.push(text) })
    expect(deltas).toEqual(['three ', 'small ', 'words'])
    expect(response.content).toBe('three small words')
  })

  it('reports usage: a token a word, or what the script says', async () => {
    const model = new ScriptedModel([
      'two words',
      { text: 'x', usage: { inputTokens: 5, outputTokens: 6, totalTokens: 11 } },
    ])
    expect((await model.complete(asking('a b c'))).usage).toEqual({ inputTokens: 3, outputTokens: 2, totalTokens: 5 })
    expect((await model.complete(asking('a'))).usage?.totalTokens).toBe(11)
  })

  it('fails with a scripted error, and asks a function for the reply', async () => {
    const model = new ScriptedModel([new Error('down'), request => `echo ${textOf(request.messages[0])}`])
    await expect(model.complete(asking('a'))).rejects.toThrow('down')
    expect((await model.complete(asking('b'))).content).toBe('echo b')
  })

  it('shows its reasoning before its text', async () => {
    const heard: string[] = []
    const hear = (text: string): void => void heard.push(text)
    const model = new ScriptedModel([{ text: 'Hi you', reasoning: 'Greet.' }])
    const response = await model.complete(asking('a'), { onDelta: hear, onReasoning: hear })
    expect(response.reasoning).toBe('Greet.')
    expect(heard).toEqual(['Greet.', 'Hi ', 'you'])
  })

  it('stops between words when the signal aborts', async () => {
    const controller = new AbortController()
    const deltas: string[] = []
    const model = new ScriptedModel(['one two three'])
    const onDelta = (text: string): void => {
      deltas.push(text)
      controller.abort(new Error('enough'))
    }
    await expect(model.complete(asking('a'), { signal: controller.signal, onDelta })).rejects.toThrow('enough')
    expect(deltas).toEqual(['one '])
  })
})
