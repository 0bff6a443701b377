import { Exclude, Type } from 'class-transformer'
import {
  Allow,
  ArrayMaxSize,
  ArrayMinSize,
  ArrayNotEmpty,
  ArrayUnique,
  Contains,
  Equals,
  IsArray,
  IsBoolean,
  IsDate,
  IsDateString,
  IsDivisibleBy,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsIP,
  IsISO8601,
  IsNegative,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator'
import { describe, expect, it } from 'vitest'
import type { OrchestrationError } from '../../src/errors/index.js'
import {
  Description,
  describeClass,
  describeProperty,
  JsonSchemaFragment,
  makeNullable,
  Nullable,
  schemaOf,
  setJsonSchemaFragment,
} from '../../src/schema/index.js'
import { SearchPlan, thrownBy } from './fixtures.js'

enum Mood {
  Good = 'good',
  Bad = 'bad',
}
enum Level {
  Low = 1,
  High = 2,
}

function propertiesOf(target: new () => object, strict = false) {
  return schemaOf(target).toJsonSchema({ strict }).properties ?? {}
}

describe('the JSON Schema of a class', () => {
  it('S4-16 carries the descriptions of the class and its properties', () => {
    expect(schemaOf(SearchPlan).toJsonSchema()).toEqual({
      type: 'object',
      description: 'What to search for, and why',
      properties: {
        topic: { type: 'string', minLength: 1, description: 'The subject of the research' },
        items: { type: 'array', items: { $ref: '#/$defs/SearchItem' } },
      },
      required: ['topic', 'items'],
      $defs: {
        SearchItem: {
          type: 'object',
          properties: {
            query: { type: 'string', description: 'What to type into the search engine' },
            limit: { type: 'integer', minimum: 1 },
          },
          required: ['query'],
        },
      },
    })
  })

  it('S4-16 can be described without decorators', () => {
    class Plain {
      name!: string
    }
    describeClass(Plain, 'A plain class')
    describeProperty(Plain, 'name', 'Its name')
    setJsonSchemaFragment(Plain, 'name', { type: 'string' })
    makeNullable(Plain, 'name')
    expect(schemaOf(Plain).toJsonSchema()).toEqual({
      type: 'object',
      description: 'A plain class',
      properties: { name: { type: ['string', 'null'], description: 'Its name' } },
      required: ['name'],
    })
    expect(schemaOf(Plain).parse({ name: null }).name).toBeNull()
  })

  it('knows the decorators of class-validator', () => {
    class Everything {
      @IsString() string!: string
      @IsNumber() number!: number
      @IsInt() @Min(1) @Max(9) int!: number
      @IsBoolean() boolean!: boolean
      @IsDate() date!: Date
      @IsDateString() dateString!: string
      @IsISO8601() iso!: string
      @IsEnum(Mood) mood!: Mood
      @IsEnum(Level) level!: Level
      @IsIn(['x', 1]) in!: string | number
      @Equals('fixed') constant!: string
      @IsPositive() positive!: number
      @IsNegative() negative!: number
      @IsDivisibleBy(5) fives!: number
      @MinLength(2) @MaxLength(4) length!: string
      @Length(3, 5) between!: string
      @Matches(/^a+$/) matched!: string
      @Matches(/^a+$/i) matchedAnyCase!: string
      @Contains('a.b') containing!: string
      @IsEmail() email!: string
      @IsUrl() url!: string
      @IsUUID() uuid!: string
      @IsIP(6) ip!: string
      @IsObject() object!: object
      @IsArray()
      @IsString({ each: true })
      @MaxLength(3, { each: true })
      @ArrayMinSize(1)
      @ArrayMaxSize(2)
      @ArrayUnique()
      strings!: string[]
      @ArrayNotEmpty() @IsInt({ each: true }) @IsNotEmpty({ each: true }) ints!: number[]
      @IsNotEmpty() @IsString() filled!: string
      @IsString() @IsOptional() optional?: string
      @ValidateIf(() => true) @IsString() conditional?: string
      @Nullable() @IsEnum(Mood) nullable!: Mood | null
      @Type(() => Date) when!: Date
      @Description('Only described') described!: unknown
      @Allow() allowed!: unknown
      @Exclude() @IsString() secret!: string
      @ValidateBy({ name: 'custom', validator: { validate: () => true } }) custom!: unknown
      @JsonSchemaFragment({ type: 'string', pattern: '^[A-Z]{2}$' })
      @ValidateBy({ name: 'country', validator: { validate: () => true } })
      country!: string
    }
    const dateTime = { type: 'string', format: 'date-time' }
    expect(propertiesOf(Everything)).toEqual({
      string: { type: 'string' },
      number: { type: 'number' },
      int: { type: 'integer', minimum: 1, maximum: 9 },
      boolean: { type: 'boolean' },
      date: dateTime,
      dateString: dateTime,
      iso: dateTime,
      mood: { type: 'string', enum: ['good', 'bad'] },
      level: { type: 'integer', enum: [1, 2] },
      in: { enum: ['x', 1] },
      constant: { type: 'string', const: 'fixed' },
      positive: { type: 'number', exclusiveMinimum: 0 },
      negative: { type: 'number', exclusiveMaximum: 0 },
      fives: { type: 'number', multipleOf: 5 },
      length: { type: 'string', minLength: 2, maxLength: 4 },
      between: { type: 'string', minLength: 3, maxLength: 5 },
      matched: { type: 'string', pattern: '^a+$' },
      matchedAnyCase: { type: 'string' },
      containing: { type: 'string', pattern: 'a\\.b' },
      email: { type: 'string', format: 'email' },
      url: { type: 'string', format: 'uri' },
      uuid: { type: 'string', format: 'uuid' },
      ip: { type: 'string', format: 'ipv6' },
      object: { type: 'object' },
      strings: { type: 'array', items: { type: 'string', maxLength: 3 }, minItems: 1, maxItems: 2, uniqueItems: true },
      ints: { type: 'array', items: { type: 'integer' }, minItems: 1 },
      filled: { type: 'string', minLength: 1 },
      optional: { type: 'string' },
      conditional: { type: 'string' },
      nullable: { type: ['string', 'null'], enum: ['good', 'bad', null] },
      when: dateTime,
      described: { description: 'Only described' },
      allowed: {},
      custom: {},
      country: { type: 'string', pattern: '^[A-Z]{2}$' },
    })
    const required = schemaOf(Everything).toJsonSchema().required
    expect(required).not.toContain('optional')
    expect(required).not.toContain('conditional')
    expect(required).toContain('nullable')
  })

  it('keeps two classes of one name apart', () => {
    const First = (() => {
      class Item {
        @IsString() text!: string
      }
      return Item
    })()
    const Second = (() => {
      class Item {
        @IsInt() count!: number
      }
      return Item
    })()
    class Pair {
      @Type(() => First) @ValidateNested() first!: object
      @Type(() => Second) @ValidateNested() second!: object
    }
    const schema = schemaOf(Pair).toJsonSchema()
    expect(schema.properties).toEqual({ first: { $ref: '#/$defs/Item' }, second: { $ref: '#/$defs/Item_2' } })
    expect(schema.$defs?.['Item']?.properties).toEqual({ text: { type: 'string' } })
    expect(schema.$defs?.['Item_2']?.properties).toEqual({ count: { type: 'integer' } })
  })

  it('refers back for a recursive class, directly and through another', () => {
    class Tree {
      @IsString() name!: string
      @IsArray() @ValidateNested({ each: true }) @Type(() => Branch) branches!: Branch[]
    }
    class Branch {
      @ValidateNested() @Type(() => Tree) tree!: Tree
    }
    const schema = schemaOf(Tree).toJsonSchema()
    expect(schema.type).toBe('object')
    expect(Object.keys(schema.$defs ?? {}).sort()).toEqual(['Branch', 'Tree'])
    expect(schema.$defs?.['Branch']?.properties?.['tree']).toEqual({ $ref: '#/$defs/Tree' })
    expect(schema.$defs?.['Tree']?.properties?.['branches']).toEqual({
      type: 'array',
      items: { $ref: '#/$defs/Branch' },
    })
  })

  it('has the properties of its parents first, overridden by its own', () => {
    class Base {
      @Description('The id') @IsString() id!: string
      @IsString() name = ''
    }
    class Derived extends Base {
      @Description('Its own name') @MaxLength(5) override name = ''
      @IsInt() age!: number
    }
    expect(Object.entries(propertiesOf(Derived))).toEqual([
      ['id', { type: 'string', description: 'The id' }],
      ['name', { type: 'string', maxLength: 5, description: 'Its own name' }],
      ['age', { type: 'integer' }],
    ])
    expect(propertiesOf(Base)['name']).toEqual({ type: 'string' })
  })

  it('is a union of constants for a discriminator', () => {
    abstract class Shape {}
    class Circle extends Shape {
      @IsNumber() radius!: number
    }
    class Square extends Shape {
      @IsNumber() side!: number
    }
    class Drawing {
      @ValidateNested()
      @Type(() => Shape as never, {
        discriminator: {
          property: 'kind',
          subTypes: [
            { name: 'circle', value: Circle },
            { name: 'square', value: Square },
          ],
        },
      })
      shape!: Shape
      @Type(() => Circle) @ValidateNested() unmarked!: Circle
    }
    const schema = schemaOf(Drawing).toJsonSchema()
    expect(schema.properties?.['shape']).toEqual({ anyOf: [{ $ref: '#/$defs/Circle' }, { $ref: '#/$defs/Square' }] })
    expect(schema.$defs?.['Circle']).toEqual({
      type: 'object',
      properties: { kind: { type: 'string', const: 'circle' }, radius: { type: 'number' } },
      required: ['kind', 'radius'],
    })
    expect(schema.properties?.['unmarked']).toEqual({ $ref: '#/$defs/Circle_2' })
  })

  it('is what the type says for other references', () => {
    expect(schemaOf(String).toJsonSchema()).toEqual({ type: 'string' })
    expect(schemaOf(Date).toJsonSchema()).toEqual({ type: 'string', format: 'date-time' })
    expect(schemaOf([[Number]]).toJsonSchema()).toEqual({
      type: 'array',
      items: { type: 'array', items: { type: 'number' } },
    })
    const list = schemaOf([() => SearchPlan]).toJsonSchema()
    expect(list.items).toEqual({ $ref: '#/$defs/SearchPlan' })
    expect(Object.keys(list.$defs ?? {})).toEqual(['SearchPlan', 'SearchItem'])
  })

  it('is a new object every time', () => {
    const schema = schemaOf(SearchPlan).toJsonSchema()
    delete schema.properties
    expect(schemaOf(SearchPlan).toJsonSchema()).toHaveProperty('properties')
  })
})

describe('strict mode', () => {
  class Reply {
    @Length(2, 10) @Description('The text') text!: string
    @IsOptional() @IsEnum(Mood) mood?: Mood
    @IsOptional() @ValidateNested() @Type(() => Reply) @Description('What it replies to') parent?: Reply
    @IsUrl() link!: string
    @ArrayUnique() @IsInt({ each: true }) @ArrayMinSize(2) numbers!: number[]
    @Matches(/^(?!x)/) guarded!: string
    @IsOptional() @Equals('c') constant?: string
  }

  it('requires everything, makes optional nullable, closes objects and tells what it cannot keep', () => {
    const schema = schemaOf(Reply).toJsonSchema({ strict: true })
    expect(schema.properties).toEqual({
      text: { type: 'string', description: 'The text (at least 2 characters; at most 10 characters)' },
      mood: { type: ['string', 'null'], enum: ['good', 'bad', null] },
      parent: { description: 'What it replies to', anyOf: [{ $ref: '#/$defs/Reply' }, { type: 'null' }] },
      link: { type: 'string', description: '(format: uri)' },
      numbers: { type: 'array', items: { type: 'integer' }, minItems: 2, description: '(no element twice)' },
      guarded: { type: 'string', description: '(matching the regular expression ^(?!x))' },
      constant: { type: ['string', 'null'], enum: ['c', null] },
    })
    expect(schema.required).toEqual(Object.keys(schema.properties ?? {}))
    expect(schema.additionalProperties).toBe(false)
    expect(schema.$defs?.['Reply']?.additionalProperties).toBe(false)
  })

  it.each([
    [
      'Loose.any has no type',
      () => {
        class Loose {
          @Description('?') any!: unknown
        }
        return Loose
      },
    ],
    [
      'Listing.list is an array whose element has no type',
      () => {
        class Listing {
          @IsArray() list!: unknown[]
        }
        return Listing
      },
    ],
    [
      'Open.record is an object of unknown properties',
      () => {
        class Open {
          @IsObject() record!: object
        }
        return Open
      },
    ],
  ])('refuses what it cannot express: %s', (message, make) => {
    const error = thrownBy(() => schemaOf(make()).toJsonSchema({ strict: true })) as OrchestrationError
    expect(error.code).toBe('SCHEMA_UNSUPPORTED')
    expect(error.message).toContain(message)
  })
})

describe('the decorators', () => {
  it('@Description works as a TC39 class decorator', () => {
    class Target {
      @IsString() a!: string
    }
    Description('By TC39')(Target, { kind: 'class', name: 'Target' } as ClassDecoratorContext)
    expect(schemaOf(Target).toJsonSchema().description).toBe('By TC39')
  })

  it('name their function twin where they cannot work', () => {
    const field = { kind: 'field', name: 'a' } as never
    expect(() => Description('x')(undefined as never, field)).toThrow(/describeProperty/)
    expect(() => Nullable()(undefined as never, field)).toThrow(/makeNullable/)
    expect(() => JsonSchemaFragment({})(class Named {}, 'a')).toThrow(/static property of Named.*setJsonSchemaFragment/)
  })
})
