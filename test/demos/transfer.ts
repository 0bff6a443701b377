import 'reflect-metadata'
import { IsInt, IsString } from 'class-validator'

export class Transfer {
  @IsString() to!: string
  @IsInt() amount!: number
}
