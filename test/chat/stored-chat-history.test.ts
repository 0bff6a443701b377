import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Agent, tool } from '../../src/agents/index.js'
import {
  ChatMessage,
  ChatMessageRoles,
  ChatRuntime,
  OrchestrationRuntimeConfiguration,
  SingletonRuntimeConfiguration,
  StoredChatHistory,
} from '../../src/chat/index.js'
import { MemoryJournalStore, SqliteJournalStore } from '../../src/durability/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { machine, step } from '../core/machines.js'

const program = fileURLToPath(new URL('chat-process.ts', import.meta.url))
const run = promisify(execFile)

const user = (content: string) => new ChatMessage('user', content)
const assistant = (content: string) => new ChatMessage('assistant', content)

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chats-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('a chat history on a store', () => {
  it('keeps every role and every property of messages (S4-27)', async () => {
    const store = new MemoryJournalStore()
    const said = [
      new ChatMessage(ChatMessageRoles.System, 'You are terse.'),
      new ChatMessage(ChatMessageRoles.User, 'Weather in "Köln" 🌧 \u2028?'),
      new ChatMessage(ChatMessageRoles.Assistant, '', {
        toolCalls: [{ id: 'c1', name: 'weather', arguments: '{"__proto__":{"a":1}}' }],
      }),
      new ChatMessage(ChatMessageRoles.Tool, '', { toolCallId: 'c1' }),
      { role: 'assistant', content: 'Rain.' } as const,
    ]
    await new StoredChatHistory(store).append('chat', said)
    const loaded = await new StoredChatHistory(store.reopen()).load('chat')
    expect(loaded).toStrictEqual(said)
    expect(loaded[1]).toBeInstanceOf(ChatMessage)
  })

  it('does not know chats that nobody had, and keeps chats apart whose ids begin alike', async () => {
    const history = new StoredChatHistory(new MemoryJournalStore())
    await history.append('a', [user('to a')])
    await history.append('ab', [user('to ab')])
    expect([await history.load('a'), await history.load('ab'), await history.load('b')]).toEqual([
      [user('to a')],
      [user('to ab')],
      [],
    ])
  })

  it('keeps all messages of an append or none', async () => {
    const history = new StoredChatHistory(new MemoryJournalStore())
    const bad = Object.assign(user('no'), { then: () => undefined })
    await expect(history.append('a', [user('yes'), bad])).rejects.toMatchObject({ code: 'PAYLOAD_NOT_SERIALIZABLE' })
    expect(await history.load('a')).toEqual([])
  })

  it('loses nothing of what many append at once, and keeps each append together, in the order of each', async () => {
    const store = new MemoryJournalStore()
    const writers = ['a', 'b', 'c'].map(async mark => {
      const history = new StoredChatHistory(store.reopen())
      for (let turn = 0; turn < 10; turn++)
        await history.append('chat', [user(`${mark}${turn}`), assistant(`${mark}${turn}`)])
    })
    await Promise.all(writers)
    const said = (await new StoredChatHistory(store).load('chat')).map(message => message.content)
    expect(said).toHaveLength(60)
    for (let index = 0; index < said.length; index += 2) expect(said[index + 1]).toBe(said[index])
    for (const mark of ['a', 'b', 'c']) {
      const own = said.filter((content, index) => index % 2 === 0 && content.startsWith(mark))
      expect(own).toEqual(Array.from({ length: 10 }, (_, turn) => `${mark}${turn}`))
    }
  })

  it('clears for good, in every process, and can be begun again', async () => {
    const store = new MemoryJournalStore()
    const [first, second] = [new StoredChatHistory(store.reopen()), new StoredChatHistory(store.reopen())]
    await first.append('a', [user('one')])
    await first.append('a', [user('two')])
    await first.append('b', [user('other')])
    await second.clear('a')
    await second.clear('a')
    expect(await first.load('a')).toEqual([])
    expect([await store.documents('chats/a'), (await store.documents('chats')).map(({ id }) => id)]).toEqual([
      [],
      ['b'],
    ])
    await first.append('a', [user('anew')])
    expect(await second.load('a')).toEqual([user('anew')])
  })

  it.each([[''], ['../b'], ['a/b'], ['a\\b'], ['..'], ['a\u0000'], ['x'.repeat(201)]])(
    'refuses %j as the id of a chat',
    async chatId => {
      const history = new StoredChatHistory(new MemoryJournalStore())
      const refusal = { code: 'NAME_INVALID' }
      await expect(history.load(chatId)).rejects.toMatchObject(refusal)
      await expect(history.append(chatId, [user('x')])).rejects.toMatchObject(refusal)
      await expect(history.clear(chatId)).rejects.toMatchObject(refusal)
    },
  )

  it.each([
    ['no JSON', '[{'],
    ['no list', '{"role":"user","content":"x"}'],
    ['an unknown role', '[{"role":"root","content":"x"}]'],
    ['a forged tag', '[{"$":"Function","v":{"role":"user","content":"x"}}]'],
    ['a polluting key', '[{"$":"ChatMessage","v":{"role":"user","content":"x","__proto__":{"polluted":true}}}]'],
  ])('refuses what is stored if it is %s, and can forget it', async (_, data) => {
    const store = new MemoryJournalStore()
    const history = new StoredChatHistory(store)
    await history.append('a', [user('x')])
    await store.write([{ collection: 'chats/a', id: '000000000001', data }])
    await expect(history.load('a')).rejects.toMatchObject({
      code: 'PAYLOAD_NOT_SERIALIZABLE',
      details: { chatId: 'a' },
    })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    await history.clear('a')
    expect(await history.load('a')).toEqual([])
  })

  it('serves two processes that append at once, on sqlite, and a third that comes after them', async () => {
    const path = join(directory, 'chats.db')
    const turns = 40
    const append = (mark: string) =>
      run(process.execPath, ['--import', 'tsx', program, path, 'chat', mark, String(turns)])
    await Promise.all([append('a'), append('b')])
    const store = new SqliteJournalStore(path)
    const said = (await new StoredChatHistory(store).load('chat')).map(message => message.content)
    await store.close()
    expect(said).toHaveLength(4 * turns)
    for (let index = 0; index < said.length; index += 2) {
      expect(said[index + 1]).toBe(said[index]?.replace('asks', 'hears'))
    }
    expect(new Set(said).size).toBe(said.length)
  })

  it('carries a chat with an agent over a restart, tool calls included (S4-27)', async () => {
    const path = join(directory, 'chats.db')
    const weather = tool({ name: 'weather', description: 'What it is like outside', execute: () => 'rain' })
    const turn = async (text: string, ...replies: readonly ScriptedReply[]) => {
      const store = new SqliteJournalStore(path)
      const model = new ScriptedModel(replies)
      const agent = new Agent({ client: model, model: 'test', instructions: 'Be brief.', tools: [weather] })
      const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent), {
        id: 'user-1',
        history: new StoredChatHistory(store),
      })
      await runtime.invoke(text)
      const messages = await runtime.messages
      await store.close()
      return { model, messages }
    }
    await turn('How is it outside?', { toolCalls: [{ name: 'weather', arguments: {} }] }, 'Rain.')
    const { messages, model } = await turn('And now?', 'Still rain.')
    expect(messages.map(message => message.role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
      'assistant',
    ])
    expect(messages[2]).toMatchObject({ content: 'rain', toolCallId: messages[1]?.toolCalls?.[0]?.id })
    expect(model.requests[0]?.messages.map(message => message.role)).toContain('tool')
  })

  it('gives orchestrations what was said before the restart (S4-26)', async () => {
    const store = new MemoryJournalStore()
    const configuration = new OrchestrationRuntimeConfiguration(
      machine<string, string>(step<string, string>('Echo', text => text)),
      { toInput: (message, history) => [...history.map(each => each.content), message.content].join(' | ') },
    )
    const chat = (history: StoredChatHistory) => new ChatRuntime(configuration, { id: 'c', history })
    await chat(new StoredChatHistory(store)).invoke('one')
    await store.close()
    const reply = await chat(new StoredChatHistory(store.reopen())).invoke('two')
    expect(reply.content).toBe('one | one | two')
  })

  it('empties the store when the runtime is cleared', async () => {
    const store = new MemoryJournalStore()
    const configuration = new OrchestrationRuntimeConfiguration(
      machine<string, string>(step<string, string>('Echo', text => text)),
    )
    const runtime = new ChatRuntime(configuration, { id: 'c', history: new StoredChatHistory(store) })
    await runtime.invoke('secret')
    await runtime.clear()
    expect(await store.documents('chats/c')).toEqual([])
  })
})
