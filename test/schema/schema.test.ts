import { Expose, plainToInstance, Transform, Type } from 'class-transformer'
import {
  IsBoolean,
  IsDate,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  registerDecorator,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  validateSync,
} from 'class-validator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrchestrationError } from '../../src/errors/index.js'
import { Nullable, PayloadError, schemaOf } from '../../src/schema/index.js'
import { planOf, SearchItem, SearchPlan, thrownBy } from './fixtures.js'

@ValidatorConstraint({ name: 'isKnown', async: true })
class IsKnown {
  async validate(value: unknown): Promise<boolean> {
    return value === 'known'
  }
  defaultMessage(): string {
    return '$property must be known'
  }
}

class AsyncLeaf {
  @Validate(IsKnown) name!: string
}

class AsyncRoot {
  @ValidateNested() @Type(() => AsyncLeaf) leaf!: AsyncLeaf
}

describe('a class schema', () => {
  it('S4-02 makes an instance of a plain object, nested ones included', () => {
    const plan = schemaOf(SearchPlan).parse({ topic: 'AI', items: [{ query: 'a' }, { query: 'b', limit: 3 }] })
    expect(plan).toBeInstanceOf(SearchPlan)
    expect(plan.items[1]).toBeInstanceOf(SearchItem)
    expect(plan).toEqual(
      plainToInstance(SearchPlan, { topic: 'AI', items: [{ query: 'a' }, { query: 'b', limit: 3 }] }),
    )
  })

  it('S4-02 refuses what is wrong, with the path of every property and never a value', () => {
    const error = thrownBy(() =>
      schemaOf(SearchPlan).check({ topic: '', items: [{ query: 'ok' }, { query: 'ok' }, { query: 4711 }] }),
    ) as PayloadError
    expect(error).toBeInstanceOf(PayloadError)
    expect(error.code).toBe('PAYLOAD_INVALID')
    expect(error.at({ state: 'Research', direction: 'input' }).message).toBe(
      'Input of state "Research" is not a SearchPlan: topic should not be empty (got string); ' +
        'items[2].query must be a string (got number)',
    )
    expect(error.message).not.toContain('4711')
    expect(error.issues[1]).toEqual({
      path: 'items[2].query',
      segments: ['items', 2, 'query'],
      message: 'items[2].query must be a string',
      received: 'number',
      constraint: 'isString',
    })
  })

  it('names state and orchestration in an error, and keeps the cause', () => {
    const error = new PayloadError('Item', [], { cause: new Error('why') })
    expect(error.at({ state: 'A', orchestration: 'B', direction: 'output' }).message).toMatch(
      /^Output of state "A" in orchestration "B" is not an Item/,
    )
    expect(error.at({ orchestration: 'B' }).message).toMatch(/^Value of orchestration "B"/)
    expect(error.at({ orchestration: 'B' }).cause).toBe(error.cause)
  })

  it('prints ten issues and counts the rest', () => {
    const error = thrownBy(() => schemaOf([String]).check(Array.from({ length: 13 }, () => 1))) as PayloadError
    expect(error.issues).toHaveLength(13)
    expect(error.message).toMatch(/\[9\] must be a string \(got number\); and 3 more$/)
  })

  it('returns a valid instance as the same object', () => {
    const plan = planOf('AI', 'a')
    const [item] = plan.items
    expect(schemaOf(SearchPlan).check(plan)).toBe(plan)
    expect(plan.items[0]).toBe(item)
  })

  it('turns plain objects inside an instance into instances', () => {
    const plan = planOf('AI', 'a')
    const kept = plan.items[0]
    plan.items.push({ query: 'b' })
    schemaOf(SearchPlan).parse(plan)
    expect(plan.items[0]).toBe(kept)
    expect(plan.items[1]).toBeInstanceOf(SearchItem)
  })

  it('reports a plain object inside an instance that cannot be replaced', () => {
    const plan = planOf('AI')
    plan.items.push({ query: 'b' })
    expect(() => schemaOf(SearchPlan).parse(Object.freeze(plan))).toThrow(/items is read-only/)
  })

  it('refuses an instance of an unrelated class, at the root and nested', () => {
    class Other {}
    expect(() => schemaOf(SearchPlan).check(new Other())).toThrow(
      'Value is not a SearchPlan: expected a plain object or an instance of SearchPlan (got Other)',
    )
    expect(() => schemaOf(SearchPlan).check({ topic: 'a', items: [new Other()] })).toThrow(
      'items[0] should be an instance of SearchItem (got Other)',
    )
  })

  it.each([[null], [undefined], [1], ['text'], [[]], [new Date()]])('refuses %s', value => {
    expect(() => schemaOf(SearchPlan).check(value)).toThrow(PayloadError)
  })

  it('validates an instance of a subclass by the rules of the subclass', () => {
    class LongPlan extends SearchPlan {
      @MinLength(20) override topic = ''
    }
    const plan = Object.assign(new LongPlan(), { topic: 'short', items: [] })
    expect(() => schemaOf(SearchPlan).check(plan)).toThrow(/topic must be longer than or equal to 20/)
  })

  it('transforms but does not validate a class without class-validator metadata, also nested', () => {
    class Bare {
      name!: string
    }
    class Holder {
      @ValidateNested() @Type(() => Bare) bare!: Bare
    }
    expect(schemaOf(Bare).parse({ name: 1 })).toBeInstanceOf(Bare)
    expect(schemaOf(Holder).parse({ bare: { name: 1 } }).bare).toBeInstanceOf(Bare)
  })

  it('refuses a nested plain object whose class nobody declared', () => {
    class Undeclared {
      @ValidateNested() part!: object
    }
    expect(() => schemaOf(Undeclared).parse({ part: { any: 1 } })).toThrow(
      /part is a plain object whose class is not known/,
    )
  })

  it('does not strip or refuse properties without decorators', () => {
    expect(schemaOf(SearchItem).parse({ query: 'a', extra: [1, { deep: true }] })).toEqual(
      Object.assign(new SearchItem(), { query: 'a', extra: [1, { deep: true }] }),
    )
  })

  it('leaves the plain object it was given unchanged and unshared', () => {
    abstract class Shape {}
    class Circle extends Shape {
      @IsNumber() radius!: number
    }
    class Drawing {
      @ValidateNested({ each: true })
      @Type(() => Shape as never, {
        discriminator: { property: 'kind', subTypes: [{ name: 'circle', value: Circle }] },
      })
      shapes!: Shape[]
      meta!: { tags: string[] }
    }
    const plain = { shapes: [{ kind: 'circle', radius: 1 }], meta: { tags: ['a'] } }
    const drawing = schemaOf(Drawing).parse(plain)
    expect(plain).toEqual({ shapes: [{ kind: 'circle', radius: 1 }], meta: { tags: ['a'] } })
    expect(drawing.shapes[0]).toBeInstanceOf(Circle)
    expect(drawing.shapes[0]).not.toHaveProperty('kind')
    expect(drawing.meta).not.toBe(plain.meta)
    expect(() => schemaOf(Drawing).parse({ shapes: [{ kind: 'square' }] })).toThrow(
      /shapes\[0\]\.kind must be one of: circle \(got string\)/,
    )
  })

  it('lets no key of a plain object reach a prototype or replace a method', () => {
    class Guarded {
      name = 'default'
      get length(): number {
        return this.name.length
      }
      greet(): string {
        return `I am ${this.name}`
      }
    }
    const plain = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"x":1},"greet":"no","length":9,"name":"Ada"}')
    const guarded = schemaOf(Guarded).parse(plain)
    expect(guarded).toBeInstanceOf(Guarded)
    expect(guarded.greet()).toBe('I am Ada')
    expect(guarded.length).toBe(3)
    expect('polluted' in guarded).toBe(false)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('keeps values in a plain object that are no plain data', () => {
    class Blob {
      @IsDefined() bytes!: Uint8Array
      index!: Map<string, number>
    }
    const bytes = new Uint8Array([1, 2])
    const index = new Map([['a', 1]])
    const blob = schemaOf(Blob).parse({ bytes, index })
    expect(blob.bytes).toBe(bytes)
    expect(blob.index).toBe(index)
  })

  it('converts what @Type declares: primitives, dates, maps and sets', () => {
    class Wide {
      @Type(() => Date) @IsDate() at!: Date
      @Type(() => Number) @IsInt() count!: number
      @Type(() => SearchItem) @ValidateNested() byName!: Map<string, SearchItem>
      @Type(() => SearchItem) @ValidateNested() all!: Set<SearchItem>
    }
    const wide = schemaOf(Wide).parse({
      at: '2024-05-06T07:08:09Z',
      count: '7',
      byName: new Map([['a', { query: 'x' }]]),
      all: new Set([{ query: 'y' }]),
    })
    expect(wide.at.toISOString()).toBe('2024-05-06T07:08:09.000Z')
    expect(wide.count).toBe(7)
    expect(wide.byName.get('a')).toBeInstanceOf(SearchItem)
    expect([...wide.all][0]).toBeInstanceOf(SearchItem)
  })

  it('makes a Date of an ISO string for @IsDate without @Type', () => {
    class Meeting {
      @IsDate() at!: Date
    }
    expect(schemaOf(Meeting).parse({ at: '2024-05-06' }).at).toEqual(new Date('2024-05-06'))
    expect(() => schemaOf(Meeting).parse({ at: 'tomorrow' })).toThrow(/at must be a Date instance \(got string\)/)
  })

  it('leaves classes with @Transform and @Expose to class-transformer', () => {
    class Renamed {
      @Expose({ name: 'full_name' })
      @Transform(({ value }: { value: string }) => value.trim())
      @IsString()
      name!: string
      @Type(() => SearchItem) @ValidateNested() item!: SearchItem
    }
    const renamed = schemaOf(Renamed).parse({ full_name: ' Ada ', item: { query: 'q' } })
    expect(renamed.name).toBe('Ada')
    expect(renamed.item).toBeInstanceOf(SearchItem)
    expect(schemaOf(Renamed).toJsonSchema().properties).toHaveProperty('full_name')
    const error = thrownBy(() => schemaOf(Renamed).parse({ full_name: 5 })) as PayloadError
    expect(error).toBeInstanceOf(PayloadError)
    expect(error.issues[0]?.constraint).toBe('transform')
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  it('says so when a value contains itself', () => {
    class Node {
      @IsOptional() @ValidateNested() @Type(() => Node) next?: Node
    }
    const plain: { next?: unknown } = {}
    plain.next = plain
    expect(() => schemaOf(Node).check(plain)).toThrow(/it contains itself, or is nested too deeply/)
    const node = new Node()
    node.next = node
    expect(() => schemaOf(Node).check(node)).toThrow(PayloadError)
  })

  it('follows conditions, and each, as class-validator does', () => {
    class Conditional {
      @IsBoolean() urgent!: boolean
      @ValidateIf((it: Conditional) => it.urgent) @IsString() reason?: string
      @IsString({ each: true }) tags!: string[]
    }
    expect(schemaOf(Conditional).parse({ urgent: false, tags: ['a'] })).toBeInstanceOf(Conditional)
    expect(() => schemaOf(Conditional).parse({ urgent: true, tags: ['a', 1] })).toThrow(
      'reason must be a string (got undefined); each value in tags must be a string (got array)',
    )
  })

  it('accepts null, but not undefined, for @Nullable', () => {
    class Answer {
      @Nullable() @IsString() text!: string | null
      @Nullable() @IsOptional() @IsString() note?: string | null
    }
    const schema = schemaOf(Answer)
    expect(schema.parse({ text: null, note: null })).toEqual(Object.assign(new Answer(), { text: null, note: null }))
    expect(schema.parse({ text: 'a' }).text).toBe('a')
    expect(() => schema.parse({ text: 5 })).toThrow(/text must be a string/)
    expect(() => schema.parse({})).toThrow(/text should be given, or be null/)
  })

  it('agrees with class-validator and class-transformer on any input', () => {
    class Inner {
      @IsInt() @Min(0) @Max(5) n!: number
    }
    class Outer {
      @IsString() @MaxLength(3) s!: string
      @IsOptional() @IsIn(['a', 'b']) choice?: string
      @IsOptional() @ValidateNested() @Type(() => Inner) one?: Inner
      @ValidateNested({ each: true }) @Type(() => Inner) many!: Inner[]
      @IsOptional() @IsNumber({}, { each: true }) list?: number[]
    }
    const inner = fc.oneof(
      fc.record({ n: fc.oneof(fc.integer({ min: -1, max: 6 }), fc.string()) }),
      fc.constant(null),
      fc.integer(),
    )
    const input = fc.record(
      {
        s: fc.oneof(fc.string({ maxLength: 5 }), fc.integer()),
        choice: fc.constantFrom('a', 'c', null),
        one: inner,
        many: fc.oneof(fc.array(inner, { maxLength: 3 }), inner),
        list: fc.oneof(fc.array(fc.oneof(fc.double(), fc.string()), { maxLength: 3 }), fc.integer()),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(input, plain => {
        const expected = plainToInstance(Outer, structuredClone(plain))
        const isValid = validateSync(expected).length === 0
        if (isValid) expect(schemaOf(Outer).parse(plain)).toEqual(expected)
        else expect(() => schemaOf(Outer).parse(plain)).toThrow(PayloadError)
      }),
      { numRuns: 500 },
    )
  })
})

describe('an asynchronous validator', () => {
  it('makes the schema asynchronous from wherever it is reached', () => {
    expect(schemaOf(AsyncRoot).isAsync).toBe(true)
    expect(schemaOf([() => AsyncRoot]).isAsync).toBe(true)
    expect(schemaOf(SearchPlan).isAsync).toBe(false)
  })

  it('is awaited by check and parseAsync, and refused by parse', async () => {
    const schema = schemaOf([AsyncRoot])
    await expect(schema.check([{ leaf: { name: 'known' } }])).resolves.toHaveLength(1)
    await expect(schema.parseAsync([{ leaf: { name: 'other' } }])).rejects.toThrow(
      '[0].leaf.name must be known (got string)',
    )
    await expect(schema.check('no')).rejects.toThrow(PayloadError)
    const error = thrownBy(() => schema.parse([])) as OrchestrationError
    expect(error.code).toBe('SCHEMA_UNSUPPORTED')
    expect(error.message).toContain('parseAsync')
  })

  it('is refused, not skipped, where nothing announced it', () => {
    class Sneaky {
      name!: string
    }
    registerDecorator({
      name: 'sneaky',
      target: Sneaky,
      propertyName: 'name',
      validator: { validate: async () => false },
    })
    expect(() => schemaOf(Sneaky).parse({ name: 'a' })).toThrow(/`name` that returned a promise.*async: true/)
    class AsyncPlan extends SearchItem {
      @Validate(IsKnown) override query = ''
    }
    expect(() => schemaOf(SearchItem).check(new AsyncPlan())).toThrow(/AsyncPlan has an asynchronous validator/)
  })
})

describe('schemas of other references', () => {
  it('check primitives by type, and refuse NaN', () => {
    expect(schemaOf(String).parse('a')).toBe('a')
    expect(schemaOf(Number).parse(1)).toBe(1)
    expect(schemaOf(Boolean).parse(false)).toBe(false)
    expect(() => schemaOf(String).parse(1)).toThrow('Value is not a string: expected a string (got number)')
    expect(() => schemaOf(Number).parse(Number.NaN)).toThrow('expected a finite number (got NaN)')
    expect(() => schemaOf(Boolean).parse('true')).toThrow(PayloadError)
  })

  it('take any object but an array for Object', () => {
    expect(schemaOf(Object).parse({ a: 1 })).toEqual({ a: 1 })
    expect(schemaOf(Object).parse(planOf('x'))).toBeInstanceOf(SearchPlan)
    expect(() => schemaOf(Object).parse([])).toThrow(PayloadError)
    expect(() => schemaOf(Object).parse(null)).toThrow(PayloadError)
  })

  it('take a valid date or an ISO string for Date', () => {
    const now = new Date()
    expect(schemaOf(Date).parse(now)).toBe(now)
    expect(schemaOf(Date).parse('2024-01-02T03:04:05.678Z')).toEqual(new Date('2024-01-02T03:04:05.678Z'))
    expect(() => schemaOf(Date).parse('soon')).toThrow(/got string/)
    expect(() => schemaOf(Date).parse(new Date('soon'))).toThrow(/got Invalid Date/)
    expect(() => schemaOf(Date).parse('2024-13-45')).toThrow(PayloadError)
  })

  it('check every element of an array, and copy it only where something was converted', () => {
    const items = planOf('x', 'a', 'b').items
    expect(schemaOf([SearchItem]).parse(items)).toBe(items)
    const plain = [{ query: 'a' }]
    const parsed = schemaOf([SearchItem]).parse(plain)
    expect(parsed[0]).toBeInstanceOf(SearchItem)
    expect(plain[0]).not.toBeInstanceOf(SearchItem)
    expect(() => schemaOf([SearchItem]).parse([{ query: 'a' }, { query: 1 }])).toThrow('[1].query must be a string')
    expect(() => schemaOf([SearchItem]).parse([items[0], 5])).toThrow('[1] must be a SearchItem (got number)')
    expect(() => schemaOf([[Number]]).parse([[1], [2, 'x']])).toThrow('[1][1] must be a finite number (got string)')
    // biome-ignore lint/suspicious/noSparseArray: the hole is the claim
    expect(() => schemaOf([Number]).parse([1, , 3])).toThrow('[1] must be a finite number (got undefined)')
    expect(() => schemaOf([Number]).parse({})).toThrow('Value is not a number[]: expected an array (got object)')
  })

  it('are cached by reference, and call a thunk only when they are used', () => {
    expect(schemaOf(SearchPlan)).toBe(schemaOf(SearchPlan))
    expect(schemaOf([SearchItem])).toBe(schemaOf([SearchItem]))
    const thunk = () => Later
    const schema = schemaOf(thunk)
    expect(schemaOf(thunk)).toBe(schema)
    class Later {
      @IsString() a!: string
    }
    expect(schema.name).toBe('Later')
    expect(schema.parse({ a: 'x' })).toBeInstanceOf(Later)
  })

  it('explain a thunk that came too early, and what is no reference', () => {
    expect(() => schemaOf(() => undefined as never).name).toThrow(/import each other in a circle/)
    expect(() => schemaOf([] as never)).toThrow(/got an array of 0/)
    expect(() => schemaOf('String' as never)).toThrow(/got string/)
    expect(() => schemaOf(undefined as never)).toThrow(OrchestrationError)
  })

  it('have readable names', () => {
    const names = [SearchPlan, [SearchItem], String, [[Number]], Object, () => Date].map(
      ref => schemaOf(ref as never).name,
    )
    expect(names).toEqual(['SearchPlan', 'SearchItem[]', 'string', 'number[][]', 'object', 'date'])
  })
})

describe('accepts', () => {
  class Special extends SearchPlan {}

  it.each(
    [
      [SearchPlan, SearchPlan, true],
      [SearchPlan, Special, true],
      [Special, SearchPlan, false],
      [SearchPlan, SearchItem, false],
      [() => SearchPlan, SearchPlan, true],
      [SearchPlan, () => Special, true],
      [String, String, true],
      [String, Number, false],
      [Object, SearchPlan, true],
      [Object, () => SearchPlan, true],
      [Object, String, false],
      [Object, [SearchPlan], false],
      [SearchPlan, Object, false],
      [[SearchPlan], [Special], true],
      [[Object], [Special], true],
      [[Special], [SearchPlan], false],
      [[SearchPlan], SearchPlan, false],
    ].map(([ref, other, expected]) => [schemaOf(ref as never), schemaOf(other as never), expected] as const),
  )('answers case %$ by class, primitive and element', (schema, other, expected) => {
    expect(schema.accepts(other)).toBe(expected)
  })
})

describe('strict parsing', () => {
  class Reply {
    @IsString() text!: string
    @IsOptional() @IsString() note?: string
    @IsOptional() @Nullable() @IsString() kept?: string | null
    @IsOptional() @ValidateNested() @Type(() => SearchItem) item?: SearchItem
  }

  it('drops null for optional properties that are not nullable, nested ones included', () => {
    const plain = { text: 'a', note: null, kept: null, item: { query: 'q', limit: null } }
    const reply = schemaOf(Reply).parse(plain, { strict: true })
    expect(reply.note).toBeUndefined()
    expect(reply.kept).toBeNull()
    expect(reply.item?.limit).toBeUndefined()
    expect(schemaOf(Reply).parse(plain).note).toBeNull()
  })
})
