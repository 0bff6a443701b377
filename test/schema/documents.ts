import 'reflect-metadata'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  Equals,
  IsArray,
  IsDate,
  IsEnum,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'
import { Description, Nullable, OfType, RecordOf, Union } from '../../src/schema/index.js'

export enum Priority {
  Low = 0,
  High = 1,
}

/** A union by this package's decorator, with a union in it, and recursive. */
@Description('An arithmetic expression')
@Union('op', () => ({ number: Literal, add: Addition, call: Call }))
export abstract class Expression {}

export class Literal extends Expression {
  @IsNumber() value!: number
}

export class Addition extends Expression {
  readonly op = 'add'
  @ValidateNested() @Type(() => Expression) left!: Expression
  @ValidateNested() @Type(() => Expression) right!: Expression
}

@Union('fn', () => ({ max: Max2, list: ListCall }))
export abstract class Call extends Expression {}

export class Max2 extends Call {
  @OfType([Expression]) of!: Expression[]
}

export class ListCall extends Call {
  @OfType([[Expression]]) rows!: Expression[][]
}

/** A union by class-transformer's discriminator. */
export abstract class Block {
  @IsOptional() @IsString() id?: string
}
export class Paragraph extends Block {
  @Equals('text') type!: 'text'
  @MaxLength(200) @Description('What it says') text!: string
}
export class Table extends Block {
  @IsIn(['table']) type!: 'table'
  @OfType([[String]]) cells!: string[][]
}
const discriminator = {
  property: 'type',
  subTypes: [
    { name: 'text', value: Paragraph },
    { name: 'table', value: Table },
  ],
}

export class Tree {
  @IsString() name!: string
  @IsArray() @ValidateNested({ each: true }) @Type(() => Tree) children!: Tree[]
  @IsOptional() @ValidateNested() @Type(() => Tree) twin?: Tree
}

export class Page<T> {
  @IsInt() @Min(0) total!: number
  items!: T[]
}
export class TreePage extends Page<Tree> {
  @ValidateNested({ each: true }) @Type(() => Tree) override items: Tree[] = []
}

export const Item = (() => {
  class Item {
    @IsString() text!: string
  }
  return Item
})()
export const OtherItem = (() => {
  class Item {
    @IsInt() count!: number
  }
  return Item
})()

/** Everything at once. */
export class Report {
  @IsString() @Matches(/^[A-Z]/) @MaxLength(80) title!: string
  @IsEnum(Priority) priority!: Priority
  @IsIn(['draft', 'final']) stage!: 'draft' | 'final'
  @IsIn(['a', 1, null]) mixed!: string | number | null
  @IsDate() at!: Date
  @Nullable() @IsDate() @Type(() => Date) until!: Date | null
  @IsOptional() @IsInt() @Min(1) @Max(5) stars?: number
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => Block as never, { discriminator, keepDiscriminatorProperty: true })
  blocks!: (Paragraph | Table)[]
  @IsOptional()
  @ValidateNested()
  @Type(() => Block as never, { discriminator, keepDiscriminatorProperty: true })
  cover?: Paragraph | Table
  @ValidateNested() @Type(() => Expression) formula!: Expression
  @OfType([[Number]]) matrix!: number[][]
  @ValidateNested() @Type(() => Tree) tree!: Tree
  @ValidateNested() @Type(() => TreePage) page!: TreePage
  @ValidateNested() @Type(() => Item) item!: object
  @ValidateNested() @Type(() => OtherItem) other!: object
  @Type(() => BigInt) big!: bigint
}

export class Scores {
  @RecordOf(Number) byName!: Record<string, number>
  @IsOptional() @RecordOf(() => Tree) trees?: Record<string, Tree>
}

export const report = () => ({
  title: 'All',
  priority: 1,
  stage: 'draft',
  mixed: null,
  at: '2024-05-06T07:08:09Z',
  until: null,
  stars: null,
  blocks: [
    { type: 'text', text: 'Hello', id: null },
    { type: 'table', cells: [['a', 'b'], []], id: 'T' },
  ],
  cover: null,
  formula: {
    op: 'add',
    left: { op: 'number', value: 1 },
    right: { op: 'call', fn: 'list', rows: [[{ op: 'number', value: 2 }], [{ op: 'call', fn: 'max', of: [] }]] },
  },
  matrix: [[1, 2], [3]],
  tree: { name: 'root', children: [{ name: 'leaf', children: [], twin: null }], twin: null },
  page: { total: 1, items: [{ name: 'x', children: [], twin: null }] },
  item: { text: 'one' },
  other: { count: 1 },
  big: '12345678901234567890',
})
