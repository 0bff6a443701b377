import type { Delivery } from './delivery.js'
import { textOfContent } from './plain-content.js'

/** What a run is about, as agents are told. */
export interface Surroundings {
  readonly task: unknown
  readonly context: Readonly<Record<string, unknown>>
}

/**
 * What an agent is asked.
 *
 * Whoever begins is asked the task itself. Anybody else gets what was sent, each piece after `From <sender>:`. When an agent is asked
 * for the first time in a branch, the context comes with it, after `Context:` as JSON, and the task, after `Task:`, unless the sender
 * has written for this agent with a routing tool, or the task is among what was sent.
 */
export function promptOf(
  { kind, said, explicit }: Delivery,
  around: Surroundings,
  isFirst: boolean,
  user: string,
): string {
  const told: string[] = []
  if (isFirst) {
    const isTold = explicit || said.some(({ from }) => from === user)
    if (!isTold) told.push(`Task: ${textOfContent(around.task)}`)
    if (Object.keys(around.context).length > 0) told.push(`Context: ${JSON.stringify(around.context)}`)
  }
  const sent = said.map(({ from, content }) => {
    return kind === 'task' ? textOfContent(content) : `From ${from}:\n${textOfContent(content)}`
  })
  return (kind === 'task' ? [...sent, ...told] : [...told, ...sent]).join('\n\n')
}
