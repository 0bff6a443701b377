import { Type } from 'class-transformer'
import { IsIn, IsInt, IsISO8601, IsNumber, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator'
import { Description, JsonSchemaFragment } from '../../schema/index.js'
import { type ExecutionStatus, executionStatuses } from './execution-status.js'

/** Where a fork comes from. */
export class ParentBody {
  @IsString() execution_id!: string

  @Description('The last entry that both have in common.')
  @IsInt()
  seq!: number
}

/** Something that an execution waits for from outside. */
export class RequestBody {
  @IsString() request_id!: string
  @IsString() execution_id!: string

  @Description('approval: answer with approved; signal: answer with payload.')
  @IsIn(['approval', 'signal'])
  kind!: 'approval' | 'signal'

  @Description('The node, or the state, that waits.')
  @IsString()
  node_id!: string

  @IsOptional() @IsString() workflow_id?: string
  @IsString() orchestration!: string

  @Description('What a person is asked; empty for a signal.')
  @IsString()
  message!: string

  @Description('What the node was given: of an approval, the subject.')
  @JsonSchemaFragment({})
  input!: unknown

  @IsISO8601() requested_at!: string

  @Description('When it stops waiting; missing if never.')
  @IsOptional()
  @IsISO8601()
  expires_at?: string
}

/** Why an execution has failed. */
export class ErrorBody {
  @IsString() name!: string
  @IsString() message!: string
  @IsOptional() @IsString() code?: string
  @IsOptional() retryable?: boolean
}

/** An execution in a list. */
export class ExecutionSummaryBody {
  @IsString() execution_id!: string
  @IsIn(executionStatuses) status!: ExecutionStatus
  @IsString() orchestration!: string
  @IsOptional() @IsString() workflow_id?: string
  @IsOptional() @IsInt() workflow_version?: number

  @Description('The nodes, or states, that it is at, each once.')
  @IsString({ each: true })
  current_nodes!: string[]

  @Description('What it was forked from.')
  @IsOptional()
  @Type(() => ParentBody)
  @ValidateNested()
  parent?: ParentBody

  @IsISO8601() created_at!: string
  @IsISO8601() updated_at!: string

  @Description('The last entry of its journal.')
  @IsInt()
  seq!: number
}

/** An execution (S2-25). */
export class ExecutionBody extends ExecutionSummaryBody {
  @JsonSchemaFragment({}) input!: unknown

  @Description('Once it has completed.')
  @IsOptional()
  @JsonSchemaFragment({})
  output?: unknown

  @Description('Once it has failed.')
  @IsOptional()
  @Type(() => ErrorBody)
  @ValidateNested()
  error?: ErrorBody

  @Description('Why it was cancelled, once it is.')
  @IsOptional()
  @IsString()
  reason?: string

  @Description('As far as it is known.')
  @IsNumber()
  total_cost_usd!: number

  @IsOptional() @IsNumber() max_budget?: number

  @Type(() => RequestBody)
  @ValidateNested({ each: true })
  pending_approvals!: RequestBody[]
}

/** Some of the executions, the youngest first. */
export class ExecutionsBody {
  @Type(() => ExecutionSummaryBody)
  @ValidateNested({ each: true })
  executions!: ExecutionSummaryBody[]

  @IsOptional() @IsString() next_cursor?: string
}

/** What has come of steering an execution. */
export class ExecutionStatusBody {
  @IsString() execution_id!: string
  @IsIn(executionStatuses) status!: ExecutionStatus

  @Description('What has been asked for and is still to come.')
  @IsOptional()
  @IsIn(['pause', 'cancel'])
  requested?: 'pause' | 'cancel'
}

/** Requests that are open, the oldest first. */
export class RequestsBody {
  @Type(() => RequestBody)
  @ValidateNested({ each: true })
  requests!: RequestBody[]

  @IsOptional() @IsString() next_cursor?: string
}

/** Approvals that are open, the oldest first. */
export class ApprovalsBody {
  @Type(() => RequestBody)
  @ValidateNested({ each: true })
  approvals!: RequestBody[]

  @IsOptional() @IsString() next_cursor?: string
}

/** The run as it was after an entry of its journal. */
export class RunStateBody {
  @IsString() execution_id!: string
  @IsInt() seq!: number
  @IsIn(executionStatuses) status!: ExecutionStatus
  @Description('How many states had been invoked.') @IsInt() steps!: number

  @Description('token, node_id, phase, input, output, waits_for of each branch.')
  @IsObject({ each: true })
  branches!: object[]

  @Description('The last output of each node that had one.') @IsObject() outputs!: object
  @IsObject() properties!: object
  @JsonSchemaFragment({}) results!: unknown
  @IsOptional() @JsonSchemaFragment({}) output?: unknown

  @Type(() => ErrorBody)
  @ValidateNested({ each: true })
  errors!: ErrorBody[]

  @IsNumber() total_cost_usd!: number
  @Description('Runs of sub-orchestrations, in the same form.') @IsObject({ each: true }) inner!: object[]
}

/** What has become of an execution that was deleted. */
export class DeletedBody {
  @IsString() detail!: string
  @IsString() execution_id!: string
}
