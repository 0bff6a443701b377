import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chatCompletion, chatCompletionChunks } from './completion-body.js'
import { complete, modelName } from './extractive-model.js'
import { checkChatRequest } from './request-check.js'
import { RequestError } from './wire.js'

/** A running responder. */
export interface Responder {
  /** What an OpenAI client takes as `baseURL`; any API key is accepted. */
  readonly baseURL: string
  /** The model to ask for. */
  readonly model: string
  /** Ends open connections and stops listening; a second call does nothing. */
  close(): Promise<void>
}

const largestBody = 4 * 1024 * 1024

/**
 * Starts an OpenAI-compatible server on a free port of the loopback interface. It answers `GET /v1/models` and
 * `POST /v1/chat/completions` (streamed or not, with tools and with JSON schemas) from the messages it is sent, without
 * any other model behind it.
 */
export async function startResponder(): Promise<Responder> {
  const server = createServer((request, response) => {
    respond(request, response).catch(error => sendError(response, error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    model: modelName,
    close: () => {
      closing ??= new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      return closing
    },
  }
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0]
  const model = { id: modelName, object: 'model', created: 0, owned_by: 'responder' }
  if (path === '/v1/models') {
    requireMethod(request, 'GET')
    return sendJson(response, 200, { object: 'list', data: [model] })
  }
  if (path === `/v1/models/${modelName}`) {
    requireMethod(request, 'GET')
    return sendJson(response, 200, model)
  }
  if (path !== '/v1/chat/completions') {
    throw new RequestError(404, `Unknown request URL: ${request.method} ${path}.`, null, 'unknown_url')
  }
  requireMethod(request, 'POST')
  const chat = checkChatRequest(await readJson(request))
  if (chat.model !== modelName) {
    throw new RequestError(
      404,
      `The model '${chat.model}' does not exist; use '${modelName}'.`,
      'model',
      'model_not_found',
    )
  }
  const completion = complete(chat)
  if (chat.stream !== true) return sendJson(response, 200, chatCompletion(chat, completion))
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  for (const chunk of chatCompletionChunks(chat, completion)) {
    if (response.destroyed) return
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  response.end('data: [DONE]\n\n')
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > largestBody) throw new RequestError(413, `The body is larger than ${largestBody / 1024 / 1024} MB.`)
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    throw new RequestError(400, 'We could not parse the JSON body of your request.')
  }
}

function requireMethod(request: IncomingMessage, method: string): void {
  if (request.method !== method) throw new RequestError(405, `Not allowed to ${request.method} here; use ${method}.`)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
  } else if (error instanceof RequestError) {
    sendJson(response, error.status, error)
  } else {
    const message = error instanceof Error ? error.message : String(error)
    sendJson(response, 500, { error: { message, type: 'server_error', param: null, code: null } })
  }
}
