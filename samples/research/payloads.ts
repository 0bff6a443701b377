import { Description } from 'advancer'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsNotEmpty,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'

/** One search that the plan asks for. */
export class SearchItem {
  @Description('What to search the documents for, in a few words')
  @IsString()
  @IsNotEmpty()
  query!: string

  @Description('What kind of information is expected: definition, mechanism, limits, comparison, figures …')
  @IsString()
  informationType!: string
}

/** How a question is going to be researched. */
export class SearchPlan {
  @Description('The question, as it was asked')
  @IsString()
  @IsNotEmpty()
  topic!: string

  @Description('Three to five searches that together answer the question')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(5)
  @ValidateNested({ each: true })
  @Type(() => SearchItem)
  items!: SearchItem[]
}

/** What one search has found. */
export class Finding {
  @IsString()
  query!: string

  @Description('What the documents say about it, as Markdown, with citations [file:line]')
  @IsString()
  text!: string
}

/** The answer. */
export class Report {
  @Description('A title for the report')
  @IsString()
  @IsNotEmpty()
  title!: string

  @Description('The answer in two or three sentences, with citations [file:line]')
  @IsString()
  @IsNotEmpty()
  summary!: string

  @Description('The report in Markdown, in sections, with a citation [file:line] after each statement')
  @IsString()
  @IsNotEmpty()
  content!: string
}

/** What the tool `search_documents` takes. */
export class SearchArguments {
  @Description('What to search for, in a few words')
  @IsString()
  @IsNotEmpty()
  query!: string
}

/** What the tool `read_document` takes. */
export class ReadArguments {
  @Description('The file, as search_documents names it')
  @IsString()
  @IsNotEmpty()
  file!: string

  @Description('The first line to read, from 1')
  @IsInt()
  @Min(1)
  fromLine!: number

  @Description('The last line to read')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  toLine!: number
}
