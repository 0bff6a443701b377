/**
 * The names of the states of a compiled topology besides those of its agents, which are named like these. Names of nodes have neither
 * parentheses nor commas, so none of them meets that of an agent.
 */
export const stateNames = {
  /** Where an agent's calls begin. */
  call: (agent: string): string => `call(${agent})`,
  /** Where calls begin whose branches may come together before they return. */
  spread: (agent: string): string => `spread(${agent})`,
  /** Where the answers to an agent's calls are waited for: for all of them. */
  gather: (agent: string): string => `gather(${agent})`,
  /** The same for the first of them. */
  first: (agent: string): string => `first(${agent})`,
  /** Where branches come together for an agent, among those that work for `caller`. */
  meet: (agent: string, caller: string): string => `meet(${agent}, ${caller})`,
} as const

/** The agent that branches have come together for at a join; `undefined` for the joins at which answers to calls are waited for. */
export function convergenceAt(stateName: string): string | undefined {
  return /^meet\(([^,]+), [^,]+\)$/.exec(stateName)?.[1]
}
