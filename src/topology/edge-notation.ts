import { nearestNames } from '../errors/internal.js'
import { arrowOf, Edge, type EdgeKind } from './edge.js'
import { kindOf } from './field-checks.js'
import { nameOf } from './node-name.js'
import { ProblemList } from './problem-list.js'

const kindOfArrow = new Map(Object.entries(arrowOf).map(([kind, arrow]) => [arrow as string, kind as EdgeKind]))

/** The arrows there are, in a sentence. */
export const acceptedArrows = `Accepted are ${[...kindOfArrow.keys()].join(' ')}, as in "A -> B" and "A -> B -> C".`

/** A text of names with arrows between them. */
interface Chain {
  readonly names: readonly string[]
  /** One less than names. */
  readonly kinds: readonly (EdgeKind | undefined)[]
}

/** Reads `A -> B` and longer chains, an edge for each arrow. @throws TOPOLOGY_INVALID with positions, from 1 */
export function edgesOf(text: string): readonly Edge[] {
  const problems = new ProblemList()
  const { names, kinds } = chainOf(text, 0, problems)
  if (kinds.length === 0) problems.add('', `${kindOf(text)} has no arrow.`, acceptedArrows)
  problems.settle()
  const edges = kinds.map((kind, index) =>
    problems.attempt('', () => new Edge({ source: names[index], target: names[index + 1], kind } as Edge)),
  )
  problems.settle()
  return edges as readonly Edge[]
}

/** Splits a text at its arrows; `offset` is where it begins in a longer text. */
export function chainOf(text: string, offset: number, problems: ProblemList): Chain {
  const names: string[] = []
  const kinds: (EdgeKind | undefined)[] = []
  let from = 0
  // Any run of such signs with an angle in it was meant as an arrow, so that `~>` and `-->` are told as such.
  for (const { 0: arrow, index } of text.matchAll(/[-=~|<>]+/g)) {
    if (!/[<>]/.test(arrow)) continue
    names.push(nameOf('', text.slice(from, index), problems, offset + from))
    kinds.push(kindAt(arrow, offset + index, problems))
    from = index + arrow.length
  }
  names.push(nameOf('', text.slice(from), problems, offset + from))
  return { names, kinds }
}

function kindAt(arrow: string, at: number, problems: ProblemList): EdgeKind | undefined {
  const kind = kindOfArrow.get(arrow)
  if (kind !== undefined) return kind
  const near = nearestNames(arrow, [...kindOfArrow.keys()]).map(each => `"${each}"`)
  const hint =
    arrow === '<-' ? 'Write the source first. ' : near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : ''
  problems.add('', `There is no arrow "${arrow}", as at character ${at + 1}.`, `${hint}${acceptedArrows}`)
  return undefined
}
