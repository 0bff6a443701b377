import 'reflect-metadata'
import { Type } from 'class-transformer'
import { IsArray, IsInt, IsNotEmpty, IsOptional, IsString, Min, ValidateNested } from 'class-validator'
import { Description } from '../../src/schema/index.js'

export class SearchItem {
  @Description('What to type into the search engine')
  @IsString()
  query!: string

  @IsInt()
  @Min(1)
  @IsOptional()
  limit?: number
}

@Description('What to search for, and why')
export class SearchPlan {
  @Description('The subject of the research')
  @IsString()
  @IsNotEmpty()
  topic!: string

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SearchItem)
  items!: SearchItem[]
}

export function planOf(topic: string, ...queries: string[]): SearchPlan {
  const plan = new SearchPlan()
  plan.topic = topic
  plan.items = queries.map(query => Object.assign(new SearchItem(), { query }))
  return plan
}

export function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (thrown) {
    return thrown
  }
  throw new Error('Nothing was thrown.')
}
