import { Expose, Transform, Type } from 'class-transformer'
import { IsDate, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  JsonSchemaFragment,
  makeUnion,
  OfType,
  PayloadCodec,
  type PayloadError,
  schemaOf,
  setRecord,
  setType,
  type TypeRef,
} from '../../src/schema/index.js'
import {
  Addition,
  Expression,
  ListCall,
  Literal,
  Max2,
  Page,
  Paragraph,
  Priority,
  Report,
  report,
  Scores,
  Table,
  Tree,
  TreePage,
} from './documents.js'
import { thrownBy } from './fixtures.js'
import { strictFaults } from './strict-rules.js'

function issuesOf(ref: TypeRef, value: unknown): string[] {
  return (thrownBy(() => schemaOf(ref).parse(value, { strict: true })) as PayloadError).issues.map(
    ({ message, received }) => `${message} (got ${received})`,
  )
}

describe('a schema in strict mode', () => {
  it.each([[Report], [Tree], [TreePage], [Paragraph], [Addition]])('S4-16 keeps every rule of it: %o', target => {
    expect(strictFaults(schemaOf(target as TypeRef).toJsonSchema({ strict: true }))).toEqual([])
  })

  it('says of unions, lists of lists and values of several types what they are', () => {
    const { properties = {}, $defs = {} } = schemaOf(Report).toJsonSchema({ strict: true })
    expect(properties['formula']).toEqual({ $ref: '#/$defs/Expression' })
    expect($defs['Expression']).toEqual({
      description: 'An arithmetic expression',
      anyOf: ['Literal', 'Addition', 'Call'].map(name => ({ $ref: `#/$defs/${name}` })),
    })
    expect($defs['Literal']?.properties?.['op']).toEqual({ type: 'string', const: 'number' })
    expect($defs['Call']?.anyOf).toHaveLength(2)
    expect($defs['Max2']?.required).toEqual(['op', 'fn', 'of'])
    expect(properties['matrix']).toEqual({ type: 'array', items: { type: 'array', items: { type: 'number' } } })
    expect(properties['mixed']).toEqual({
      anyOf: [
        { type: 'string', enum: ['a'] },
        { type: 'integer', enum: [1] },
        { type: 'null', enum: [null] },
      ],
    })
    expect(properties['title']).toEqual({ type: 'string', pattern: '^[A-Z]', description: '(at most 80 characters)' })
    expect(properties['big']).toEqual({ type: 'string', pattern: '^-?\\d+$' })
    expect(properties['item']).not.toEqual(properties['other'])
    const blocks = properties['blocks']?.items?.anyOf?.map(each => each.$ref)
    expect(properties['cover']?.anyOf).toEqual([...(blocks ?? []).map($ref => ({ $ref })), { type: 'null' }])
  })

  it.each([
    ['a record', Scores, /Scores\.byName is an object of unknown properties/],
    ['any object', Object, /object is an object of unknown properties/],
    ['a list of any objects', [[Object]], /is an array whose element is an array whose element is an object/],
  ])('does not pretend to express %s', (_name, ref, message) => {
    expect(() => schemaOf(ref as TypeRef).toJsonSchema({ strict: true })).toThrow(message)
    expect(schemaOf(ref as TypeRef).toJsonSchema()).toBeDefined()
  })

  it('looks into fragments, and leaves out of them what it would refuse', () => {
    class Written {
      @JsonSchemaFragment({ type: 'object', properties: { a: { type: 'string', not: { const: 'x' } } } }) fine!: unknown
    }
    class Open {
      @JsonSchemaFragment({ anyOf: [{ type: 'string' }, { type: 'object' }] }) one!: unknown
    }
    class All {
      @JsonSchemaFragment({ allOf: [{ type: 'string' }] }) all!: unknown
    }
    expect(strictFaults(schemaOf(Written).toJsonSchema({ strict: true }))).toEqual([])
    expect(() => schemaOf(Open).toJsonSchema({ strict: true })).toThrow(
      /Open\.one has an alternative that is an object/,
    )
    expect(() => schemaOf(All).toJsonSchema({ strict: true })).toThrow(/All\.all is described by `allOf`/)
  })
})

