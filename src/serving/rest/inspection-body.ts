import { Type } from 'class-transformer'
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator'
import { Description, JsonSchemaFragment } from '../../schema/index.js'
import { type ExecutionStatus, executionStatuses } from './execution-status.js'
import { GraphEdgeBody } from './orchestration-body.js'

const nodeStatuses = ['pending', 'running', 'waiting', 'completed', 'failed', 'skipped'] as const

/** What is known of a node in an execution. */
export class ExecutionNodeBody {
  @IsString() node_id!: string
  @IsString() node_type!: string
  @Description('The node that it is inside of.') @IsOptional() @IsString() parent?: string
  @IsIn(nodeStatuses) status!: (typeof nodeStatuses)[number]
  @IsOptional() @JsonSchemaFragment({}) input?: unknown
  @IsOptional() @JsonSchemaFragment({}) output?: unknown
  @Description('As far as it is known, what is inside the node included.') @IsNumber() cost_usd!: number
  @IsOptional() @IsISO8601() started_at?: string
  @IsOptional() @IsISO8601() completed_at?: string
  @IsOptional() @IsString() error_message?: string
  @Description('How many attempts there were.') @IsInt() attempt!: number
}

/** The nodes of an execution (S2-29). */
export class ExecutionNodesBody {
  @IsString() execution_id!: string

  @Type(() => ExecutionNodeBody)
  @ValidateNested({ each: true })
  nodes!: ExecutionNodeBody[]

  @IsInt() total!: number
}

/** What a node has cost. */
export class NodeCostBody {
  @IsString() node_id!: string
  @IsString() node_type!: string
  @IsNumber() cost_usd!: number
  @IsIn(nodeStatuses) status!: (typeof nodeStatuses)[number]
}

/** What a model has been used for. */
export class ModelCostBody {
  @IsString() model!: string
  @IsInt() calls!: number
  @IsInt() input_tokens!: number
  @IsInt() output_tokens!: number
  @Description('Of the calls whose cost is known.') @IsNumber() cost_usd!: number
  @Description('How many calls have no known cost.') @IsInt() unpriced_calls!: number
}

/** What an execution has cost so far, and what for (S2-30). */
export class ExecutionCostBody {
  @IsString() execution_id!: string
  @IsOptional() @IsString() workflow_id?: string
  @IsIn(executionStatuses) status!: ExecutionStatus
  @IsNumber() total_cost_usd!: number
  @IsOptional() @IsNumber() max_budget?: number

  @Type(() => NodeCostBody)
  @ValidateNested({ each: true })
  node_costs!: NodeCostBody[]

  @Type(() => ModelCostBody)
  @ValidateNested({ each: true })
  model_costs!: ModelCostBody[]
}

/** A state of an execution's graph, or a node of its workflow, and what happened to it. */
export class ExecutionGraphNodeBody {
  @IsString() id!: string

  @Description(
    'Of a workflow agent_call, condition and so on; else work, join, approval, signal, delay or orchestration.',
  )
  @IsString()
  type!: string

  @Description('The node whose body it is in.') @IsOptional() @IsString() parent?: string
  @Description('What it has come to last.') @IsIn(nodeStatuses) status!: (typeof nodeStatuses)[number]
  @Description('How often it was started.') @IsInt() visits!: number
  @IsInt() completed!: number
  @IsInt() failures!: number
  @Description('Whether the execution is at it.') @IsBoolean() current!: boolean
  @Description('Time between start and end of all visits together.') @IsNumber() total_ms!: number
}

/** A way in an execution's graph, or an edge of its workflow. */
export class ExecutionGraphEdgeBody extends GraphEdgeBody {
  @Description('How often it was taken.') @IsInt() visits!: number
}

/** The graph of an execution. */
export class ExecutionGraphBody {
  @IsString() execution_id!: string

  @Description('Where it begins: at a state, or at every node of the workflow that no edge leads to.')
  @IsString({ each: true })
  entries!: string[]

  @Type(() => ExecutionGraphNodeBody)
  @ValidateNested({ each: true })
  nodes!: ExecutionGraphNodeBody[]

  @Type(() => ExecutionGraphEdgeBody)
  @ValidateNested({ each: true })
  edges!: ExecutionGraphEdgeBody[]
}

/** An entry of a journal. */
export class HistoryEntryBody {
  @IsInt() seq!: number
  @IsISO8601() at!: string
  @Description('What follows from it.') @IsObject({ each: true }) events!: object[]
}

/** Entries of an execution's journal, the first first. */
export class HistoryBody {
  @IsString() execution_id!: string

  @Type(() => HistoryEntryBody)
  @ValidateNested({ each: true })
  entries!: HistoryEntryBody[]

  @Description('How many entries there are.') @IsInt() total!: number
  @IsOptional() @IsString() next_cursor?: string
}

/** A fork of an execution. */
export class ForkedBody {
  @IsString() execution_id!: string
  @IsIn(executionStatuses) status!: ExecutionStatus
  @Description('What it was forked from.') @IsObject() parent!: object
}

/** Where two executions begin to differ. */
export class DifferenceBody {
  @IsIn(['edit', 'input', 'output', 'answer', 'decision', 'outcome']) kind!: string
  @Description('The step: `start` for the input, `end` for the result.') @IsString() token!: string
  @Description('Where in the value.') @IsString() path!: string
  @IsOptional() @JsonSchemaFragment({}) a?: unknown
  @IsOptional() @JsonSchemaFragment({}) b?: unknown
  @IsString() message!: string
}

/** How two executions compare. */
export class DiffBody {
  @IsString() execution_id!: string
  @IsString() with!: string
  @Description('Whether they agree as far as both have come.') @IsBoolean() equal!: boolean

  @IsOptional()
  @Type(() => DifferenceBody)
  @ValidateNested()
  difference?: DifferenceBody
}
