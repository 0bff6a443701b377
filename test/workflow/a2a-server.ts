import { AgentCard, type Message, Role, type Task, TaskState } from '@a2a-js/sdk'
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  type ExecutionEventBus,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  type RequestContext,
  ServerCallContext,
} from '@a2a-js/sdk/server'
import { serve, type WebServer } from '../agents/web-server.js'

/** Answers a message with a text, or says that it needs more. */
export type Answering = (text: string, messageId: string) => string | { readonly asks: string }

const part = (value: string) => ({
  content: { $case: 'text' as const, value },
  metadata: undefined,
  filename: '',
  mediaType: 'text/plain',
})

const textIn = ({ parts }: Message): string =>
  parts.flatMap(({ content }) => (content?.$case === 'text' ? content.value : [])).join('')

class Executor implements AgentExecutor {
  readonly #answer: Answering

  constructor(answer: Answering) {
    this.#answer = answer
  }

  async execute({ taskId, contextId, userMessage }: RequestContext, bus: ExecutionEventBus): Promise<void> {
    const answer = this.#answer(textIn(userMessage), userMessage.messageId)
    const message: Message | undefined =
      typeof answer === 'string'
        ? undefined
        : {
            messageId: 'm',
            contextId,
            taskId,
            role: Role.ROLE_AGENT,
            parts: [part(answer.asks)],
            metadata: undefined,
            extensions: [],
            referenceTaskIds: [],
          }
    const state = typeof answer === 'string' ? TaskState.TASK_STATE_COMPLETED : TaskState.TASK_STATE_INPUT_REQUIRED
    const artifacts =
      typeof answer === 'string'
        ? [{ artifactId: 'a', name: '', description: '', parts: [part(answer)], metadata: undefined, extensions: [] }]
        : []
    const task: Task = {
      id: taskId,
      contextId,
      status: { state, message, timestamp: undefined },
      artifacts,
      history: [],
      metadata: undefined,
    }
    bus.publish(AgentEvent.task(task))
    bus.finished()
  }

  async cancelTask(): Promise<void> {}
}

/** An agent of the official SDK on loopback, and the headers of the requests that it got. */
export async function a2aServer(answer: Answering): Promise<WebServer & { readonly keys: (string | null)[] }> {
  const made: { card?: AgentCard; handler?: JsonRpcTransportHandler } = {}
  const keys: (string | null)[] = []
  const server = await serve(async request => {
    keys.push(request.headers.get('x-api-key'))
    if (request.method === 'GET') return Response.json(AgentCard.toJSON(made.card as AgentCard))
    const version = request.headers.get('a2a-version') ?? '1.0'
    const body = (await request.json()) as Record<string, unknown>
    const answered = await (made.handler as JsonRpcTransportHandler).handle(
      body,
      new ServerCallContext({ requestedVersion: version }),
    )
    return Response.json(answered)
  })
  made.card = AgentCard.fromJSON({
    name: 'Searcher',
    description: 'Searches',
    version: '1.0.0',
    supportedInterfaces: [{ url: server.url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming: false },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [],
  })
  made.handler = new JsonRpcTransportHandler(
    new DefaultRequestHandler(made.card, new InMemoryTaskStore(), new Executor(answer)),
  )
  return { ...server, keys }
}
