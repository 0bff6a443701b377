import type { RouteContext } from '../app.js'
import type { Principal } from '../principal.js'
import type { RouteTable } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import { ApiError, openAiPath } from './api-error.js'
import { progressSuffix } from './asked.js'
import { chatCompletion } from './chat-completions.js'
import { Desk } from './desk.js'
import { ModelCatalogue, modelBody } from './model-catalogue.js'
import { modelsInCode } from './models-in-code.js'
import * as schemas from './openai-schemas.js'
import { createResponse } from './responses.js'
import { StoredResponses } from './stored-responses.js'
import { workflowModels } from './workflow-models.js'

const tag = 'OpenAI'

/**
 * The part of OpenAI's API by which its clients, and chat user interfaces, talk to what is served: orchestrations and chats by their
 * names, workflows as `workflow/<id>`. Everything that goes wrong below `/v1` is told in the shape of that API.
 * @throws OPTION_INVALID if two of them have one name
 */
export function addOpenAIRoutes(table: RouteTable, server: ServerContext): void {
  const models = new ModelCatalogue([modelsInCode(server), workflowModels(server)])
  const desk = new Desk(server)
  const stored = new StoredResponses(server.host.store)
  table.add(
    {
      method: 'GET',
      path: `${openAiPath}/models`,
      access: 'read',
      operation: 'list_models',
      summary: 'What can be talked to.',
      tag,
      answers: { 200: { description: 'All of it.', body: schemas.models } },
      handle: async (context, principal) => {
        const data = (await models.list(principal)).map(modelBody)
        return context.json({ object: 'list', data })
      },
    },
    {
      method: 'GET',
      path: `${openAiPath}/models/{model}`,
      access: 'read',
      operation: 'get_model',
      summary: 'One of the models.',
      tag,
      answers: { 200: { description: 'The model.', body: schemas.model } },
      handle: async (context, principal) => {
        const id = context.req.param('model') ?? ''
        const name = id.endsWith(progressSuffix) ? id.slice(0, -progressSuffix.length) : id
        return context.json({ ...modelBody(await models.find(principal, name)), id })
      },
    },
    {
      method: 'POST',
      path: `${openAiPath}/chat/completions`,
      access: 'run',
      operation: 'create_chat_completion',
      summary: 'Answers the last message of a conversation.',
      description:
        'An orchestration or workflow answers with a run, whose id is in the header x-execution-id; a chat with its reply. A run that ' +
        'waits for a person answers with a question, and goes on with the next message of the conversation.',
      tag,
      body: schemas.chatCompletionRequest,
      answers: {
        200: {
          description: 'The answer; with stream: true, its chunks.',
          body: schemas.chatCompletion,
          mediaTypes: ['application/json', 'text/event-stream'],
        },
      },
      handle: (context, principal) => chatCompletion(server, models, desk, context, principal),
    },
    {
      method: 'POST',
      path: `${openAiPath}/responses`,
      access: 'run',
      operation: 'create_response',
      summary: 'Answers an input, alone or as the next one after another response.',
      tag,
      body: schemas.responseRequest,
      answers: {
        200: {
          description: 'The response; with stream: true, its events.',
          body: schemas.response,
          mediaTypes: ['application/json', 'text/event-stream'],
        },
      },
      handle: (context, principal) => createResponse(server, models, desk, stored, context, principal),
    },
    {
      method: 'GET',
      path: `${openAiPath}/responses/{response_id}`,
      access: 'read',
      operation: 'get_response',
      summary: 'A response that was kept.',
      tag,
      answers: { 200: { description: 'The response.', body: schemas.response } },
      handle: async (context, principal) => {
        const id = responseId(context)
        const kept = await stored.find(id, principal.tenant)
        if (kept === undefined) throw unknownResponse(id)
        return context.json(kept.response as Record<string, never>)
      },
    },
    {
      method: 'DELETE',
      path: `${openAiPath}/responses/{response_id}`,
      access: 'run',
      operation: 'delete_response',
      summary: 'Forgets a response.',
      tag,
      answers: { 200: { description: 'It is forgotten.', body: schemas.deletedResponse } },
      handle: (context, principal) => forget(stored, context, principal),
    },
  )
}

async function forget(stored: StoredResponses, context: RouteContext, { tenant }: Principal): Promise<Response> {
  const id = responseId(context)
  if (!(await stored.forget(id, tenant))) throw unknownResponse(id)
  return context.json({ id, object: 'response', deleted: true })
}

function responseId({ req }: RouteContext): string {
  return req.param('response_id') ?? ''
}

function unknownResponse(id: string): ApiError {
  return new ApiError(404, {
    message: `There is no response "${id}".`,
    param: 'response_id',
    code: 'response_not_found',
  })
}
