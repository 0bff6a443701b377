import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrchestrationError } from '../../src/errors/index.js'
import { ExpressionError, parseCondition, parseExpression } from '../../src/graph/internal.js'

const values = {
  results: {
    search: { count: 4, items: ['a', 'b'], title: 'Cats', empty: null, 'top-hit': { id: 7 } },
    draft: { done: true },
  },
  metadata: { round: 2, tags: ['x'], limit: 2.5 },
}

const refusal = (text: string): ExpressionError => {
  try {
    parseCondition(text)
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return thrown
    throw thrown
  }
  throw new Error(`"${text}" was accepted`)
}

const failure = (text: string, given: Readonly<Record<string, unknown>> = values): OrchestrationError => {
  try {
    parseExpression(text).evaluate(given)
  } catch (thrown) {
    return thrown as OrchestrationError
  }
  throw new Error(`"${text}" was computed`)
}

describe('S3-13 a condition over results and metadata', () => {
  it.each([
    ['results.search.count > 3', true],
    ['results.search.count == 4 && metadata.round != 4', true],
    ['results["search"]["count"] < 3', false],
    ["results['search']['top-hit'].id == 7", true],
    ['results.search.items[0] == "a"', true],
    ['results.search.items[metadata.round - 1] == "b"', true],
    ['metadata.round + 1 == 3', true],
    ['1 + metadata.round == 3', true],
    ['metadata.round / 4 == 0.5', true],
    ['metadata.limit * 2 == 5', true],
    ['metadata.round in [1, 2]', true],
    ['"b" in results.search.items', true],
    ['"at" in results.search.title', true],
    ['"search" in results', true],
    ['results.search.items.exists(item, item == "b")', true],
    ['results.search.items.all(item, size(item) == 1)', true],
    ['results.search.items.filter(i, i != "a").size() == metadata.round - 1', true],
    ['results.?other.?count.orValue(0) > 3', false],
    ['has(results.search) && !has(results.other)', true],
    ['results.search.empty == null', true],
    ['results.search.title.startsWith("C") ? true : false', true],
    ['results.search.items == ["a", "b"]', true],
    ['results.search.items.map(i, {"of": i})[1].of == "b"', true],
  ])('S2 CEL: %s', (text, expected) => {
    expect(parseCondition(text).evaluate(values)).toEqual({ value: expected })
  })

  it.each([
    ['results.search.count > 3 and metadata.round == 2', true],
    ['results.search.count > 9 or results.draft.done', true],
    ['not results.search.count > 9', true],
    ['not results.draft.done or not results.search.count == 4', false],
    ['not (results.draft.done and False)', true],
    ['not not results.draft.done', true],
    ['metadata.round not in [1, 3]', true],
    ['len(results.search.items) not in [2]', false],
    ['not metadata.round not in [1, 3]', false],
    ['len(results.search.items) == 2', true],
    ['results.search.empty is None', true],
    ['results.search.title is not None and True', true],
    ["results.get('search').get('count') == 4", true],
    ["results['search'].get('missing', 10) > 9", true],
    ["results.get('missing') is None", true],
    ["results.search.title.lower() == 'cats'", true],
    ["results.search.title.startswith('Ca') and 'and' in 'sand and or not'", true],
    ['results.search.items.exists(i, not i == "a" and i in ["b"])', true],
    ['not metadata.round == 3 ? not False : False', true],
  ])('S2 Python-like: %s', (text, expected) => {
    expect(parseCondition(text).evaluate(values)).toEqual({ value: expected })
  })

  it('C27 takes a path that is missing for false, and says which one it was', () => {
    expect(parseCondition('results.search.total > 3').evaluate(values)).toEqual({
      value: false,
      missing: 'results.search.total',
    })
    expect(parseCondition('results["nothing"].count > 3').evaluate(values).missing).toBe('results["nothing"]')
    expect(parseCondition('not results.nothing.count > 3').evaluate(values)).toEqual({
      value: false,
      missing: 'results.nothing',
    })
    expect(parseCondition('results.search.items[5] == "a"').evaluate(values).missing).toBe('results.search.items[5]')
    expect(parseCondition('results.search.empty.x == 1').evaluate(values).missing).toBe('results.search.empty.x')
    expect(parseCondition('other > 1').evaluate(values)).toEqual({ value: false, missing: 'other' })
    expect(parseCondition('results.draft.done || results.nothing.x').evaluate(values)).toEqual({ value: true })
  })

  it('is true or false: null is false, anything else an error', () => {
    expect(parseCondition('results.search.empty').evaluate(values)).toEqual({ value: false })
    expect(parseCondition('results.?nothing').evaluate(values)).toEqual({ value: false })
    expect(() => parseCondition('results.search.count').evaluate(values)).toThrow(
      /came to a value of type number.*compare/,
    )
    expect(() => parseCondition('results.search.items').evaluate(values)).toThrow(/came to a list/)
    expect(refusal('"yes"').problem).toMatch(/comes to a string/)
    expect(failure('results.search.title > 3')).toMatchObject({ code: 'CONDITION_FAILED' })
    expect(failure('results.search.title > 3').message).toMatch(
      /at character 1: the types do not fit: there is no `dyn<string> > int`/,
    )
  })

  it('tells what it reads, without the names of items', () => {
    const paths = (text: string): readonly (readonly unknown[])[] => parseExpression(text).paths
    expect(paths('results.search.count > 3 and results["draft"].done')).toEqual([
      ['results', 'search', 'count'],
      ['results', 'draft', 'done'],
    ])
    expect(paths('items.exists(i, i.ok and i.id == wanted.id)')).toEqual([['wanted', 'id'], ['items']])
    expect(paths('has(results.a.b) || results.?c.?d.orValue(x) == y[0].z')).toEqual([
      ['results', 'a', 'b'],
      ['results', 'c', 'd'],
      ['x'],
      ['y', 0, 'z'],
    ])
    expect(paths('results[name].count > 1')).toEqual([['results'], ['name']])
    expect(paths("results.get('a').b")).toContainEqual(['results', 'a'])
    expect(paths('[1, 2].map(i, i * factor)')).toEqual([['factor']])
    expect(paths('i > 1 && xs.exists(i, i > 1)')).toEqual([['i'], ['xs']])
  })
})

