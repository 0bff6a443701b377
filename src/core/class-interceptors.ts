import { type AnyClass, ClassMetadata } from './class-metadata.js'
import type { Interceptor } from './interceptor.js'
import type { PlacedInterceptor } from './nest-interceptors.js'

/** An interceptor that every state of a class gets, each one of its own. */
export interface ClassInterceptor {
  /** What it does, unique in its class: a subclass that declares the same replaces it. */
  readonly kind: string
  /** Interceptors of a lower place are outside those of a higher one. */
  readonly place: number
  create(): Interceptor
}

const declared = new ClassMetadata<{ readonly name?: never; readonly interceptors: readonly ClassInterceptor[] }>()

/** Declares an interceptor for a class of states; what decorators of policies are made of. */
export function declareInterceptor(target: AnyClass, interceptor: ClassInterceptor): void {
  const others = interceptorsOf(target).filter(each => each.kind !== interceptor.kind)
  declared.set(target, { interceptors: [...others, interceptor] })
}

/** New interceptors for a state of a class, parents' declarations included, the outermost first. */
export function createClassInterceptors(target: AnyClass): readonly PlacedInterceptor[] {
  return [...interceptorsOf(target)]
    .sort((a, b) => a.place - b.place)
    .map(({ kind, place, create }) => ({ kind, place, interceptor: create() }))
}

function interceptorsOf(target: AnyClass): readonly ClassInterceptor[] {
  return declared.get(target).interceptors ?? []
}
