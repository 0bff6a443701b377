import { Agent } from '../agents/index.js'
import type { Json } from '../schema/index.js'
import { isPlainObject, kindOf, knownFields, metadataOf, oneOf } from './field-checks.js'
import { nameOf } from './node-name.js'
import { ProblemList } from './problem-list.js'
import { TopologyError } from './topology-error.js'

/** The name of the boundary. */
export const userName = 'User'

/** What a node may be. */
const nodeTypes = ['user', 'agent', 'system', 'tool'] as const

/**
 * What a node is: `user` is the boundary, where the task comes from and the final response goes. The three others are agents to a run
 * and differ as labels only.
 */
export type TopologyNodeType = (typeof nodeTypes)[number]

/** A node as an object. */
export interface NodeOptions {
  /** Not empty, without `<`, `>`, commas and parentheses; blanks around it are dropped. */
  readonly name: string
  /** @default 'user' for the name `User`, else 'agent' */
  readonly type?: TopologyNodeType
  /** Who does the work; never of the user. @default whoever is registered under the name when a run begins */
  readonly agent?: Agent<unknown>
  /** Kept with the node, and in its JSON; nothing reads it. @default {} */
  readonly metadata?: Readonly<Record<string, Json>>
}

/** How a node may be written: its name, an agent (which has one), or an object. */
export type NodeInput = string | Agent<unknown> | TopologyNode | NodeOptions

const nodeFields = ['name', 'type', 'agent', 'metadata']
const nodeForms = 'Accepted are a name, an Agent, a TopologyNode, and { name, type?, agent?, metadata? }.'

/** A place of a topology. Immutable. */
export class TopologyNode {
  readonly name: string
  readonly type: TopologyNodeType
  /** Who does the work, if that was said; otherwise the registry knows it by the name. Never set for the user. */
  readonly agent: Agent<unknown> | undefined
  readonly metadata: Readonly<Record<string, Json>>

  /** @throws TOPOLOGY_INVALID */
  constructor(options: NodeOptions) {
    const problems = new ProblemList()
    const given = knownFields(options, nodeFields, problems)
    this.name = nameOf('name', given['name'], problems)
    this.type = oneOf('type', given['type'], nodeTypes, this.name === userName ? 'user' : 'agent', problems)
    this.agent = options.agent
    this.metadata = metadataOf(given['metadata'], problems)
    if (this.agent !== undefined && !(this.agent instanceof Agent)) {
      problems.add('agent', `Is ${kindOf(this.agent)}.`, 'Expected is an Agent.')
    }
    if (this.name === userName && this.type !== 'user') {
      problems.add('type', `"${userName}" is the boundary, and no ${this.type}.`, 'Give the node another name.')
    }
    if (this.type === 'user' && this.agent !== undefined) {
      problems.add(
        '',
        `"${this.name}" is the boundary: no agent is ever called for it.`,
        `Give the agent another name, or write the node as '${userName}'.`,
      )
    }
    problems.settle()
    Object.freeze(this)
  }

  /** Plain data; an agent is left out, its node's name finds it in a registry. */
  toJSON(): { name: string; type: TopologyNodeType; metadata?: Readonly<Record<string, Json>> } {
    const { name, type, metadata } = this
    return Object.keys(metadata).length === 0 ? { name, type } : { name, type, metadata }
  }
}

/** Reads a node in any notation. @throws TOPOLOGY_INVALID */
export function nodeOf(input: unknown): TopologyNode {
  if (input instanceof TopologyNode) return input
  if (typeof input === 'string') return new TopologyNode({ name: input })
  if (input instanceof Agent) return new TopologyNode({ name: input.name, agent: input })
  if (isPlainObject(input)) return new TopologyNode(input as unknown as NodeOptions)
  throw new TopologyError([{ place: '', message: `Is ${kindOf(input)}.`, advice: nodeForms }])
}