describe('an expression', () => {
  it('S2 comes to plain data', () => {
    const of = (text: string): unknown => parseExpression(text).evaluate(values).value
    expect(of('results.search')).toEqual(values.results.search)
    expect(of('{"n": metadata.round + 1, "all": results.search.items + ["c"], "k": 1}')).toEqual({
      n: 3,
      all: ['a', 'b', 'c'],
      k: 1,
    })
    expect(of('results.?nothing')).toBeUndefined()
    expect(of('size(results.search.items)')).toBe(2)
    expect(parseExpression('results.nothing').evaluate(values)).toEqual({
      value: undefined,
      missing: 'results.nothing',
    })
  })

  it('reads class instances by their own fields', () => {
    class Found {
      readonly count = 3
      readonly at = new Date(0)
      get secret(): string {
        return 'no'
      }
      run(): number {
        return 1
      }
    }
    const given = { found: new Found() }
    expect(parseCondition('found.count == 3 and found.at.startsWith("1970")').evaluate(given)).toEqual({ value: true })
    expect(parseCondition('found.secret == "no"').evaluate(given).missing).toBe('found.secret')
    expect(parseCondition('found.run == null').evaluate(given).missing).toBe('found.run')
  })
})

describe('what is no expression', () => {
  it.each([
    ['a >', 4, /expected is a value.*the end of the text/],
    ['(a > 1', 7, /expected is `\)`, but there is the end of the text/],
    ['a.b. > 1', 6, /expected is a name, but there is `>`/],
    ['a b', 3, /expected is an operator/],
    ['a > 1 and and b', 11, /expected/],
    ['not a and b >', 14, /expected/],
    ['len(a) > 1 and (b', 18, /`\)`/],
    ['a = 1', 3, /compare with `==`/],
    ['a === 1', 3, /compare with `==`/],
    ['a // 2 == 1', 3, /comment/],
    ['"abc', 1, /nterminated/],
    ['loop.index > 1', 1, /`loop` is a reserved word/],
    ['type == "x"', 1, /word of the language/],
    ['a == 1 and "x" + 1 == 2', 12, /there is no `string \+ int`/],
    ['a and contain(b)', 7, /no call `contain\(\)`/],
    ['a.start("x")', 3, /no call `start\(\)`/],
    ['True and a.__proto__.x', 12, /`__proto__` cannot be read/],
    ['a["constructor"] == 1', 3, /`constructor` cannot be read/],
    ['1 < a < 3', 1, /there is no `bool < int`/],
    ['', 1, /empty/],
    ['a ? 1 : "x"', 1, /./],
  ])('S3-13 C27 "%s" is refused at character %i', (text, position, problem) => {
    const error = refusal(text)
    expect(error.problem).toMatch(problem)
    expect(error).toMatchObject({ code: 'CONDITION_INVALID', position })
    expect(error.message).toContain(`at character ${position}`)
    expect(error.message).toContain('results.search.count > 3')
  })

  it('has `matches` nowhere, because a pattern can hang', () => {
    for (const text of [
      'a.matches("x")',
      'matches(a, "x")',
      'b || [1].exists(i, c[a.matches("^(a+)+$") ? 0 : 1] == i)',
      'x[a.matches("x")] == 1',
      '{"k": [a.matches("x")]}.k[0]',
      'a.get("x", b.matches("y"))',
      'has(a.b) && a.?b.orValue("x".matches("y"))',
    ]) {
      expect(refusal(text).problem).toMatch(/`matches` is not there/)
    }
  })

  it('is what is too long, too deep or has too many parts', () => {
    expect(refusal(`a == "${'x'.repeat(2000)}"`).problem).toMatch(/longer than 2000 characters/)
    expect(refusal(`${'('.repeat(100)}a${')'.repeat(100)}`).problem).toMatch(/too deep/)
    expect(refusal(`${'a+'.repeat(500)}a > 1`).problem).toMatch(/too long/)
    expect(refusal(`${'not '.repeat(300)}a`).code).toBe('CONDITION_INVALID')
  })
})

