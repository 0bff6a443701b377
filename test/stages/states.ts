import 'reflect-metadata'
import { Type } from 'class-transformer'
import { IsArray, IsNumber, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator'
import { BaseGraphState, Orchestrator } from '../../src/stages/index.js'

/** What a forecaster answers. */
export class Forecast {
  @IsNumber() @Min(0) @Max(1) probability!: number
  @IsString() reasoning!: string
}

/** The state of the quant-agent example. */
export class QuantState extends BaseGraphState {
  @IsString() question!: string
  @IsOptional() @IsNumber() prior?: number
  @IsOptional() @ValidateNested() @Type(() => Forecast) forecast?: Forecast
  @IsOptional() @IsNumber() brierScore?: number
}

/** A state that stages leave notes in. */
export class Notes extends BaseGraphState {
  @IsArray() notes: string[] = []
  @IsOptional() @IsNumber() score?: number
}

export const notes = (name = 'Notes'): Orchestrator<Notes> => new Orchestrator({ state: Notes, name })

/** A stage that leaves a note and goes where its edges lead. */
export const note = (text: string) => (state: Notes) => {
  state.notes.push(text)
}
