import type { Edge } from '../edge.js'
import type { Topology } from '../topology.js'
import type { TopologyWay } from './findings.js'

/** All ways of a topology, by where they begin and where they end. */
export class WayMap {
  readonly all: readonly TopologyWay[]
  readonly user: string | undefined
  readonly #out = new Map<string, TopologyWay[]>()
  readonly #in = new Map<string, TopologyWay[]>()

  constructor(topology: Topology) {
    this.user = topology.user?.name
    for (const { name } of topology.nodes) {
      this.#out.set(name, [])
      this.#in.set(name, [])
    }
    const pairs = new Set(topology.edges.flatMap(edge => edge.ways().map(way => JSON.stringify(way))))
    const wayOf = (edge: Edge, from: string, to: string, back: boolean): TopologyWay => {
      const reciprocal = pairs.has(JSON.stringify([to, from]))
      return Object.freeze({ from, to, edge, direction: back ? 'back' : 'forth', reciprocal })
    }
    this.all = topology.edges.flatMap(edge =>
      edge.ways().map(([from, to], index) => wayOf(edge, from, to, index === 1)),
    )
    for (const way of this.all) {
      this.#out.get(way.from)?.push(way)
      this.#in.get(way.to)?.push(way)
    }
  }

  from(name: string): readonly TopologyWay[] {
    return this.#out.get(name) ?? []
  }

  into(name: string): readonly TopologyWay[] {
    return this.#in.get(name) ?? []
  }

  /** The ways from an agent to other agents. */
  onward(name: string): readonly TopologyWay[] {
    return this.from(name).filter(({ to }) => to !== this.user)
  }

  /** The ways into an agent from other agents. */
  inward(name: string): readonly TopologyWay[] {
    return this.into(name).filter(({ from }) => from !== this.user)
  }

  /** The agents that some agents lead to, themselves included; the user and `avoided` are not passed. */
  reach(starts: Iterable<string>, avoided?: string): ReadonlySet<string> {
    const reached = new Set([...starts].filter(name => name !== avoided))
    for (const name of reached) {
      for (const { to } of this.onward(name)) if (to !== avoided) reached.add(to)
    }
    return reached
  }
}
