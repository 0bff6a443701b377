import { describe, expectTypeOf, it } from 'vitest'
import { type Schema, schemaOf, type TypeOf, type TypeRef, type TypeRefOf } from '../../src/schema/index.js'
import { SearchItem, SearchPlan } from './fixtures.js'

class Unrelated {
  other!: boolean
}

function accept<T>(_ref: TypeRefOf<T>): void {}

describe('TypeOf', () => {
  it('maps every kind of reference to the type of its values', () => {
    expectTypeOf<TypeOf<StringConstructor>>().toEqualTypeOf<string>()
    expectTypeOf<TypeOf<NumberConstructor>>().toEqualTypeOf<number>()
    expectTypeOf<TypeOf<BooleanConstructor>>().toEqualTypeOf<boolean>()
    expectTypeOf<TypeOf<DateConstructor>>().toEqualTypeOf<Date>()
    expectTypeOf<TypeOf<ObjectConstructor>>().toEqualTypeOf<Record<string, unknown>>()
    expectTypeOf<TypeOf<typeof SearchPlan>>().toEqualTypeOf<SearchPlan>()
    expectTypeOf<TypeOf<readonly [typeof SearchItem]>>().toEqualTypeOf<SearchItem[]>()
    expectTypeOf<TypeOf<() => typeof SearchItem>>().toEqualTypeOf<SearchItem>()
    expectTypeOf<TypeOf<() => readonly [typeof SearchItem]>>().toEqualTypeOf<SearchItem[]>()
    expectTypeOf<TypeOf<TypeRef>>().toEqualTypeOf<unknown>()
  })

  it('is what schemaOf infers', () => {
    expectTypeOf(schemaOf(SearchPlan)).toEqualTypeOf<Schema<SearchPlan>>()
    expectTypeOf(schemaOf([SearchItem])).toEqualTypeOf<Schema<SearchItem[]>>()
    expectTypeOf(schemaOf([() => SearchItem])).toEqualTypeOf<Schema<SearchItem[]>>()
    expectTypeOf(schemaOf([[String]])).toEqualTypeOf<Schema<string[][]>>()
    expectTypeOf(schemaOf(() => SearchPlan)).toEqualTypeOf<Schema<SearchPlan>>()
    expectTypeOf(schemaOf(String)).toEqualTypeOf<Schema<string>>()
    const anyRef: TypeRef = SearchPlan
    expectTypeOf(schemaOf(anyRef as TypeRef)).toEqualTypeOf<Schema<unknown>>()
  })
})

describe('TypeRefOf', () => {
  it('accepts the references that are right for a type, and thunks of them', () => {
    accept<SearchPlan>(SearchPlan)
    accept<SearchPlan>(() => SearchPlan)
    accept<string>(String)
    accept<string>(() => String)
    accept<'a' | 'b'>(String)
    accept<number>(Number)
    accept<boolean>(Boolean)
    accept<Date>(Date)
    accept<SearchItem[]>([SearchItem])
    accept<readonly SearchItem[]>([SearchItem])
    accept<SearchItem[]>([() => SearchItem])
    accept<SearchItem[]>(() => [SearchItem])
    accept<Record<string, unknown>>(Object)
    accept<unknown>(SearchPlan)
    accept<any>([Number]) // any: the claim is about `any` itself
  })

  it('refuses the references of other types', () => {
    // @ts-expect-error another class
    accept<SearchPlan>(Unrelated)
    // @ts-expect-error a primitive for a class
    accept<SearchPlan>(String)
    // @ts-expect-error the wrong primitive
    accept<string>(Number)
    // @ts-expect-error an element instead of an array
    accept<SearchItem[]>(SearchItem)
    // @ts-expect-error an array instead of an element
    accept<SearchItem>([SearchItem])
    // @ts-expect-error an array of something else
    accept<SearchItem[]>([Unrelated])
    // @ts-expect-error a thunk of another class
    accept<SearchPlan>(() => Unrelated)
    // @ts-expect-error a class with members is more than any object
    accept<SearchPlan>(Object)
  })
})
