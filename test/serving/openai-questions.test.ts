import OpenAI, { type APIError } from 'openai'
import { describe, expect, it, vi } from 'vitest'
import { ChatRuntime, OrchestrationRuntimeConfiguration } from '../../src/chat/index.js'
import { ApprovalRunnable, Orchestration, SubOrchestrationRunnable } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { careful, press, serveOpenAI, untilRun } from './openai-server.js'
import { gated, tokens } from './served.js'

type Messages = OpenAI.ChatCompletionMessageParam[]

/** A conversation as a chat user interface has it: it resends messages, and nothing else. */
class Conversation {
  readonly messages: Messages = []

  constructor(
    readonly client: OpenAI,
    readonly model: string,
    readonly stream = false,
  ) {}

  async say(content: string): Promise<string> {
    const { model, client } = this
    const messages: Messages = [...this.messages, { role: 'user', content }]
    const answer = this.stream
      ? (await client.chat.completions.stream({ model, messages }).finalMessage()).content
      : (await client.chat.completions.create({ model, messages })).choices[0]?.message.content
    this.messages.push({ role: 'user', content }, { role: 'assistant', content: answer ?? '' })
    return answer ?? ''
  }
}

describe('what waits for a person, in a conversation', () => {
  it.each([false, true])('is asked as a message and goes on with the decision, streaming: %s', async stream => {
    const { client, handler } = await serveOpenAI()
    const talk = new Conversation(client, 'Press', stream)
    const question = await talk.say('cats')
    expect(question).toMatch(/^Publish "A text on cats"\?\n\nA text on cats\n\nAnswer with `approve` or `reject`/)
    const [, id = ''] = /\[execution (\S+) request \S+ at \d+ seal \S+\]$/.exec(question) ?? []
    expect((await handler.server.host.store.get(id))?.status).toBe('running')
    expect(await talk.say(' Approve ')).toBe('Published: A text on cats')
    expect((await handler.server.host.store.get(id))?.status).toBe('completed')
    // What follows is a new message, not an answer.
    expect(await talk.say('dogs')).toMatch(/^Publish "A text on dogs"\?/)
    expect(await talk.say('reject: too long')).toBe('Dropped by Ada: too long')
  })

  it('has the ids of the run and of the request in its metadata, and counts usage once', async () => {
    const { client } = await serveOpenAI()
    const messages: Messages = [{ role: 'user', content: 'cats' }]
    const asked = await client.chat.completions.create({ model: 'Press', messages })
    expect(asked.choices[0]?.finish_reason).toBe('stop')
    const { metadata } = asked as unknown as { metadata: { execution_id: string; request_id: string } }
    expect(metadata).toEqual({ execution_id: expect.any(String), request_id: expect.any(String) })
    expect(asked.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2 })
    messages.push(
      { role: 'assistant', content: asked.choices[0]?.message.content ?? '' },
      { role: 'user', content: 'approve' },
    )
    const done = await client.chat.completions.create({ model: 'Press', messages })
    expect((done as unknown as { metadata: object }).metadata).toEqual({ execution_id: metadata.execution_id })
    expect(done.usage).toMatchObject({ prompt_tokens: 0, completion_tokens: 0 })
  })

  it('takes a decision as JSON too, and gives up with cancel', async () => {
    const { client, handler } = await serveOpenAI()
    const talk = new Conversation(client, 'Press')
    await talk.say('cats')
    expect(await talk.say('{"approved": false, "reason": "dull", "data": {"score": 1}}')).toBe('Dropped by Ada: dull')
    await talk.say('dogs')
    expect(await talk.say('cancel: not now')).toBe('Cancelled.')
    const { runs } = await handler.server.host.store.list({ status: ['cancelled'] })
    expect(runs).toHaveLength(1)
  })

  it('does not call cancelled what another server has only been asked to cancel', async () => {
    const { client, handler } = await serveOpenAI()
    const talk = new Conversation(client, 'Press')
    await talk.say('cats')
    // A server that is told, and does not react.
    vi.spyOn(handler.server.host, 'cancel').mockResolvedValue(false)
    expect(await talk.say('cancel')).toBe('It will be cancelled when its server has heard.')
  })

  it.each(['yes', 'I approve', 'approve it', 'approved', 'do not reject', '{"approved": "yes"}'])(
    'takes nothing but the documented words for a decision: %s',
    async words => {
      const { client, handler } = await serveOpenAI()
      const talk = new Conversation(client, 'Press')
      await talk.say('cats')
      expect(await talk.say(words)).toMatch(/^That is no answer to this question:\n\nPublish "A text on cats"\?/)
      expect((await handler.server.host.store.list()).runs).toHaveLength(1)
      expect(await talk.say('approve')).toBe('Published: A text on cats')
    },
  )

  it('is what is sent, where a run waits for a message', async () => {
    const { client } = await serveOpenAI()
    const talk = new Conversation(client, 'Listener')
    expect(await talk.say('x')).toMatch(/^"Hear" waits for a message\.\n\nx\n\nYour next message is what is sent/)
    const refused = await talk.say('{"city": "Oslo"}').catch((thrown: unknown) => thrown)
    expect(refused).toBeInstanceOf(OpenAI.UnprocessableEntityError)
    expect((refused as APIError).param).toBe('days')
    expect(await talk.say('{"city": "Oslo", "days": 1}')).toBe('Heard of Oslo')
  })

  it('is refused to a caller who may not decide, and goes on for one who may', async () => {
    const { client, clientOf } = await serveOpenAI()
    const talk = new Conversation(client, 'Press')
    await talk.say('cats')
    const guest = new Conversation(clientOf(tokens.run), 'Press')
    guest.messages.push(...talk.messages)
    await expect(guest.say('approve')).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError)
    expect(await talk.say('approve')).toBe('Published: A text on cats')
  })

  it('cannot be answered by another tenant, for another model, or under a line that this server has not written', async () => {
    const { client, clientOf } = await serveOpenAI()
    const talk = new Conversation(client, 'Press')
    const question = await talk.say('cats')
    const attempts = [
      new Conversation(clientOf(tokens.other), 'Press'),
      new Conversation(client, 'Recall'),
      new Conversation(client, 'parrot'),
      new Conversation(client, 'Press'),
    ]
    attempts.forEach((attempt, index) => {
      const content = index === 3 ? question.replace(/ at (\d+) /, ' at 1 ') : question
      attempt.messages.push({ role: 'assistant', content })
    })
    for (const attempt of attempts) {
      const refused = await attempt.say('approve').catch((thrown: unknown) => thrown)
      expect(refused).toBeInstanceOf(OpenAI.BadRequestError)
      expect((refused as APIError).code).toBe('question_unknown')
    }
    expect(await talk.say('approve')).toBe('Published: A text on cats')
  })

  it('says so if it was answered elsewhere by now, and takes any other message as a new one', async () => {
    const { client, handler } = await serveOpenAI()
    const talk = new Conversation(client, 'Press')
    const question = await talk.say('cats')
    const [, id = '', request = ''] = /\[execution (\S+) request (\S+) /.exec(question) ?? []
    const journal = await handler.server.host.journalOf(id)
    await journal.approve(id, decodeURIComponent(request))
    await untilRun(handler, id, 'completed')
    const late = await talk.say('reject').catch((thrown: unknown) => thrown)
    expect(late).toBeInstanceOf(OpenAI.ConflictError)
    expect((late as APIError).code).toBe('request_not_open')
    expect(await talk.say('dogs')).toMatch(/^Publish "A text on dogs"\?/)
  })

  it('is answered after a restart of the server, on its store', async () => {
    const store = new MemoryJournalStore()
    const before = await serveOpenAI({ store, orchestrations: [press()] })
    const talk = new Conversation(before.client, 'Press')
    await talk.say('cats')
    await before.listening.close()
    const after = await serveOpenAI({ store, orchestrations: [press()] })
    await after.handler.recover()
    const again = new Conversation(after.client, 'Press')
    again.messages.push(...talk.messages)
    expect(await again.say('approve')).toBe('Published: A text on cats')
  })

  it('is answered through another server of the store, while the first one drives the run', async () => {
    const store = new MemoryJournalStore()
    const first = await serveOpenAI({ store })
    const second = await serveOpenAI({ store })
    const talk = new Conversation(first.client, 'Press')
    await talk.say('cats')
    const elsewhere = new Conversation(second.client, 'Press', true)
    elsewhere.messages.push(...talk.messages)
    expect(await elsewhere.say('approve: fine')).toBe('Published: A text on cats')
  })

  it.each([false, true])('lets a chat ask before a tool is called, and go on, streaming: %s', async stream => {
    const { client, clientOf, deleted, handler } = await serveOpenAI()
    const talk = new Conversation(client, 'careful', stream)
    const question = await talk.say('delete it')
    expect(question).toContain('May agent "Careful" call tool "delete_file"')
    expect(question.startsWith('One moment.')).toBe(stream)
    expect(deleted).toEqual([])
    const eve = new Conversation(clientOf(tokens.other), 'careful')
    eve.messages.push(...talk.messages)
    await expect(eve.say('approve')).rejects.toMatchObject({ code: 'question_unknown' })
    expect(await talk.say('perhaps')).toMatch(/^That is no answer to this question/)
    expect(await talk.say('approve')).toBe('The tool said: gone')
    expect(deleted).toEqual(['a.txt'])
    expect(handler.server.streams.open).toBe(0)
    talk.messages.splice(2)
    await expect(talk.say('approve')).rejects.toMatchObject({ code: 'request_not_open' })
  })

  it('gives a chat up that is told to cancel', async () => {
    const { client, handler, deleted } = await serveOpenAI()
    const talk = new Conversation(client, 'careful')
    await talk.say('delete it')
    expect(handler.server.streams.open).toBe(1)
    expect(await talk.say('cancel')).toBe('Cancelled.')
    expect(handler.server.streams.open).toBe(0)
    expect(deleted).toEqual([])
  })

  describe.each([false, true])('in a chat whose turns are kept, streaming: %s', stream => {
    const pressed = (store: MemoryJournalStore) => ({
      store,
      chats: {
        editor: (_caller: unknown, id: string) =>
          new ChatRuntime(new OrchestrationRuntimeConfiguration(press(), { store }), { id }),
      },
    })

    it('is answered after a restart of the server', async () => {
      const store = new MemoryJournalStore()
      const before = await serveOpenAI(pressed(store))
      const talk = new Conversation(before.client, 'editor', stream)
      talk.messages.push({ role: 'user', content: 'Hi.' }, { role: 'assistant', content: 'Hello.' })
      expect(await talk.say('cats')).toMatch(/^Publish "A text on cats"\?/)
      await before.listening.close()
      const after = await serveOpenAI(pressed(store))
      await after.handler.recover()
      const again = new Conversation(after.client, 'editor', stream)
      again.messages.push(...talk.messages)
      expect(await again.say('hm')).toMatch(/^That is no answer to this question/)
      expect(await again.say('approve')).toBe('Published: A text on cats')
      again.messages.splice(-2)
      await expect(again.say('approve')).rejects.toMatchObject({ code: 'request_not_open' })
    })

    it('is answered through another server of the store, and takes no place in the first one meanwhile', async () => {
      const store = new MemoryJournalStore()
      const first = await serveOpenAI(pressed(store))
      const second = await serveOpenAI(pressed(store))
      const talk = new Conversation(first.client, 'editor', stream)
      await talk.say('cats')
      expect(first.handler.server.streams.open).toBe(0)
      const eve = new Conversation(second.clientOf(tokens.other), 'editor', stream)
      eve.messages.push(...talk.messages)
      await expect(eve.say('approve')).rejects.toMatchObject({ code: 'question_unknown' })
      const elsewhere = new Conversation(second.client, 'editor', stream)
      elsewhere.messages.push(...talk.messages)
      expect(await elsewhere.say('reject: dull')).toBe('Dropped by Ada: dull')
      expect(second.handler.server.streams.open).toBe(0)
      await expect(talk.say('approve')).rejects.toMatchObject({ code: 'request_not_open' })
    })

    it('is given up with cancel, for good', async () => {
      const store = new MemoryJournalStore()
      const { client } = await serveOpenAI(pressed(store))
      const talk = new Conversation(client, 'editor', stream)
      await talk.say('cats')
      expect(await talk.say('cancel')).toBe('Cancelled.')
      expect((await store.list()).runs.map(({ status }) => status)).toEqual(['cancelled'])
      expect(await store.documents('chat-turns')).toEqual([])
    })

    it('is cancelled, with its run, by a client that leaves after it has answered', async () => {
      const store = new MemoryJournalStore()
      const { orchestration, reached } = gated('Slow')
      class Asking extends Orchestration<string, unknown> {
        override initialRunnable = new ApprovalRunnable<string>({ message: () => 'Sure?' })
          .configure({ name: 'Review' })
          .addAdvancer(new SubOrchestrationRunnable(orchestration) as never)
      }
      const editor = (_caller: unknown, id: string) =>
        new ChatRuntime(new OrchestrationRuntimeConfiguration(new Asking(), { store }), { id })
      const { client, handler } = await serveOpenAI({ store, chats: { editor } })
      const talk = new Conversation(client, 'editor', stream)
      await talk.say('cats')
      const controller = new AbortController()
      const messages: Messages = [...talk.messages, { role: 'user', content: 'approve' }]
      const answer = client.chat.completions
        .create({ model: 'editor', messages, stream }, { signal: controller.signal })
        .then(async stream => {
          if (Symbol.asyncIterator in stream) for await (const _ of stream) continue
        })
      await reached
      controller.abort()
      await answer.catch(() => undefined)
      const [run] = (await store.list()).runs
      await untilRun(handler, run?.runId ?? '', 'cancelled')
      await vi.waitFor(async () => expect(await store.documents('chat-turns')).toEqual([]))
    })
  })

  it.each(['Press', 'editor', 'careful'])('is answered once where two answers come at once: %s', async model => {
    const store = new MemoryJournalStore()
    const editor = (_caller: unknown, id: string) =>
      new ChatRuntime(new OrchestrationRuntimeConfiguration(press(), { store }), { id })
    const { client } = await serveOpenAI({ store, chats: { editor, careful: () => careful([]) } })
    const talk = new Conversation(client, model)
    await talk.say('cats')
    const both = [new Conversation(client, model), new Conversation(client, model)]
    for (const each of both) each.messages.push(...talk.messages)
    const answers = await Promise.allSettled(both.map(each => each.say('approve')))
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const refused = answers.find(each => each.status === 'rejected')?.reason as APIError
    expect([refused.status, refused.code]).toEqual([409, 'request_not_open'])
  })
})
