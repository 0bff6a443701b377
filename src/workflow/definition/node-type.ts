/** The types of nodes (S2-06 … S2-11). */
export const nodeTypes = ['agent_call', 'condition', 'parallel_group', 'loop', 'human_approval', 'subworkflow'] as const

/** One of {@link nodeTypes}. */
export type NodeType = (typeof nodeTypes)[number]
