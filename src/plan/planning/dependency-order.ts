/** Who waits for whom, by position: `needs[2]` are the positions of what the third step depends on. */
export type Needs = readonly (readonly number[])[]

/** Enough to see what is wrong; a plan in which everything depends on everything has a great many. */
const mostCycles = 50

/**
 * Circles among dependencies, each as the positions along it, every one depending on the next and the last on the first. Breaking all
 * of them up, and those past the fiftieth, leaves none. Steps that depend on themselves are not among them.
 */
export function cyclesOf(needs: Needs): readonly (readonly number[])[] {
  const cycles: (readonly number[])[] = []
  walk(needs, {
    circle: (path, target) => {
      if (cycles.length < mostCycles) {
        const along = path()
        cycles.push(along.slice(along.lastIndexOf(target)))
      }
    },
  })
  return cycles
}

/** All positions, each after those it needs; in ascending order as far as that leaves it open. There must be no circles. */
export function orderOf(needs: Needs): readonly number[] {
  const order: number[] = []
  walk(needs, { left: at => order.push(at) })
  return order
}

/** What is told of a walk along the needs. */
interface Walker {
  /** The position that was entered last on this path has been left: all it needs has been left before. */
  readonly left?: (at: number) => void
  /** The last position of the path needs one that is on the path itself. */
  readonly circle?: (path: () => readonly number[], target: number) => void
}

const entered = 1
const done = 2

/** Goes along all needs, depth first. Without recursion: a plan may be a chain of thousands of steps. */
function walk(needs: Needs, walker: Walker): void {
  const state = new Uint8Array(needs.length)
  const path: { readonly at: number; next: number }[] = []
  const enter = (at: number): void => {
    state[at] = entered
    path.push({ at, next: 0 })
  }
  for (let start = 0; start < needs.length; start++) {
    if (state[start] === 0) enter(start)
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const target = needs[last.at]?.[last.next++]
      if (target === undefined) {
        state[last.at] = done
        path.pop()
        walker.left?.(last.at)
      } else if (state[target] === entered && target !== last.at) {
        walker.circle?.(() => path.map(({ at }) => at), target)
      } else if (state[target] === 0) enter(target)
    }
  }
}

/** The positions by level: those of a level need only positions of levels before. What is on a circle, or behind one, is in none. */
export function levelsOf(needs: Needs): readonly (readonly number[])[] {
  const open = needs.map(each => each.length)
  const dependants = dependantsOf(needs)
  const levels: (readonly number[])[] = []
  let level = open.flatMap((count, at) => (count === 0 ? [at] : []))
  while (level.length > 0) {
    levels.push(level)
    const following: number[] = []
    for (const at of level) {
      for (const dependant of dependants[at] as readonly number[]) {
        open[dependant] = (open[dependant] as number) - 1
        if (open[dependant] === 0) following.push(dependant)
      }
    }
    level = following.sort((a, b) => a - b)
  }
  return levels
}

/** The other direction: by position, the positions that need it, in ascending order. */
export function dependantsOf(needs: Needs): readonly (readonly number[])[] {
  const dependants: number[][] = needs.map(() => [])
  for (const [at, each] of needs.entries()) {
    for (const need of each) dependants[need]?.push(at)
  }
  return dependants
}

/** All positions that can be reached by going along, the start left out unless a circle leads back to it. In ascending order. */
export function reachableFrom(start: number, along: Needs): readonly number[] {
  const seen = new Set<number>()
  const left = [...(along[start] ?? [])]
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    for (const next of along[at] ?? []) left.push(next)
  }
  return [...seen].sort((a, b) => a - b)
}
