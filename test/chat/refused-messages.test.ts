import { describe, expect, it } from 'vitest'
import { ChatMessage, InMemoryChatHistory, StoredChatHistory } from '../../src/chat/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { rejection } from '../core/machines.js'

const precious = new ChatMessage('user', 'precious')

describe.each([
  ['in memory', () => new InMemoryChatHistory()],
  ['on a store', () => new StoredChatHistory(new MemoryJournalStore())],
])('a chat history %s', (_where, make) => {
  it.each([
    ['no content', { role: 'user' }, 'messages[1].content'],
    ['content that is no text', { role: 'user', content: 5 }, 'messages[1].content'],
    ['no role', { content: 'x' }, 'messages[1].role'],
    ['a role that there is none of', { role: 'boss', content: 'x' }, 'messages[1].role'],
    ['parts that are no list', { role: 'user', content: 'x', parts: 'y' }, 'messages[1].parts'],
    ['null', null, 'messages[1]'],
    ['a text', 'x', 'messages[1]'],
    ['undefined', undefined, 'messages[1]'],
  ])('refuses what is no message, by index and field, and stores nothing: %s', async (_what, message, option) => {
    const history = make()
    await history.append('c', [precious])
    const error = await rejection(history.append('c', [precious, message as ChatMessage]))
    expect(error).toMatchObject({ code: 'OPTION_INVALID', details: { option } })
    expect(await history.load('c')).toEqual([precious])
    await history.append('c', [new ChatMessage('assistant', 'next')])
    expect(await history.load('c')).toHaveLength(2)
  })

  it.each([
    ['a text', 'x'],
    ['null', null],
    ['one message', precious],
  ])('refuses %s instead of a list', async (_what, messages) => {
    const error = await rejection(make().append('c', messages as unknown as ChatMessage[]))
    expect(error).toMatchObject({ code: 'OPTION_INVALID', details: { option: 'messages' } })
  })

  it('refuses a list with holes', async () => {
    const messages: ChatMessage[] = []
    messages[1] = precious
    expect(await rejection(make().append('c', messages))).toMatchObject({ details: { option: 'messages[0]' } })
  })
})