describe('what a strict schema asks for', () => {
  it('S4-02 becomes instances, through unions, lists of lists, recursion and subclasses', () => {
    const read = schemaOf(Report).parse(report(), { strict: true })
    expect(read.blocks[0]).toBeInstanceOf(Paragraph)
    expect(read.blocks[1]).toEqual(Object.assign(new Table(), { type: 'table', cells: [['a', 'b'], []], id: 'T' }))
    const { left, right } = read.formula as Addition
    expect(read.formula).toBeInstanceOf(Addition)
    expect(left).toEqual(Object.assign(new Literal(), { op: 'number', value: 1 }))
    expect((right as ListCall).rows[1]?.[0]).toBeInstanceOf(Max2)
    expect(read.tree.children[0]).toBeInstanceOf(Tree)
    expect(read.page).toBeInstanceOf(Page)
    expect(read.page.items[0]).toBeInstanceOf(Tree)
    expect(read.at).toEqual(new Date('2024-05-06T07:08:09Z'))
    expect(read.until).toBeNull()
    expect(read.priority).toBe(Priority.High)
    expect(read.big).toBe(12345678901234567890n)
    expect('stars' in read && read.stars !== undefined).toBe(false)
    expect('cover' in read && read.cover !== undefined).toBe(false)
  })

  it('is checked as a whole: every problem is told at once, each at its place', () => {
    const wrong = {
      ...report(),
      title: 'lower',
      priority: '1',
      blocks: [{ type: 'video' }, { text: 'x' }, { type: 'table', cells: [['a', 1]] }],
      formula: { op: 'add', left: { op: 'number', value: '1' }, right: { op: 'call', fn: 'max', of: [{ op: 'pow' }] } },
      matrix: [[1], 2],
      big: '1.5',
      until: 'tomorrow',
    }
    expect(issuesOf(Report, wrong).sort()).toEqual(
      [
        'title must match /^[A-Z]/ regular expression (got string)',
        'priority must be one of the following values: 0, 1 (got string)',
        'blocks[0].type must be one of: text, table (got string)',
        'blocks[1].type must be one of: text, table (got undefined)',
        'blocks[2].cells[0][1] must be a string (got number)',
        'formula.left.value must be a number conforming to the specified constraints (got string)',
        'formula.right.of[0].op must be one of: number, add, call (got string)',
        'matrix[1] must be an array (got number)',
        'big must be a whole number, or one in digits (got string)',
        'until must be a date in ISO 8601 (got string)',
      ].sort(),
    )
  })

  it('is not put right in silence: a number in quotes is no number, a word is no date', () => {
    class Exact {
      @IsInt() count!: number
      @OfType([Number]) list!: number[]
      @IsDate() at!: Date
    }
    expect(issuesOf(Exact, { count: '1', list: ['2'], at: 'today' })).toHaveLength(3)
  })

  it('can be a record, of which each value is checked', () => {
    const read = schemaOf(Scores).parse({ byName: { 'Ada L.': 1 }, trees: { a: { name: 'x', children: [] } } })
    expect(read.trees?.['a']).toBeInstanceOf(Tree)
    expect(issuesOf(Scores, { byName: { 'Ada L.': 'x', Bob: 2 }, trees: { a: { name: 1, children: [] } } })).toEqual([
      'byName["Ada L."] must be a finite number (got string)',
      'trees.a.name must be a string (got number)',
    ])
    expect(issuesOf(Scores, { byName: [] })).toEqual(['byName must be a plain object (got array)'])
  })
})

