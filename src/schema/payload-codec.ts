import { type ClassTags, classTags } from './class-tags.js'
import { Decoder } from './decoder.js'
import { Encoder } from './encoder.js'
import type { Json } from './json.js'
import { notSerializable } from './not-serializable.js'
import type { Schema } from './schema.js'
import { isStackOverflow } from './stack-overflow.js'
import type { TypeRef } from './type-ref.js'

/**
 * Writes values as JSON and gets the same values back: instances of the registered classes (and of those their
 * properties name with `@Type`), plain objects, arrays, `Date`, `Map`, `Set`, `bigint`, `Uint8Array`, `undefined`,
 * `NaN`, the infinities and `-0`; of an `Error` its name, message, fields and causes, without the stack. The classes are tagged with their names; two classes of one name get `Item` and
 * `Item_2`, in the order of registration.
 *
 * Not kept: the identity of an object that occurs twice, `#private` fields, and being frozen. A restored instance has
 * not gone through its constructor, and is not validated. A hole in an array comes back as `undefined`, a `Buffer` as
 * a `Uint8Array`, an object without prototype as a plain object. Of an array nothing but the elements is kept, not the
 * `index` that the result of `match()` has besides.
 */
export class PayloadCodec {
  readonly #refs: readonly (TypeRef | Schema)[]
  #tags: ClassTags | undefined

  /** Takes the types whose values will be stored. Thunks are called at the first use. */
  constructor(refs: Iterable<TypeRef | Schema>) {
    this.#refs = [...refs]
  }

  /**
   * The value as JSON; what is plain data already looks the same, everything else carries a tag.
   * @throws OrchestrationError `PAYLOAD_NOT_SERIALIZABLE`, naming the path, for a function, a symbol, an object that
   * contains itself and an instance of a class that is not registered.
   */
  encode(value: unknown): Json {
    return withinStack(() => new Encoder(this.#resolvedTags().tagOf).encode(value))
  }

  /**
   * The value behind what {@link encode} wrote.
   * @throws OrchestrationError `PAYLOAD_NOT_SERIALIZABLE`, naming the path, for an unknown tag and for anything
   * `encode` cannot have written.
   */
  decode(json: unknown): unknown {
    return withinStack(() => new Decoder(this.#resolvedTags().classOf).decode(json))
  }

  #resolvedTags(): ClassTags {
    this.#tags ??= classTags(this.#refs)
    return this.#tags
  }
}

function withinStack<T>(action: () => T): T {
  try {
    return action()
  } catch (thrown) {
    if (isStackOverflow(thrown)) throw notSerializable([], 'is nested too deeply to be stored.', thrown)
    throw thrown
  }
}
