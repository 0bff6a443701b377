import { decoratedClass, noteClass, noteProperty } from './property-notes.js'
import type { PayloadClass } from './type-ref.js'

/**
 * Describes a payload class or one of its properties; the text becomes `description` in the JSON Schema a model sees.
 * On a class it works as a legacy and as a TC39 decorator; on a property it needs `experimentalDecorators`,
 * else use {@link describeProperty}.
 *
 * @example
 * class SearchItem {
 *   \@Description('What to type into the search engine') \@IsString() query!: string
 * }
 */
export function Description(text: string): (target: object, where?: string | symbol | ClassDecoratorContext) => void {
  return (target, where) => {
    if (
      typeof target === 'function' &&
      (where === undefined || (typeof where === 'object' && where.kind === 'class'))
    ) {
      noteClass(target as PayloadClass, text)
    } else {
      noteProperty(decoratedClass('Description', 'describeProperty', target, where), where as string, {
        description: text,
      })
    }
  }
}

/**
 * Does what `@Description` does on a class, without a decorator. Subclasses do not inherit the description of a
 * class.
 */
export function describeClass(target: PayloadClass, text: string): void {
  noteClass(target, text)
}

/** Does what `@Description` does on a property, without a decorator. */
export function describeProperty<T>(target: PayloadClass<T>, property: keyof T & string, text: string): void {
  noteProperty(target, property, { description: text })
}
