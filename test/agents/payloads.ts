import 'reflect-metadata'
import { Type } from 'class-transformer'
import { IsArray, IsInt, IsNotEmpty, IsOptional, IsString, Min, ValidateNested } from 'class-validator'
import { Description } from '../../src/schema/index.js'

export class SearchItem {
  @Description('What to type into the search engine')
  @IsString()
  @IsNotEmpty()
  query!: string

  @IsInt()
  @Min(1)
  @IsOptional()
  limit?: number
}

export class SearchPlan {
  @Description('The subject of the research')
  @IsString()
  topic!: string

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SearchItem)
  items!: SearchItem[]
}
