import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'
import { Description, JsonSchemaFragment, Nullable } from '../../schema/index.js'
import {
  type DefinitionStatus,
  definitionStatuses,
  WorkflowDefinition,
  WorkflowEdgeDefinition,
  WorkflowNodeDefinition,
} from '../../workflow/index.js'

/** What a workflow is created of. Nodes may also be an object by their ids, and the graph may come as `graph_json`. */
export class CreateWorkflowBody extends WorkflowDefinition {
  @Description('Letters, digits, "_" and "-"; a random UUID if it is left out.')
  @IsOptional()
  @IsString()
  id?: string

  @Description('A draft is not executed; active if it is left out.')
  @IsOptional()
  @IsIn(definitionStatuses)
  status?: DefinitionStatus
}

/** What changes about a workflow; what is left out stays, `null` takes away. */
export class UpdateWorkflowBody {
  @IsOptional() @IsString() name?: string
  @IsOptional() @Nullable() @IsString() description?: string | null

  @Description('They take the place of all nodes and edges that there were.')
  @IsOptional()
  @Type(() => WorkflowNodeDefinition)
  @ValidateNested({ each: true })
  nodes?: WorkflowNodeDefinition[]

  @IsOptional()
  @Type(() => WorkflowEdgeDefinition)
  @ValidateNested({ each: true })
  edges?: WorkflowEdgeDefinition[]

  @IsOptional() @Nullable() @IsNumber() @Min(0) max_budget?: number | null
  @IsOptional() @IsIn(definitionStatuses) status?: DefinitionStatus
}

/** A workflow with its latest definition (S2-21). */
export class WorkflowBody extends WorkflowDefinition {
  @IsString() id!: string
  @IsIn(definitionStatuses) status!: DefinitionStatus
  @Description('The latest version of the definition; 1 for the first.') @IsInt() version!: number
  @IsISO8601() created_at!: string
  @IsISO8601() updated_at!: string
}

/** A version of a definition, which never changes. */
export class WorkflowVersionBody extends WorkflowDefinition {
  @IsString() id!: string
  @IsInt() version!: number
  @IsISO8601() created_at!: string
}

/** A workflow in a list. */
export class WorkflowSummaryBody {
  @IsString() id!: string
  @IsString() name!: string
  @IsOptional() @IsString() description?: string
  @IsIn(definitionStatuses) status!: DefinitionStatus
  @IsInt() version!: number
  @IsISO8601() created_at!: string
  @IsISO8601() updated_at!: string
}

/** Some of the workflows, the youngest first (S2-20). */
export class WorkflowsBody {
  @Type(() => WorkflowSummaryBody)
  @ValidateNested({ each: true })
  workflows!: WorkflowSummaryBody[]

  @Description('How many there are on all pages.') @IsInt() total!: number
  @IsInt() limit!: number
  @IsInt() offset!: number
}

/** A version in a list. */
export class WorkflowVersionSummaryBody {
  @IsString() id!: string
  @IsInt() version!: number
  @IsString() name!: string
  @IsOptional() @IsString() description?: string
  @IsISO8601() created_at!: string
}

/** Some of the versions of a workflow, the latest first. */
export class WorkflowVersionsBody {
  @Type(() => WorkflowVersionSummaryBody)
  @ValidateNested({ each: true })
  versions!: WorkflowVersionSummaryBody[]

  @Description('How many there are on all pages.') @IsInt() total!: number
  @IsInt() limit!: number
  @IsInt() offset!: number
}

/** A workflow that has been put away (S2-23). */
export class ArchivedWorkflowBody {
  @IsString() detail!: string
  @IsString() workflow_id!: string
  @IsIn(definitionStatuses) status!: DefinitionStatus

  @Description('Executions that were to be cancelled and that another process drives.')
  @IsString({ each: true })
  not_cancelled!: string[]
}

/** Something about a definition, at a place in it. */
export class WorkflowFaultBody {
  @Description('Where, for example nodes[2].config.message.') @IsString() path!: string
  @IsString() message!: string
}

/** What somebody who writes a definition is told. */
export class WorkflowValidationBody {
  @Description('Whether it can be created.') @IsBoolean() valid!: boolean

  @Type(() => WorkflowFaultBody)
  @ValidateNested({ each: true })
  errors!: WorkflowFaultBody[]

  @Description('What it names and what is not there now: agents, other workflows.')
  @Type(() => WorkflowFaultBody)
  @ValidateNested({ each: true })
  missing!: WorkflowFaultBody[]

  @Description('The ids of the nodes that run at once, one layer after the other.')
  @JsonSchemaFragment({ type: 'array', items: { type: 'array', items: { type: 'string' } } })
  layers!: unknown
}

/** A definition to start from. */
export class WorkflowTemplateBody {
  @IsString() key!: string
  @IsString() name!: string
  @IsString() description!: string
  @Description('The agents that it needs.') @IsString({ each: true }) agents!: string[]

  @Description('What a workflow can be created of.')
  @Type(() => WorkflowDefinition)
  @ValidateNested()
  definition!: WorkflowDefinition
}

/** All templates (S2-31). */
export class WorkflowTemplatesBody {
  @IsArray()
  @Type(() => WorkflowTemplateBody)
  @ValidateNested({ each: true })
  templates!: WorkflowTemplateBody[]

  @IsInt() total!: number
}

/** Which workflows are wanted. */
export class WorkflowsQuery {
  @Description('How many at most; 50 if it is left out.')
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number

  @Description('How many of the youngest are left out.')
  @IsOptional()
  @IsInt()
  @Min(0)
  offset?: number

  @Description('One of these; draft and active if it is left out.')
  @IsOptional()
  @IsIn(definitionStatuses, { each: true })
  status?: DefinitionStatus[]
}

/** Which versions are wanted. */
export class WorkflowVersionsQuery {
  @IsOptional() @IsInt() @Min(1) @Max(200) limit?: number
  @IsOptional() @IsInt() @Min(0) offset?: number
}

/** What becomes of the executions of an archived workflow. */
export class ArchiveQuery {
  @Description('Whether those that are under way are cancelled; otherwise they go on to their ends.')
  @IsOptional()
  @IsBoolean()
  cancel_executions?: boolean
}

/** How a workflow is executed (S2-24). */
export class ExecuteWorkflowBody {
  @Description('What templates read as input; {} if it is left out.')
  @IsOptional()
  @Nullable()
  @JsonSchemaFragment({})
  input?: unknown

  @Description('Another name of input.')
  @IsOptional()
  @Nullable()
  @JsonSchemaFragment({})
  input_data?: unknown

  @Description('What it may cost in USD; takes the place of what the definition says. 0: nothing.')
  @IsOptional()
  @IsNumber()
  @Min(0)
  max_budget?: number

  @Description('Another name of max_budget.')
  @IsOptional()
  @IsNumber()
  @Min(0)
  max_budget_usd?: number

  @Description('The latest if it is left out.')
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number

  @Description('The id of the execution; a random UUID if it is left out.')
  @IsOptional()
  @IsString()
  @MaxLength(200)
  run_id?: string
}
