import { expect, it } from 'vitest'
import { ChatMessage, ChatRuntime, type RuntimeConfiguration } from '../../src/chat/index.js'

/** Answers when it is told to; gives up some turns of the event loop after it was cancelled. */
function slow(): RuntimeConfiguration {
  return {
    invoke: async ({ content }, _onEvent, signal) => {
      if (content === 'slow') {
        await new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => setImmediate(() => reject(signal.reason as Error)))
        })
      }
      return new ChatMessage('assistant', `re: ${content}`)
    },
  }
}

it('a message sent right after cancel() is answered, and not refused because the cancelled one is still leaving', async () => {
  const chat = new ChatRuntime(slow())
  const cancelled = chat.invoke('slow')
  await new Promise(resolve => setImmediate(resolve))
  await expect(chat.invoke('too early')).rejects.toMatchObject({ code: 'CHAT_BUSY' })
  chat.cancel()
  const next = chat.invoke('next')
  await expect(cancelled).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
  expect((await next).content).toBe('re: next')
})

it('so is one that follows on a stream that was left', async () => {
  const chat = new ChatRuntime(slow())
  for await (const part of chat.stream('quick')) {
    expect(part).toBeDefined()
    break
  }
  expect((await chat.invoke('next')).content).toBe('re: next')
})