describe('no expression hangs', () => {
  const list = Array.from({ length: 2000 }, (_, index) => index)

  it('refuses loops inside of loops that would take too many steps', () => {
    expect(failure('xs.all(a, xs.all(b, a + b >= 0))', { xs: list })).toMatchObject({ code: 'CONDITION_FAILED' })
    expect(failure('xs.all(a, a in ys)', { xs: list, ys: list }).message).toMatch(/more than 250000 steps/)
    expect(failure('xs.all(a, xs == ys)', { xs: list, ys: [...list] }).message).toMatch(/more than 250000 steps/)
    const some = { xs: list.slice(0, 300) }
    expect(parseCondition('xs.all(a, xs.exists(b, a == b))').evaluate(some)).toEqual({ value: true })
    expect(parseCondition('xs.exists(x, x == wanted)').evaluate({ xs: list, wanted: 1999 })).toEqual({ value: true })
  })

  it('refuses to search long texts too often', () => {
    const given = { xs: list, text: 'ab'.repeat(1e6) }
    expect(failure('xs.all(x, !text.contains("c"))', given).message).toMatch(/more than 500000000 characters/)
    expect(failure('xs.all(x, not "c" in text)', given).message).toMatch(/more than 500000000 characters/)
    expect(parseCondition('not text.contains("c")').evaluate(given)).toEqual({ value: true })
  })

  it('refuses to read too much, or what contains itself', () => {
    const circle: Record<string, unknown> = { n: 1 }
    circle['self'] = circle
    expect(failure('circle == 1', { circle }).message).toMatch(/nested more than 100/)
    expect(parseCondition('circle.self.self.n == 1').evaluate({ circle })).toEqual({ value: true })
    expect(failure('xs == []', { xs: Array.from({ length: 100_001 }, () => 0) }).message).toMatch(/more than 100000/)
  })

  it('S3-13 whatever the text is, it is refused with a place in it or computed', () => {
    const pieces = fc.constantFrom(
      ...[
        'a',
        'b.c',
        '1',
        '2.5',
        '"s"',
        "'",
        '"',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '.',
        ',',
        '?',
        ':',
        ' and ',
        ' or ',
        ' not ',
      ],
      ...[
        ' in ',
        ' is ',
        '==',
        '>',
        '+',
        '-',
        '!',
        'len(',
        '.get(',
        '.exists(x,',
        'has(',
        'None',
        '\\',
        '\n',
        '#',
        'é',
      ],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), chosen => {
        const text = chosen.join('')
        try {
          parseExpression(text).evaluate({ a: 1, b: { c: [1] } })
        } catch (thrown) {
          const error = thrown as OrchestrationError
          if (error.code === 'CONDITION_FAILED') return
          expect(error).toBeInstanceOf(ExpressionError)
          const { position } = error as ExpressionError
          expect(position >= 1 && position <= text.length + 1).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('no expression reaches what is not data', () => {
  const named = fc.constantFrom(
    ...[
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'valueOf',
      'hasOwnProperty',
      '__defineGetter__',
      'length',
      'call',
    ],
  )
  const subject = fc.constantFrom('o', 's', 'n', 'l', 'f', 'i', 'l[0]', '{}', '[]', '"x"', '{"a": 1}', 'o.p')
  const access = (name: string): fc.Arbitrary<string> =>
    fc.constantFrom(`.${name}`, `["${name}"]`, `.?${name}`, `[?"${name}"]`, `[k]`, `.get("${name}")`, `.${name}()`)
  class Instance {
    readonly own = 1
    method(): number {
      return 2
    }
  }

  it('S3-13 whichever way it is written', () => {
    fc.assert(
      fc.property(
        subject,
        named.chain(name => fc.tuple(fc.constant(name), fc.array(access(name), { minLength: 1, maxLength: 3 }))),
        (start, [k, accesses]) => {
          const text = `${start}${accesses.join('')}`
          const given = { o: { p: {} }, s: 'text', n: 1, l: [{}], f: () => 1, i: new Instance(), k }
          try {
            const { value } = parseExpression(text).evaluate(given)
            expect(value ?? null).toBeNull()
          } catch (thrown) {
            expect((thrown as OrchestrationError).code).toMatch(/^CONDITION_/)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('S3-13 nor such keys where data has them', () => {
    const given = JSON.parse('{"o":{"__proto__":{"x":1},"constructor":2,"a":3}}') as Record<string, unknown>
    expect(parseExpression('o').evaluate(given).value).toEqual({ a: 3 })
    expect(parseExpression('o[k]').evaluate({ ...given, k: '__proto__' }).missing).toBe('o[k]')
    expect(parseExpression('o').evaluate(Object.create({ o: 1 }) as Record<string, unknown>).missing).toBe('o')
  })
})
