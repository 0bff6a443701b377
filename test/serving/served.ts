import { IsInt, IsOptional, IsString, Min } from 'class-validator'
import {
  ApprovalRunnable,
  Approved,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
  SignalRunnable,
} from '../../src/core/index.js'
import { type JournalStore, MemoryJournalStore } from '../../src/durability/index.js'
import { createHandler, type ServingHandler, type ServingOptions } from '../../src/serving/index.js'
import { pass, step } from '../core/machines.js'

/** Where the routes are (S2-18). */
export const base = '/api/v3/orchestration'

/** What {@link research} takes. */
export class Topic {
  @IsString() topic!: string
}

/** How often {@link counting} tells something. */
export class Count {
  @IsInt() @Min(0) count!: number
  /** How many characters each event has besides. */
  @IsOptional() @IsInt() size?: number
}

/** Two states with costs, then an approval, then one more. */
export function research(): Orchestration<Topic, unknown> {
  const search = step<Topic, string>('Search', ({ topic }, context) => {
    context.usage({ model: 'm', inputTokens: 10, outputTokens: 5, cost: 0.1 })
    return `about ${topic}`
  })
  const write = step<string, string>('Write', (found, context) => {
    context.usage({ model: 'm', inputTokens: 1, outputTokens: 1, cost: 0.2 })
    return `a text ${found}`
  })
  const review = new ApprovalRunnable<string>({ message: text => `Publish ${text}?` }).configure({ name: 'Review' })
  const publish = step<string, string>('Publish', text => `published: ${text}`)
  class Research extends Orchestration<Topic, unknown> {
    override initialRunnable = search.addAdvancer(
      write.addAdvancer(
        review.addAdvancer(
          (outcome: unknown) => outcome instanceof Approved,
          publish as never,
          (outcome: unknown) => (outcome as Approved<string>).subject,
        ) as never,
      ),
    )
  }
  return new Research().configure({ name: 'Research', input: Topic } as never)
}

/** Returns its input. */
export function echo(): Orchestration<unknown, unknown> {
  class Echo extends Orchestration<unknown, unknown> {
    override initialRunnable = pass('Say')
  }
  return new Echo()
}

/** Tells `count` events, a hundred at once. */
export function counting(): Orchestration<Count, number> {
  const tell = step<Count, number>('Tell', async ({ count, size = 0 }, context) => {
    const text = 'x'.repeat(size)
    for (let number = 0; number < count; number++) {
      context.emit({ type: 'custom', name: 'count', data: { number, text } })
      // A journal entry for each hundred of them.
      if (number % 100 === 99) await new Promise(resolve => setImmediate(resolve))
    }
    return count
  })
  class Counting extends Orchestration<Count, number> {
    override initialRunnable = tell
  }
  return new Counting().configure({ name: 'Counting', input: Count, output: Number } as never)
}

/** Waits for a message with a `Topic`. */
export function listening(): Orchestration<unknown, Topic> {
  class Listening extends Orchestration<unknown, Topic> {
    override initialRunnable = new SignalRunnable<unknown, Topic>({ signal: Topic }).configure({ name: 'Hear' })
  }
  return new Listening()
}

/** Fails with an error that has things in it that nobody outside should see. */
export function failing(): Orchestration<unknown, unknown> {
  class Failing extends Orchestration<unknown, unknown> {
    override initialRunnable = step('Break', () => {
      throw Object.assign(new Error('it broke'), { apiKey: 'sk-very-secret', cause: new Error('inner-secret') })
    })
  }
  return new Failing()
}

/** A state that stays at work until it is let go, between two that do not. */
export function gated(name = 'Gated') {
  let open = (): void => undefined
  let arrive = (): void => undefined
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  const reached = new Promise<void>(resolve => {
    arrive = resolve
  })
  class Hold extends OrchestrationRunnable<unknown, string> {
    async invoke(_input: unknown, { signal }: RunContext) {
      arrive()
      await Promise.race([gate, new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))])
      return 'held'
    }
  }
  class Gated extends Orchestration<unknown, unknown> {
    override initialRunnable = new Hold().configure({ name: 'Hold' }).addAdvancer(pass('After') as never)
  }
  return { orchestration: new Gated().configure({ name } as never), open, reached }
}

/** The tokens of {@link serve}. */
export const tokens = {
  all: 'token-of-ada-with-everything',
  read: 'token-of-bob-who-reads-only',
  run: 'token-of-cy-who-runs-things',
  other: 'token-of-eve-elsewhere-all',
} as const

/** One answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly body: any // any: tests look into whatever has come
  readonly text: string
  readonly headers: Headers
}

/** A handler with callers of two tenants, and how to call it. */
export async function serve(options: Partial<ServingOptions> = {}): Promise<Served> {
  const store: JournalStore = options.store ?? new MemoryJournalStore()
  const handler = await createHandler({
    store,
    orchestrations: [
      research(),
      { orchestration: echo(), description: 'Says it again.' },
      counting(),
      listening(),
      failing(),
    ],
    auth: {
      tokens: [
        { token: tokens.all, tenant: 'acme', name: 'Ada' },
        { token: tokens.read, tenant: 'acme', name: 'Bob', scopes: ['read'] },
        { token: tokens.run, tenant: 'acme', name: 'Cy', scopes: ['read', 'run'] },
        { token: tokens.other, tenant: 'other', name: 'Eve' },
      ],
    },
    logger: { warn: () => undefined },
    ...options,
  })
  return new Served(handler)
}

/** What {@link Served.call} may send besides. */
export interface CallOptions {
  readonly token?: string | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A handler as a client sees it. */
export class Served {
  constructor(readonly handler: ServingHandler) {}

  fetch(method: string, path: string, { token = tokens.all, body, headers = {} }: CallOptions = {}): Promise<Response> {
    const url = path.startsWith('/') ? path : `${base}/${path}`
    return this.handler.fetch(
      new Request(new URL(url, 'http://localhost:8787'), {
        method,
        headers: {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const response = await this.fetch(method, path, options)
    const text = await response.text()
    const type = response.headers.get('content-type') ?? ''
    return {
      status: response.status,
      body: type.includes('json') && text !== '' ? (JSON.parse(text) as unknown) : undefined,
      text,
      headers: response.headers,
    }
  }

  get(path: string, options: CallOptions = {}): Promise<Answer> {
    return this.call('GET', path, options)
  }

  post(path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
    return this.call('POST', path, { body, ...options })
  }

  /** Starts an orchestration and returns the id of its execution. */
  async execute(name: string, input?: unknown, options: CallOptions = {}): Promise<string> {
    const { status, body, text } = await this.post(`orchestrations/${name}/execute`, { input }, options)
    if (status !== 202) throw new Error(text)
    return (body as { execution_id: string }).execution_id
  }

  /** Does something as soon as an execution that is driven here has been told to pause. */
  whenPaused(id: string, action: () => void): void {
    const run = this.handler.server.host.driven(id) as { pause(): Promise<void> }
    const pause = run.pause.bind(run)
    run.pause = () => {
      const pausing = pause()
      action()
      return pausing
    }
  }

  /** Waits until an execution has ended, or waits for somebody. */
  async settled(id: string): Promise<Answer['body']> {
    const { host } = this.handler.server
    for (;;) {
      const { body } = await this.get(`executions/${id}`)
      if (body.status !== 'running') return body
      const run = host.driven(id)
      await new Promise<void>(resolve => {
        const stop = host.store.watch(id, () => {
          stop()
          resolve()
        })
        if (run === undefined || run.status !== 'running') resolve()
        run?.result.then(
          () => resolve(),
          () => resolve(),
        )
      })
    }
  }
}
