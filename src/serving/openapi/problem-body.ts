import { Type } from 'class-transformer'
import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator'
import { Description } from '../../schema/index.js'

/** One thing that is wrong with a request. */
export class ProblemFaultBody {
  @Description('Where, for example nodes[2].config.message.') @IsString() path!: string
  @IsString() message!: string
}

/** Why a request cannot be answered as the caller wishes (RFC 9457). */
export class ProblemBody {
  @IsString() type!: string
  @Description('The status in words.') @IsString() title!: string
  @IsInt() status!: number
  @Description('What happened, and the way out.') @IsString() detail!: string
  @Description('Stable, for programs to branch on.') @IsOptional() @IsString() code?: string
  @Description('Names the request in the log of the server.') @IsString() request_id!: string

  @Description('Everything that is wrong with the request.')
  @IsOptional()
  @Type(() => ProblemFaultBody)
  @ValidateNested({ each: true })
  errors?: ProblemFaultBody[]
}
