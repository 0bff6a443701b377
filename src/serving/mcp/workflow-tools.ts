import { IsBoolean, IsNumber, IsOptional, IsString, MaxLength, Min } from 'class-validator'
import { Description, JsonSchemaFragment } from '../../schema/index.js'
import { parseAs } from '../request-body.js'
import { requireScope } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import { type Startable, startNamed } from '../startable.js'
import { outcomeAnswer, outcomeSchema, statusAnswer, statusSchema } from './execution-answer.js'
import type { McpTool } from './mcp-tool.js'
import { argumentsOf } from './tool-schema.js'
import { waitForRun } from './waiting-call.js'

/** What `workflow_execute` takes (S2-36). */
class WorkflowExecuteArguments {
  @Description('The id of the workflow, or the name of an orchestration.')
  @IsString()
  @MaxLength(200)
  workflow_id!: string

  @Description('What it is given.')
  @IsOptional()
  @JsonSchemaFragment({})
  input?: unknown

  @Description('What it may cost, in USD; that of its definition if it is left out.')
  @IsOptional()
  @IsNumber()
  @Min(0)
  max_budget?: number

  @Description('Whether to wait for the output; otherwise ask workflow_status.')
  @IsOptional()
  @IsBoolean()
  wait?: boolean
}

/** What `workflow_status` takes (S2-37). */
class WorkflowStatusArguments {
  @IsString() @MaxLength(500) execution_id!: string
}

/**
 * The tools that every server has for executions (S2-36, S2-37).
 * @param workflows what the description names
 */
export function workflowTools(server: ServerContext, workflows: readonly Startable[]): readonly McpTool[] {
  return [
    {
      name: 'workflow_execute',
      title: 'Execute a workflow',
      description: `Starts an execution of a workflow and returns its id.${listOf(workflows)}`,
      input: argumentsOf(WorkflowExecuteArguments),
      output: outcomeSchema(),
      isReadOnly: false,
      run: async (args, call) => {
        requireScope(call.principal, 'run')
        const {
          workflow_id: id,
          input,
          max_budget: maxBudget,
          wait = false,
        } = await parseAs(args, WorkflowExecuteArguments)
        const runId = await startNamed(server, call.principal, { id, input, maxBudget })
        if (!wait) return { structured: { execution_id: runId, status: 'running' } }
        await waitForRun(server, runId, call)
        return outcomeAnswer(server, call.principal, runId)
      },
    },
    {
      name: 'workflow_status',
      title: 'Status of an execution',
      description: 'What an execution is doing, what it waits for, and what has come of it.',
      input: argumentsOf(WorkflowStatusArguments),
      output: statusSchema,
      isReadOnly: true,
      run: async (args, { principal }) => {
        requireScope(principal, 'read')
        const { execution_id: id } = await parseAs(args, WorkflowStatusArguments)
        return statusAnswer(server, principal, id)
      },
    },
  ]
}

function listOf(workflows: readonly Startable[]): string {
  if (workflows.length === 0) return ''
  const lines = workflows.slice(0, 50).map(({ id, title, description }) => {
    const about = [title === id ? '' : title, description].filter(each => each !== '').join(': ')
    return `\n- ${id}${about === '' ? '' : ` (${about})`}`
  })
  return ` Workflows:${lines.join('')}${workflows.length > 50 ? '\n- and others' : ''}`
}
