import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator'
import { Description, JsonSchemaFragment } from '../../schema/index.js'

/** Why an execution is cancelled. */
export class CancelBody {
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  reason?: string
}

/** How an execution goes on that is paused, or waits for decisions. */
export class ResumeBody {
  @Description('The node whose approval is decided; all that are open if it is left out.')
  @IsOptional()
  @IsString()
  node_id?: string

  @Description('The decision about approvals that are open; true if the body says something, but not this.')
  @IsOptional()
  @IsBoolean()
  approved?: boolean

  @IsOptional()
  @IsString()
  @MaxLength(10_000)
  reason?: string

  @Description('What the decision hands on to what comes after.')
  @IsOptional()
  @JsonSchemaFragment({})
  data?: unknown
}

/** An answer to a request: a decision for an approval, a payload for a signal. */
export class AnswerBody {
  @IsOptional() @IsBoolean() approved?: boolean
  @IsOptional() @IsString() @MaxLength(10_000) reason?: string
  @IsOptional() @JsonSchemaFragment({}) data?: unknown
  @Description('For a signal: the message.') @IsOptional() @JsonSchemaFragment({}) payload?: unknown
}

/** An answer that counts. */
export class AnsweredBody {
  @IsString() execution_id!: string
  @IsString() request_id!: string
  @IsString() node_id!: string
  @IsOptional() @IsBoolean() approved?: boolean
}
