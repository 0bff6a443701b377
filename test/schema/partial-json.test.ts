import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PartialJson } from '../../src/schema/index.js'

function read(text: string): { readonly value: unknown; readonly problem: string | undefined } {
  const reader = new PartialJson().add(text)
  reader.end()
  return { value: reader.value, problem: reader.problem }
}

/** Whether a value can be what was seen of another one before it was whole. */
function isBeginOf(part: unknown, whole: unknown): boolean {
  if (part === undefined) return true
  if (typeof part === 'string') return typeof whole === 'string' && whole.startsWith(part)
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.length <= whole.length && part.every((item, at) => isBeginOf(item, whole[at]))
  }
  if (typeof part !== 'object' || part === null) return Object.is(part, whole)
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false
  return Object.entries(part).every(
    ([key, item]) => Object.hasOwn(whole, key) && isBeginOf(item, (whole as Record<string, unknown>)[key]),
  )
}

const json = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' })
const written = fc.tuple(json, fc.constantFrom(undefined, 1, '\t')).map(([value, indent]) => ({
  value: JSON.parse(JSON.stringify(value)) as unknown,
  text: JSON.stringify(value, undefined, indent),
}))

describe('PartialJson', () => {
  it('shows strings as far as they go, and everything else once it is whole', () => {
    const seen = (text: string) => new PartialJson().add(text).value
    expect(seen('')).toBeUndefined()
    expect(seen('{"topic')).toEqual({})
    expect(seen('{"topic":')).toEqual({})
    expect(seen('{"topic":"AI in he')).toEqual({ topic: 'AI in he' })
    expect(seen('{"a":tru')).toEqual({})
    expect(seen('{"a":12')).toEqual({})
    expect(seen('{"a":12,')).toEqual({ a: 12 })
    expect(seen('[[1,2],[3')).toEqual([[1, 2], []])
    expect(seen('"a\\u00e')).toBe('a')
    expect(seen('"\\ud83d')).toBe('')
    expect(seen('"\\ud83d\\ude00')).toBe('😀')
  })

  it('shows of every prefix of random JSON what fits the whole, and of more text never less', () => {
    fc.assert(
      fc.property(written, ({ value, text }) => {
        const reader = new PartialJson()
        let before: unknown
        for (const unit of text) {
          const now = reader.add(unit).snapshot()
          expect(isBeginOf(now, value)).toBe(true)
          expect(isBeginOf(before, now)).toBe(true)
          before = now
        }
        expect(reader.end()).toBe(true)
        expect(reader.value).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  it('does not mind where the text is cut', () => {
    fc.assert(
      fc.property(written, fc.array(fc.nat(40), { maxLength: 20 }), ({ value, text }, cuts) => {
        const reader = new PartialJson()
        let at = 0
        for (const length of [...cuts, text.length]) {
          reader.add(text.slice(at, at + length))
          at += length
        }
        reader.add(text.slice(at)).end()
        expect(reader.problem).toBeUndefined()
        expect(reader.value).toEqual(value)
      }),
    )
  })

  it('agrees with JSON.parse about what is JSON and what is not', () => {
    const edit = fc.record({
      at: fc.nat(),
      put: fc.constantFrom('', '{', '}', '[', ']', ':', '"', '1', '-', 'e', 't', '\\'),
    })
    fc.assert(
      fc.property(written, fc.array(edit, { maxLength: 2 }), ({ text }, edits) => {
        let changed = text
        for (const { at, put } of edits) {
          const place = at % (changed.length + 1)
          changed = changed.slice(0, place) + put + changed.slice(place + 1)
        }
        const { value, problem } = read(changed)
        let expected: unknown
        try {
          expected = JSON.parse(changed)
        } catch {
          fc.pre(!/,\s*[}\]]/.test(changed) && !hasControl(changed))
          expect(problem).toBeDefined()
          return
        }
        if (problem === undefined) expect(value).toEqual(expected)
        else expect(problem).toContain('is given twice')
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['', 'there is no value'],
    ['  ', 'there is no value'],
    ['{"a":1', 'it ends in the middle (character 7)'],
    ['{"a":[{"b":1,"b":1}]}', 'a[0].b is given twice (character 15)'],
    ['{"a":1} {', 'something follows the end of the value (character 9)'],
    ['{a:1}', 'a key in double quotes is missing (character 2)'],
    ['{"a" 1}', 'a colon is missing'],
    ['{"a":}', 'a value is missing (character 6)'],
    ['[1 2]', 'a comma or a closing bracket is missing (character 4)'],
    ['[1}', 'a comma or a closing bracket is missing'],
    ['[,]', 'a value is missing'],
    ['[1,,2]', 'a value is missing'],
    ['[01]', 'a number is not written as JSON wants it'],
    ['[truthy]', 'a value is missing'],
    ["['a']", 'a value is missing'],
    ['["\\x"]', 'an escape that JSON does not know'],
    ['['.repeat(1001), 'more than 1000 levels'],
  ])('says what is wrong, and where: case %#', (text, problem) => {
    expect(read(text).problem).toContain(problem)
  })

  it('takes a comma before a closing bracket, and line breaks within strings', () => {
    expect(read('{"a":[1,2,],"b":"x\ny",}')).toEqual({ value: { a: [1, 2], b: 'x\ny' }, problem: undefined })
  })

  it('lets no key reach a prototype', () => {
    const { value } = read('{"__proto__":{"polluted":1}}')
    expect(Object.hasOwn(value as object, '__proto__')).toBe(true)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it('reads a megabyte in pieces of four characters: nothing is looked at from the start again', () => {
    const text = JSON.stringify({
      long: 'lorem "ipsum" \n dolor '.repeat(25_000),
      list: Array.from({ length: 40_000 }, () => [1]),
    })
    const reader = new PartialJson()
    let looked = 0
    for (let at = 0; at < text.length; at += 4) {
      looked += reader.take(text.slice(at, at + 4), 0)
      // Costs nothing: the value grows in place.
      expect(typeof reader.value).toBe('object')
    }
    expect(reader.isComplete).toBe(true)
    expect(looked).toBe(text.length)
  })
})

function hasControl(text: string): boolean {
  return (
    Array.from(text).some(character => character < ' ' && character !== '\n' && character !== '\t') ||
    /"[^"]*[\n\t][^"]*"/.test(text)
  )
}
