import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  Matches,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'
import { Description, JsonSchemaFragment } from '../../schema/index.js'
import { idPattern, workflowLimits } from '../workflow-limits.js'
import { type NodeType, nodeTypes } from './node-type.js'

/** When and how often a node is tried again; seconds (S2-38). */
export interface WorkflowRetry {
  /** How many attempts there may be, the first included. @default 3 */
  readonly max_retries?: number
  /** @default 'exponential' */
  readonly backoff_type?: 'fixed' | 'linear' | 'exponential'
  /** The wait after the first attempt, in seconds. @default 1 */
  readonly initial_delay?: number
  /** The longest wait, in seconds. @default 60 */
  readonly max_delay?: number
  /** @default 2 */
  readonly backoff_multiplier?: number
}

/** What the schema says of a retry; the checks are those of `parseWorkflow`. */
const retrySchema = {
  type: 'object' as const,
  properties: {
    max_retries: { type: 'integer' as const, minimum: 1 },
    backoff_type: { enum: ['fixed', 'linear', 'exponential'] },
    initial_delay: { type: 'number' as const, minimum: 0 },
    max_delay: { type: 'number' as const, exclusiveMinimum: 0 },
    backoff_multiplier: { type: 'number' as const, minimum: 1 },
  },
  additionalProperties: false,
}

/** A node of a workflow in the form that is written out: snake_case, `config` as it was given (S2-02). */
export class WorkflowNodeDefinition {
  @Description('Unique in the definition, the nodes in bodies included.')
  @IsString()
  @Matches(idPattern)
  @MaxLength(workflowLimits.idLength)
  id!: string

  @Description('What the node does.')
  @IsIn(nodeTypes)
  type!: NodeType

  @Description('agent_call: the agent that is asked.')
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  agent_id?: string

  @Description('What the node needs; templates such as {{input.topic}} in its strings are filled in.')
  @IsOptional()
  @IsObject()
  config?: Readonly<Record<string, unknown>>

  @Description('How often an agent_call is tried again, and when; times in seconds.')
  @IsOptional()
  @IsObject()
  @JsonSchemaFragment(retrySchema)
  retry?: WorkflowRetry

  @Description('How long an attempt, an approval or everything inside the node may take, in seconds.')
  @IsOptional()
  @IsNumber()
  @IsPositive()
  timeout?: number

  @Description('agent_call: what the node answers when all attempts have failed.')
  @IsOptional()
  @JsonSchemaFragment({})
  fallback?: unknown

  @Description("What a failure leads to: 'fail' (the default), 'continue' without the node, or the id of a node.")
  @IsOptional()
  @IsString()
  on_error?: string
}

/** An edge of a workflow (S2-03). */
export class WorkflowEdgeDefinition {
  @Description('The node that runs before.')
  @IsString()
  from!: string

  @Description('The node that runs after.')
  @IsString()
  to!: string

  @Description('From a condition: the outcome with which the edge is taken. Without it, it always is.')
  @IsOptional()
  @IsBoolean()
  when?: boolean
}

/** A workflow as JSON (S2-01), in the form that is written out. `parseWorkflow` also reads other forms of it. */
export class WorkflowDefinition {
  @IsString()
  @IsNotEmpty()
  @MaxLength(workflowLimits.nameLength)
  name!: string

  @IsOptional()
  @IsString()
  @MaxLength(workflowLimits.textLength)
  description?: string

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WorkflowNodeDefinition)
  nodes!: WorkflowNodeDefinition[]

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WorkflowEdgeDefinition)
  edges?: WorkflowEdgeDefinition[]

  @Description('What an execution may cost, unless it is started with another limit. 0: nothing.')
  @IsOptional()
  @IsNumber()
  @Min(0)
  max_budget?: number
}
