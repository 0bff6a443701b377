import { Type } from 'class-transformer'
import { IsIn, IsInt, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator'
import { Description, JsonSchemaFragment, Nullable } from '../../schema/index.js'
import { type ExecutionStatus, executionStatuses } from './execution-status.js'

/** An orchestration in a list. */
export class OrchestrationSummaryBody {
  @IsString() name!: string
  @IsOptional() @IsString() description?: string
}

/** The orchestrations that can be executed, by name. */
export class OrchestrationsBody {
  @Type(() => OrchestrationSummaryBody)
  @ValidateNested({ each: true })
  orchestrations!: OrchestrationSummaryBody[]

  @IsInt() total!: number
}

/** A state of an orchestration. */
export class GraphNodeBody {
  @IsString() id!: string
  @IsIn(['work', 'join', 'approval', 'signal', 'delay', 'orchestration']) type!: string
}

/** A way from a state to another. */
export class GraphEdgeBody {
  @IsString() from!: string
  @IsString() to!: string
  @Description('What decides about it.') @IsString() advancer!: string
  @Description('Whether it is taken when the state has failed.') @IsOptional() on_error?: boolean
}

/** What an orchestration consists of. */
export class GraphBody {
  @Type(() => GraphNodeBody)
  @ValidateNested({ each: true })
  nodes!: GraphNodeBody[]

  @Type(() => GraphEdgeBody)
  @ValidateNested({ each: true })
  edges!: GraphEdgeBody[]

  @Description('Where a run starts.') @IsString() entry!: string
}

/** What callers are told about an orchestration. */
export class OrchestrationBody extends OrchestrationSummaryBody {
  @Description('JSON Schema of what it takes; missing if it does not say.')
  @IsOptional()
  @JsonSchemaFragment({ type: 'object' })
  input?: unknown

  @Description('JSON Schema of what it returns; missing if it does not say.')
  @IsOptional()
  @JsonSchemaFragment({ type: 'object' })
  output?: unknown

  @Type(() => GraphBody)
  @ValidateNested()
  graph!: GraphBody
}

/** How an orchestration is executed. */
export class ExecuteOrchestrationBody {
  @Description('What it takes.')
  @IsOptional()
  @Nullable()
  @JsonSchemaFragment({})
  input?: unknown

  @Description('The id of the execution; a random UUID if it is left out.')
  @IsOptional()
  @IsString()
  @MaxLength(200)
  run_id?: string
}

/** An execution that has been started (S2-24). */
export class StartedBody {
  @IsString() execution_id!: string
  @IsIn(executionStatuses) status!: ExecutionStatus
}
