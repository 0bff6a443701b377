import { IsOptional, IsString, Validate, ValidatorConstraint } from 'class-validator'
import { standardFunction, standardResponseFormat, standardTextFormat } from 'openai/helpers/standard-schema'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { Description, schemaOf } from '../../src/schema/index.js'
import { SearchItem, SearchPlan } from './fixtures.js'

class Ans {
  @Description('The answer in one sentence') @IsString() answer!: string
  @IsOptional() @IsString() source?: string
}

describe("openai's helpers for Standard Schema", () => {
  it('S4-16 take a payload class as the response format, and parse an instance', () => {
    const format = standardResponseFormat(schemaOf(Ans), 'ans')
    expect(format.json_schema).toEqual({
      name: 'ans',
      strict: true,
      schema: {
        type: 'object',
        properties: {
          answer: { type: 'string', description: 'The answer in one sentence' },
          source: { type: ['string', 'null'] },
        },
        required: ['answer', 'source'],
        additionalProperties: false,
      },
    })
    const parsed = format.$parseRaw('{"answer":"42","source":null}')
    expectTypeOf(parsed).toEqualTypeOf<Ans>()
    expect(parsed).toBeInstanceOf(Ans)
    expect(parsed.source).toBeUndefined()
    expect(() => format.$parseRaw('{"answer":42}')).toThrow('answer must be a string (got number)')
  })

  it('leave a strict schema with nested classes as it is', () => {
    const format = standardTextFormat(schemaOf(SearchPlan), 'plan')
    expect(format.schema).toEqual(schemaOf(SearchPlan).toJsonSchema({ strict: true }))
    const plan = format.$parseRaw('{"topic":"a","items":[{"query":"b","limit":null}]}')
    expect(plan.items[0]).toBeInstanceOf(SearchItem)
  })

  it('take a payload class as the parameters of a tool', () => {
    const tool = standardFunction({ name: 'search', parameters: schemaOf(SearchItem), function: item => item.query })
    expect(tool.function.parameters).toMatchObject({ required: ['query', 'limit'] })
    expect(tool.$parseRaw('{"query":"q","limit":2}')).toBeInstanceOf(SearchItem)
  })
})

describe('~standard', () => {
  it('reports issues with their paths', () => {
    expect(schemaOf(SearchPlan)['~standard'].validate({ topic: 'a', items: [{ query: 1 }] })).toEqual({
      issues: [{ message: 'items[0].query must be a string (got number)', path: ['items', 0, 'query'] }],
    })
  })

  it('is asynchronous only for an asynchronous schema', async () => {
    @ValidatorConstraint({ name: 'slow', async: true })
    class Slow {
      async validate(value: unknown): Promise<boolean> {
        return value === 'ok'
      }
      defaultMessage(): string {
        return '$property must be ok'
      }
    }
    class Waiting {
      @Validate(Slow) a!: string
    }
    const { validate } = schemaOf(Waiting)['~standard']
    await expect(validate({ a: 'ok' })).resolves.toHaveProperty('value.a', 'ok')
    await expect(validate({ a: 'no' })).resolves.toEqual({
      issues: [{ message: 'a must be ok (got string)', path: ['a'] }],
    })
  })

  it('lets errors that are not about the value through', () => {
    class Broken {
      @IsString() a!: string
    }
    const { jsonSchema } = schemaOf(Broken)['~standard']
    expect(() => jsonSchema.input({ target: 'openapi-3.0' })).toThrow(/draft-07, draft-2020-12/)
  })

  it('gives the strict schema for input, the loose one for output or on request', () => {
    const { jsonSchema } = schemaOf(Ans)['~standard']
    expect(jsonSchema.input({ target: 'draft-07' }).required).toEqual(['answer', 'source'])
    expect(jsonSchema.input({ target: 'draft-2020-12', libraryOptions: { strict: false } }).required).toEqual([
      'answer',
    ])
    expect(jsonSchema.output({ target: 'draft-2020-12' }).required).toEqual(['answer'])
  })
})