describe('a union', () => {
  it('can be the type of a whole value, and the element of a list', () => {
    expect(schemaOf(Expression).parse({ op: 'number', value: 3 })).toBeInstanceOf(Literal)
    expect(schemaOf([Expression]).parse([{ op: 'call', fn: 'max', of: [] }])[0]).toBeInstanceOf(Max2)
    expect(issuesOf(Expression, { op: 'call', fn: 'min' })).toEqual(['fn must be one of: max, list (got string)'])
    expect(issuesOf([Expression], [{}])).toEqual(['[0].op must be one of: number, add, call (got undefined)'])
  })

  it('takes instances of its members as they are, plain objects within them included', () => {
    const sum = Object.assign(new Addition(), { left: { op: 'number', value: 1 }, right: new Literal() })
    Object.assign(sum.right, { value: 2 })
    expect(schemaOf(Expression).check(sum)).toBe(sum)
    expect(sum.left).toBeInstanceOf(Literal)
    expect(() => schemaOf(Expression).check(new Tree())).toThrow(/instance of Expression \(got Tree\)/)
  })

  it('is stored and restored member by member', () => {
    const codec = new PayloadCodec([Report])
    const read = schemaOf(Report).parse(report(), { strict: true })
    const restored = codec.decode(JSON.parse(JSON.stringify(codec.encode(read))))
    expect(restored).toEqual(read)
    expect((restored as Report).formula).toBeInstanceOf(Addition)
  })

  it('can have its base as a member, and be made without decorators', () => {
    class Node {
      label!: string
    }
    class Leaf extends Node {
      weight!: number
    }
    class Holder {
      nodes!: Node[][]
      named!: Record<string, Node>
    }
    makeUnion(Node, 'kind', () => ({ node: Node, leaf: Leaf }))
    setType(Node, 'label', String)
    setType(Leaf, 'weight', Number)
    setType(Holder, 'nodes', [[Node]])
    setRecord(Holder, 'named', Node)
    const read = schemaOf(Holder).parse({
      nodes: [
        [
          { kind: 'node', label: 'n' },
          { kind: 'leaf', label: 'l', weight: 1 },
        ],
      ],
      named: { a: { kind: 'node', label: 'm' } },
    })
    expect(read.nodes[0]?.map(each => each.constructor)).toEqual([Node, Leaf])
    expect(read.named['a']).toBeInstanceOf(Node)
    expect(issuesOf(Holder, { nodes: [[{ kind: 'leaf', label: 1, weight: 'x' }]], named: {} })).toEqual([
      'nodes[0][0].label must be a string (got number)',
      'nodes[0][0].weight must be a finite number (got string)',
    ])
    expect(strictFaults({ ...schemaOf(Leaf).toJsonSchema({ strict: true }) })).toEqual([])
  })

  it('says so when a member did not exist yet', () => {
    class Early {}
    makeUnion(Early, 'kind', () => ({ late: undefined as never }))
    expect(() => schemaOf(Early).parse({ kind: 'late' })).toThrow(/"late" of the union Early is no class/)
  })

  it('lives in classes that class-transformer builds, too', () => {
    class Renamed {
      @Expose({ name: 'full_name' })
      @Transform(({ value }: { value: string }) => value.trim())
      @IsString()
      name!: string
      @Expose({ name: 'sum' }) @ValidateNested() @Type(() => Expression) formula!: Expression
      @OfType([[Number]]) grid!: number[][]
      @IsOptional() @Type(() => BigInt) big?: bigint
    }
    const plain = { full_name: ' Ada ', sum: { op: 'number', value: 1 }, grid: [[1]], big: 7 }
    const read = schemaOf(Renamed).parse(plain)
    expect(read).toEqual(
      Object.assign(new Renamed(), {
        name: 'Ada',
        formula: Object.assign(new Literal(), { op: 'number', value: 1 }),
        grid: [[1]],
        big: 7n,
      }),
    )
    expect(read.formula).toBeInstanceOf(Literal)
    expect(issuesOf(Renamed, { ...plain, sum: { op: 'x' }, grid: [['1']] })).toEqual([
      'sum.op must be one of: number, add, call (got string)',
      'grid[0][0] must be a finite number (got string)',
    ])
  })
})

describe('a property of a declared type', () => {
  class Board {
    @IsOptional() @OfType([[Tree]]) rows?: Tree[][]
    @IsNumber() count!: number
  }

  it('may be left out where it is optional, and shares nothing with what it was made of', () => {
    const rows = [[{ name: 'a', children: [] }]]
    expect(schemaOf(Board).parse({ count: 1, rows: null }, { strict: true }).rows).toBeUndefined()
    const read = schemaOf(Board).parse({ count: 1, rows })
    expect(read.rows?.[0]?.[0]).toBeInstanceOf(Tree)
    expect(read.rows).not.toBe(rows)
    expect(rows[0]?.[0]).not.toBeInstanceOf(Tree)
  })

  it('is checked in an instance, also inside another one', () => {
    class Holder {
      @ValidateNested() @Type(() => Board) board!: Board
    }
    const board = Object.assign(new Board(), { count: 1, rows: [[{ name: 5, children: [] }]] })
    const holder = Object.assign(new Holder(), { board })
    expect(issuesOf(Holder, holder)).toEqual(['board.rows[0][0].name must be a string (got number)'])
    board.rows = [[{ name: 'fine', children: [] }]] as unknown as Tree[][] as never
    schemaOf(Holder).parse(holder)
    expect((holder.board.rows as unknown as Tree[][])[0]?.[0]).toBeInstanceOf(Tree)
  })
})
