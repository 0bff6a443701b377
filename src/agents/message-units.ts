import type { ModelMessage } from './model-message.js'

/** Messages that only make sense together: one message, or one with tool calls and their results. */
export type MessageUnit = readonly ModelMessage[]

/** What a user said, and all that followed from it. The first one of a conversation may begin with something else. */
export type Exchange = readonly MessageUnit[]

/** A conversation cut where it may be cut, oldest first. Its system messages, which stay, are apart. */
export interface CutConversation {
  readonly system: readonly ModelMessage[]
  readonly exchanges: readonly Exchange[]
}

export function cut(messages: readonly ModelMessage[]): CutConversation {
  const system: ModelMessage[] = []
  const exchanges: ModelMessage[][][] = []
  for (const message of messages) {
    if (message.role === 'system') {
      system.push(message)
      continue
    }
    if (message.role === 'user' || exchanges.length === 0) exchanges.push([])
    const exchange = exchanges.at(-1) as ModelMessage[][]
    if (message.role === 'tool' && exchange.length > 0) exchange.at(-1)?.push(message)
    else exchange.push([message])
  }
  return { system, exchanges }
}

/** The messages of a conversation that was cut. */
export function joined({ system, exchanges }: CutConversation): ModelMessage[] {
  return [...system, ...exchanges.flat(2)]
}

/**
 * Leaves out the oldest exchanges until the rest fits, then the oldest steps of the newest one. Its user message and its last step
 * stay. What is left out is in `dropped`.
 */
export function shorten(
  { system, exchanges }: CutConversation,
  fits: (left: CutConversation) => boolean,
): { readonly left: CutConversation; readonly dropped: readonly ModelMessage[] } {
  const dropped: ModelMessage[] = []
  let rest = [...exchanges]
  while (rest.length > 1 && !fits({ system, exchanges: rest })) dropped.push(...(rest.shift() as Exchange).flat())
  const [newest] = rest
  if (newest !== undefined) {
    const steps = [...newest]
    const first = steps[0]?.[0]?.role === 'user' ? 1 : 0
    while (steps.length > first + 1 && !fits({ system, exchanges: [steps] })) {
      dropped.push(...(steps.splice(first, 1)[0] as MessageUnit))
      rest = [steps]
    }
  }
  return { left: { system, exchanges: rest }, dropped }
}
