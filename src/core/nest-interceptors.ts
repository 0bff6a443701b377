import type { Interceptor } from './interceptor.js'

/** An interceptor with the kind and place it was declared with. */
export interface PlacedInterceptor {
  readonly kind: string | undefined
  readonly place: number | undefined
  readonly interceptor: Interceptor
}

/** Interceptors that say their kind and place themselves. */
export function placed(interceptors: readonly Interceptor[] = []): readonly PlacedInterceptor[] {
  return interceptors.map(interceptor => ({ kind: interceptor.kind, place: interceptor.place, interceptor }))
}

/**
 * The interceptors of several levels as one list, the outermost first. Each level keeps its own order. A farther level
 * is outside a nearer one, except where the places of both say otherwise; and of one kind only those of the nearest
 * level are kept. One that is given twice stays where it is outermost.
 */
export function nestInterceptors(...levels: readonly (readonly PlacedInterceptor[])[]): readonly Interceptor[] {
  return [...new Set(levels.reduce(nested, []).map(each => each.interceptor))]
}

function nested(
  outer: readonly PlacedInterceptor[],
  inner: readonly PlacedInterceptor[],
): readonly PlacedInterceptor[] {
  const replaced = new Set(inner.map(each => each.kind))
  const rest = outer.filter(({ kind }) => kind === undefined || !replaced.has(kind))
  const merged: PlacedInterceptor[] = []
  for (const [index, each] of inner.entries()) {
    // One without a place goes with the next that has one: it must not keep that from its place.
    const place = inner.slice(index).find(following => following.place !== undefined)?.place ?? Infinity
    while (rest[0] !== undefined && (rest[0].place ?? -Infinity) <= place)
      merged.push(rest.shift() as PlacedInterceptor)
    merged.push(each)
  }
  return [...merged, ...rest]
}
