import type { Json } from '../schema/index.js'
import { kindOf, knownFields, metadataOf, oneOf } from './field-checks.js'
import { nameOf } from './node-name.js'
import { ProblemList } from './problem-list.js'

/** What an edge may be for. */
const edgeTypes = ['invoke', 'notify', 'query', 'stream'] as const

/** What an edge is for: a label. Who may address whom follows from its {@link EdgeKind} alone. */
export type EdgeType = (typeof edgeTypes)[number]

/**
 * Which ways an edge can be gone, and what that means.
 *
 * - `oneWay`, `A -> B`: A hands over to B.
 * - `dialogue`, `A <-> B`: A and B talk to each other.
 * - `reflexive`, `A <=> B`: A calls B, and B's result returns to A.
 * - `alternating`, `A <~> B`: A and B take turns.
 * - `symmetric`, `A <|> B`: A and B are peers; neither is the caller.
 */
export type EdgeKind = 'oneWay' | 'dialogue' | 'reflexive' | 'alternating' | 'symmetric'

/** How each kind of edge is written. */
export const arrowOf = {
  oneWay: '->',
  dialogue: '<->',
  reflexive: '<=>',
  alternating: '<~>',
  symmetric: '<|>',
} as const satisfies Record<EdgeKind, string>

const edgeKinds = Object.keys(arrowOf) as readonly EdgeKind[]

/** An edge as an object. */
export interface EdgeOptions {
  /** The name of a node. */
  readonly source: string
  /** The name of another node. */
  readonly target: string
  /** @default 'invoke' */
  readonly type?: EdgeType
  /** @default 'oneWay' */
  readonly kind?: EdgeKind
  /** Kept with the edge, and in its JSON; nothing reads it. @default {} */
  readonly metadata?: Readonly<Record<string, Json>>
}

/**
 * How an edge may be written: `'A -> B'`, with any of the arrows `->`, `<->`, `<=>`, `<~>`, `<|>`; a chain of several,
 * `'A -> B <-> C'`; a pair, or a triple with the type; an object.
 */
export type EdgeInput = string | readonly [string, string] | readonly [string, string, EdgeType] | Edge | EdgeOptions

/** A connection of two nodes. One that can be gone both ways is still one edge. Immutable. */
export class Edge {
  readonly source: string
  readonly target: string
  readonly type: EdgeType
  readonly kind: EdgeKind
  readonly metadata: Readonly<Record<string, Json>>

  /** @throws TOPOLOGY_INVALID */
  constructor(options: EdgeOptions) {
    const problems = new ProblemList()
    const given = knownFields(options, ['source', 'target', 'type', 'kind', 'metadata'], problems)
    this.source = nameOf('source', given['source'], problems)
    this.target = nameOf('target', given['target'], problems)
    this.type = oneOf('type', given['type'], edgeTypes, 'invoke', problems)
    this.kind = oneOf('kind', given['kind'], edgeKinds, 'oneWay', problems)
    this.metadata = metadataOf(given['metadata'], problems)
    if (this.source !== '' && this.source === this.target) {
      problems.add('', `Leads from ${kindOf(this.source)} to itself.`, 'An edge connects two nodes.')
    }
    problems.settle()
    Object.freeze(this)
  }

  /** Whether the target may also address the source. */
  get twoWay(): boolean {
    return this.kind !== 'oneWay'
  }

  /** Who may address whom over it: source and target, and if it is two-way also target and source. */
  ways(): readonly (readonly [from: string, to: string])[] {
    const forth = [this.source, this.target] as const
    return this.twoWay ? [forth, [this.target, this.source]] : [forth]
  }

  /** As it is written in a topology: `Writer <-> Reviewer`. The type is not part of it. */
  toString(): string {
    return `${this.source} ${arrowOf[this.kind]} ${this.target}`
  }

  /** Plain data. */
  toJSON(): Required<Omit<EdgeOptions, 'metadata'>> & Pick<EdgeOptions, 'metadata'> {
    const { source, target, type, kind, metadata } = this
    const plain = { source, target, type, kind }
    return Object.keys(metadata).length === 0 ? plain : { ...plain, metadata }
  }
}
