import { isDeepStrictEqual } from 'node:util'
import { Type } from 'class-transformer'
import { ValidateNested } from 'class-validator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrchestrationError } from '../../src/errors/index.js'
import { PayloadCodec, schemaOf, type TypeRef } from '../../src/schema/index.js'
import { planOf, SearchItem, SearchPlan, thrownBy } from './fixtures.js'

function stored(codec: PayloadCodec, value: unknown): unknown {
  return codec.decode(JSON.parse(JSON.stringify(codec.encode(value))))
}

function failureOf(value: unknown, refs: TypeRef[] = []): OrchestrationError {
  return thrownBy(() => new PayloadCodec(refs).encode(value)) as OrchestrationError
}

describe('PayloadCodec', () => {
  const codec = new PayloadCodec([SearchPlan])

  it('gives instances back, nested ones included', () => {
    const plan = stored(codec, planOf('AI', 'a', 'b')) as SearchPlan
    expect(plan).toBeInstanceOf(SearchPlan)
    expect(plan.items[1]).toBeInstanceOf(SearchItem)
    expect(plan).toStrictEqual(planOf('AI', 'a', 'b'))
  })

  it('writes plain data as it is, and tags the rest', () => {
    expect(codec.encode({ a: [1, 'x', null, true] })).toEqual({ a: [1, 'x', null, true] })
    expect(codec.encode(Object.assign(new SearchItem(), { query: 'a', limit: 1 }))).toEqual({
      $: 'SearchItem',
      v: { query: 'a', limit: 1 },
    })
    expect(codec.encode(new Date(0))).toEqual({ $: '@date', v: '1970-01-01T00:00:00.000Z' })
  })

  it.each([
    [undefined],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    [-0],
    [12345678901234567890n],
    [new Date(1234567890123)],
    [new Date(Number.NaN)],
    [
      new Map<unknown, unknown>([
        ['a', new Set([1, undefined])],
        [{ key: 1 }, -0],
      ]),
    ],
    [new Uint8Array([0, 127, 255])],
    [new Uint8Array(100_000).fill(7)],
    [{ a: undefined, b: [undefined, null] }],
    [{ $: 'SearchPlan', v: {} }],
    [{ $: { $: '@date' } }],
    [{ constructor: 1, prototype: 2, toString: 3 }],
    ['@date'],
  ])('round-trips %s', value => {
    expect(stored(codec, value)).toStrictEqual(value)
  })

  it('round-trips anything made of what it supports', () => {
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, maxDepth: 2 }),
        fc.dictionary(fc.oneof(fc.constantFrom('$', 'v', '__proto__', 'constructor'), fc.string()), tie('tree'), {
          maxKeys: 4,
        }),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.uint8Array().map(bytes => new Uint8Array(bytes)),
        fc.record({ query: tie('tree'), limit: tie('tree') }).map(fields => Object.assign(new SearchItem(), fields)),
      ),
    }))
    fc.assert(
      fc.property(tree, value => {
        const normal = withPrototypes(value)
        // vitest's own comparison is misled by objects with a key `constructor`.
        expect(isDeepStrictEqual(stored(codec, normal), normal)).toBe(true)
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
      }),
      { numRuns: 400 },
    )
  })

  it('keeps an own `__proto__` key a key', () => {
    const value = JSON.parse('{"__proto__":{"polluted":true},"a":1}') as object
    const back = stored(codec, value) as Record<string, unknown>
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(Object.keys(back)).toEqual(['__proto__', 'a'])
    expect(back['polluted']).toBeUndefined()
  })

  it('gives classes of one name distinct tags, the same in every codec with the same order', () => {
    const makeItem = () => {
      class Item {
        value = 1
      }
      return Item
    }
    const [First, Second] = [makeItem(), makeItem()]
    const encoded = new PayloadCodec([First, Second]).encode([new First(), new Second()])
    expect(encoded).toMatchObject([{ $: 'Item' }, { $: 'Item_2' }])
    const [first, second] = new PayloadCodec([First, Second]).decode(encoded) as unknown[]
    expect(first).toBeInstanceOf(First)
    expect(second).toBeInstanceOf(Second)
  })

  it('finds classes through thunks, arrays, schemas, discriminators and cycles', () => {
    abstract class Shape {}
    class Circle extends Shape {
      r = 1
    }
    class Node {
      @ValidateNested() @Type(() => Node) next?: Node
      @Type(() => Shape as never, { discriminator: { property: 'k', subTypes: [{ name: 'c', value: Circle }] } })
      shape?: Shape
    }
    const outer = Object.assign(new Node(), { next: Object.assign(new Node(), { shape: new Circle() }) })
    for (const refs of [[() => Node], [[Node]], [[() => [Node]]]] as unknown as TypeRef[][]) {
      expect(stored(new PayloadCodec(refs), outer)).toStrictEqual(outer)
    }
    expect(stored(new PayloadCodec([schemaOf(Node)]), outer)).toStrictEqual(outer)
  })

  it('restores without the constructor, and past accessors of the class', () => {
    let constructed = 0
    class Counted {
      name = 'a'
      constructor() {
        constructed++
      }
      get upper(): string {
        return this.name.toUpperCase()
      }
    }
    const counted = stored(new PayloadCodec([Counted]), Object.assign(new Counted(), { name: 'b' })) as Counted
    expect(counted.upper).toBe('B')
    expect(constructed).toBe(1)
  })

  it('names the path of what cannot be stored', () => {
    class Stranger {}
    class Special extends Map {}
    const cycle: { list: unknown[] } = { list: [] }
    cycle.list.push(cycle)
    expect(failureOf({ a: [{ b: () => 1 }] }).message).toMatch(/^The value at a\[0\]\.b is a function/)
    expect(failureOf({ s: Symbol('x') }).message).toMatch(/at s is a symbol/)
    expect(failureOf({ [Symbol('x')]: 1 }).message).toMatch(/has the symbol Symbol\(x\) as a key/)
    expect(failureOf(cycle).message).toMatch(/at list\[0\] contains itself/)
    expect(failureOf({ who: new Stranger() }).message).toMatch(
      /at who is an instance of Stranger, a class that is not registered/,
    )
    expect(failureOf(new Map([[1, new URL('http://a.b')]])).message).toMatch(/at \[0\]\[1\] is an instance of URL/)
    expect(failureOf(new Special(), [Special]).message).toMatch(/extends a built-in class/)
    expect(failureOf(cycle).code).toBe('PAYLOAD_NOT_SERIALIZABLE')
    expect(failureOf(cycle).details).toEqual({ path: 'list[0]' })
    class Odd {}
    expect(failureOf(Object.assign(new Odd(), { constructor: 1 }), [Odd]).message).toMatch(/property `constructor`/)
  })

  it('stores an object that occurs twice, and reports one that is too deep', () => {
    const shared = { a: 1 }
    expect(stored(codec, [shared, shared])).toEqual([shared, shared])
    let deep: unknown = 0
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(failureOf(deep).message).toMatch(/nested too deeply/)
  })

  it.each([
    [{ $: 'Nobody', v: {} }, /tagged "Nobody", which no registered class has/],
    [{ $: '@unknown' }, /tagged "@unknown"/],
    [{ $: 5 }, /tagged 5/],
    [{ $: '@date', v: 'soon' }, /text of a date/],
    [{ $: '@date' }, /text of a date/],
    [{ $: '@bigint', v: 'x' }, /text of an integer/],
    [{ $: '@number', v: '5' }, /special number/],
    [{ $: '@bytes', v: '%' }, /base64/],
    [{ $: '@map', v: [[1]] }, /pairs/],
    [{ $: '@map', v: {} }, /pairs/],
    [{ $: '@set', v: 1 }, /an array/],
    [{ $: '@object', v: [] }, /an object/],
    [{ $: 'SearchItem', v: JSON.parse('{"__proto__":{"limit":1}}') as object }, /key `__proto__`/],
    [{ $: 'SearchItem', v: { constructor: 1 } }, /key `constructor`/],
    [{ a: [undefined] }, /a\[0\] cannot be read back: it is a undefined/],
  ])('refuses %j', (json, message) => {
    const error = thrownBy(() => codec.decode(json)) as OrchestrationError
    expect(error.code).toBe('PAYLOAD_NOT_SERIALIZABLE')
    expect(error.message).toMatch(message)
  })
})

// fast-check makes objects without a prototype and sparse arrays, whose shape is documented not to be kept.
function withPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, withPrototypes)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [withPrototypes(key), withPrototypes(item)]))
  if (value instanceof Set) return new Set([...value].map(withPrototypes))
  if (value instanceof SearchItem) {
    return Object.assign(new SearchItem(), { query: withPrototypes(value.query), limit: withPrototypes(value.limit) })
  }
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value
  const copy = {}
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copy, key, {
      value: withPrototypes(item),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return copy
}
