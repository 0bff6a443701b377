import { OrchestrationError } from '../errors/index.js'
import { classUnion, noteUnion, type UnionNote } from './property-notes.js'
import { className } from './received-type.js'
import type { PayloadClass } from './type-ref.js'

/** The classes of a union, by the name that the discriminator has for each. */
export type UnionMembers<T = unknown> = Readonly<Record<string, PayloadClass<T>>>

/**
 * Makes the decorated class stand for a union: wherever it is named as a type, at the root, in `@Type`, in lists and in other unions, a
 * plain object becomes an instance of the member that its discriminator names, and a plain object without one is refused. The
 * discriminator stays on the instance. Members usually extend the class; it can be one of them itself. Subclasses do not inherit it.
 *
 * class-transformer says the same of a single property, with `@Type(() => Shape, { discriminator })`.
 *
 * ```ts
 * \@Union('kind', () => ({ circle: Circle, square: Square }))
 * abstract class Shape {}
 * class Circle extends Shape { readonly kind = 'circle'; \@IsNumber() radius!: number }
 * ```
 *
 * Works as a legacy and as a TC39 decorator.
 */
export function Union(discriminator: string, members: () => UnionMembers): (target: PayloadClass) => void {
  return target => noteUnion(target, { property: discriminator, members })
}

/** Does what `@Union` does, without a decorator. */
export function makeUnion<T>(
  target: PayloadClass<T>,
  discriminator: string,
  members: () => UnionMembers<NoInfer<T>>,
): void {
  noteUnion(target, { property: discriminator, members })
}

/** One class of a union. */
export interface UnionMember {
  readonly name: string
  readonly target: PayloadClass
}

/** What a class stands for. */
export interface DeclaredUnion {
  readonly property: string
  readonly members: readonly UnionMember[]
}

const unions = new WeakMap<UnionNote, DeclaredUnion>()

/** The union that a class stands for, if it does. @throws OrchestrationError `SCHEMA_UNSUPPORTED` if a member is no class */
export function unionOf(target: PayloadClass): DeclaredUnion | undefined {
  const note = classUnion(target)
  if (note === undefined) return undefined
  let union = unions.get(note)
  if (union === undefined) {
    const members = Object.entries(note.members()).map(([name, member]) => {
      if (typeof member !== 'function') throw noMember(target, name)
      return { name, target: member }
    })
    union = { property: note.property, members }
    unions.set(note, union)
  }
  return union
}

function noMember(target: PayloadClass, name: string): OrchestrationError {
  return new OrchestrationError(
    `"${name}" of the union ${className(target)} is no class. If its module and that of the union import each other, the union was ` +
      'needed before the module of the member had run.',
    { code: 'SCHEMA_UNSUPPORTED', details: { class: className(target), member: name } },
  )
}
