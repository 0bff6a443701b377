import { IsString } from 'class-validator'
import { Description, JsonSchemaFragment } from '../../schema/index.js'
import { answerRequest } from '../answer-request.js'
import { parseAs } from '../request-body.js'
import { requireScope } from '../route-table.js'
import { runOf, type ServerContext } from '../server-context.js'
import type { McpTool } from './mcp-tool.js'
import { argumentsOf, objectOf } from './tool-schema.js'

/** What `signal_send` takes. */
class SignalSendArguments {
  @IsString() execution_id!: string

  @Description('The request_id of one of its pending_signals.')
  @IsString()
  request_id!: string

  @Description('What is sent: a text, an object, or whatever else it waits for.')
  @JsonSchemaFragment({})
  payload!: unknown
}

const text = { type: 'string' as const }

/** The tool that every server has for executions that wait for a message. */
export function signalTools(server: ServerContext): readonly McpTool[] {
  return [
    {
      name: 'signal_send',
      title: 'Send a message to an execution',
      description:
        'Sends what an execution waits for, one of its pending_signals: data from outside, not a decision of a person; that is approval_answer.',
      input: argumentsOf(SignalSendArguments),
      output: objectOf({ execution_id: text, request_id: text, node_id: text }, [
        'execution_id',
        'request_id',
        'node_id',
      ]),
      isReadOnly: false,
      run: async (args, { principal }) => {
        requireScope(principal, 'approve')
        const { execution_id: runId, request_id: requestId, payload } = await parseAs(args, SignalSendArguments)
        const record = await runOf(server, principal, runId)
        const request = await answerRequest(server, principal, record, requestId, { payload })
        return {
          structured: {
            execution_id: runId,
            request_id: request.requestId,
            node_id: server.kinds.nodeId(record, request.stateName) ?? request.stateName,
          },
        }
      },
    },
  ]
}
