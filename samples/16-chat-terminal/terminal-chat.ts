import { createInterface, type Interface } from 'node:readline'
import { type ChatRuntime, OrchestrationError } from 'advancer'

export interface TerminalOptions {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

const help = `/history            what was said so far
/clear              forget it
/approve [comment]  permit what is asked for
/reject [comment]   refuse it
/quit               leave (or the end of the input)
Ctrl-C              stop the answer that is coming, or leave`

/** A chat on a terminal, or on pipes: then without colours and prompts, a line at a time. */
export class TerminalChat {
  readonly #runtime: ChatRuntime
  readonly #output: NodeJS.WriteStream
  readonly #lines: Interface
  readonly #isTerminal: boolean
  #atLineStart = true

  constructor(runtime: ChatRuntime, { input, output }: TerminalOptions) {
    this.#runtime = runtime
    this.#output = output
    this.#isTerminal = input.isTTY === true && output.isTTY === true
    this.#lines = createInterface({ input, output, terminal: this.#isTerminal, prompt: '> ' })
  }

  /** Talks until it is told to leave. */
  async run(greeting: string): Promise<void> {
    this.#print(greeting)
    const runtime = this.#runtime
    runtime.on('runtime.approval.requested', ({ request }) => this.#print(`? ${request.message} /approve or /reject`))
    const lines = this.#lines[Symbol.asyncIterator]()
    this.#lines.on('SIGINT', () => {
      if (runtime.isBusy) runtime.cancel('stopped at the terminal')
      else this.#lines.close()
    })
    // Left by an earlier process: it goes on when it is answered.
    if ((await runtime.pending).length > 0) await this.#untilQuiet(() => this.#show(runtime.resume()))
    for (;;) {
      if (this.#isTerminal) this.#lines.prompt()
      const { done, value } = await lines.next()
      if (done === true || value.trim() === '/quit') break
      await this.#heed(value.trim())
    }
    this.#print('Bye.')
    this.#lines.close()
  }

  async #heed(line: string): Promise<void> {
    if (line === '') return
    const [command = '', comment = ''] = /^(\/\S+)\s*(.*)$/.exec(line)?.slice(1) ?? []
    try {
      switch (command) {
        case '':
          return await this.#untilQuiet(() => this.#answer(line))
        case '/help':
          return this.#print(help)
        case '/history':
          return await this.#history()
        case '/clear':
          await this.#runtime.clear({ whenBusy: 'rollback' })
          return this.#print('Forgotten.')
        case '/approve':
        case '/reject':
          return await this.#decide(command === '/approve', comment)
        default:
          return this.#print(`There is no ${command}.\n${help}`)
      }
    } catch (thrown) {
      this.#printError(thrown)
    }
  }

  /** Begins something, and waits until the chat is idle or waits for a person itself. */
  async #untilQuiet(begin: () => unknown): Promise<void> {
    const offs: (() => void)[] = []
    await new Promise<void>(resolve => {
      // Whatever comes with the event is printed first.
      const quiet = (): void => void setImmediate(resolve)
      offs.push(
        this.#runtime.on('runtime.approval.requested', quiet),
        this.#runtime.on('runtime.completed', quiet),
        this.#runtime.on('runtime.failed', quiet),
        this.#runtime.on('runtime.cancelled', quiet),
      )
      Promise.resolve(begin()).then(quiet, quiet)
    })
    for (const off of offs) off()
  }

  async #answer(text: string): Promise<void> {
    let streamed = false
    try {
      for await (const piece of this.#runtime.stream(text)) {
        if (piece.type === 'delta') {
          streamed = true
          this.#write(piece.text)
        } else if (!streamed) this.#write(piece.message.content)
      }
      this.#endLine()
    } catch (thrown) {
      this.#printError(thrown)
    }
  }

  async #show(reply: ReturnType<ChatRuntime['resume']>): Promise<void> {
    try {
      const message = await reply
      if (message !== undefined) this.#print(message.content)
    } catch (thrown) {
      this.#printError(thrown)
    }
  }

  async #history(): Promise<void> {
    const messages = await this.#runtime.messages
    if (messages.length === 0) this.#print('Nothing was said yet.')
    for (const { role, content, interrupted } of messages)
      this.#print(`${role}: ${content}${interrupted === true ? ' …' : ''}`)
  }

  async #decide(approved: boolean, comment: string): Promise<void> {
    const [request] = await this.#runtime.pending
    if (request === undefined) return this.#print('Nothing is asked for.')
    const decision = comment === '' ? {} : { comment }
    await this.#untilQuiet(async () => {
      if (approved) await this.#runtime.approve(request, decision)
      else await this.#runtime.reject(request, decision)
      await this.#runtime.resume()
    })
  }

  #write(text: string): void {
    this.#output.write(text)
    this.#atLineStart = text.endsWith('\n')
  }

  #endLine(): void {
    if (!this.#atLineStart) this.#write('\n')
  }

  #print(line: string): void {
    this.#endLine()
    this.#write(`${line}\n`)
  }

  #printError(thrown: unknown): void {
    const { message } = thrown as Error
    this.#print(OrchestrationError.isInstance(thrown) ? `${message} (${thrown.code})` : message)
  }
}
