import type { ModelMessage } from '../agents/index.js'
import type { RunContext } from '../core/index.js'

/** The messages of one turn, as they are kept: a property of the run for each, so that a step costs the same after many. */
interface KeptTurn {
  readonly branch: string
  readonly agent: string
  readonly messages: readonly ModelMessage[]
}

const prefix = 'topology.memory'

/** What an agent has said and heard in a branch so far. */
export class BranchMemory {
  readonly #context: RunContext
  readonly #branch: string
  readonly #agent: string
  readonly messages: readonly ModelMessage[]
  readonly #turns: number

  constructor(context: RunContext, branch: string, agent: string) {
    this.#context = context
    this.#branch = branch
    this.#agent = agent
    const messages: ModelMessage[] = []
    let turns = 0
    for (;;) {
      const kept = context.properties.get<KeptTurn>(this.#key(turns))
      if (kept === undefined) break
      messages.push(...kept.messages)
      turns++
    }
    this.messages = messages
    this.#turns = turns
  }

  /** Whether the agent is addressed in this branch for the first time. */
  get isEmpty(): boolean {
    return this.#turns === 0
  }

  /** Keeps a conversation that goes on from {@link messages}. It counts when the step is committed. */
  keep(conversation: readonly ModelMessage[]): void {
    const kept: KeptTurn = {
      branch: this.#branch,
      agent: this.#agent,
      messages: conversation.slice(this.messages.length),
    }
    this.#context.properties.set(this.#key(this.#turns), kept)
  }

  #key(turn: number): string {
    return `${prefix}/${this.#branch}/${turn}/${this.#agent}`
  }
}

/** What the agents of a run remember, by branch and by name, out of the properties of the run. */
export function memoriesIn(
  properties: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, Readonly<Record<string, readonly ModelMessage[]>>> {
  const turns = Object.entries(properties).flatMap(([key, value]) => {
    if (!key.startsWith(`${prefix}/`)) return []
    return [{ turn: Number(key.split('/')[2]), kept: value as KeptTurn }]
  })
  turns.sort((a, b) => a.turn - b.turn)
  const memories = new Map<string, Record<string, readonly ModelMessage[]>>()
  for (const { kept } of turns) {
    // Without what every object has: agents may be called `constructor`.
    const ofBranch = memories.get(kept.branch) ?? (Object.create(null) as Record<string, readonly ModelMessage[]>)
    memories.set(kept.branch, ofBranch)
    ofBranch[kept.agent] = [...(ofBranch[kept.agent] ?? []), ...kept.messages]
  }
  return memories
}
