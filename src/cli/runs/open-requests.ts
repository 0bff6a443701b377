import type { OrchestrationEvent } from '../../core/index.js'
import type { Journal, OpenRunRequest } from '../../durability/index.js'

import { withoutTags } from './stored-value.js'

/** What a run waits for, with what it is about, which only its journal has as plain data. */
export interface ShownRequest {
  readonly id: string
  readonly kind: 'approval' | 'signal'
  readonly stateName: string
  readonly message: string
  readonly input: unknown
  readonly until: number | undefined
}

/** What a run waits for. */
export async function openRequestsOf(
  runId: string,
  journal: Journal<unknown, unknown>,
  events: readonly OrchestrationEvent[],
): Promise<readonly ShownRequest[]> {
  const found: OpenRunRequest[] = []
  let cursor: string | undefined
  do {
    const page = await journal.requests({ runId, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.requests)
    cursor = page.next
  } while (cursor !== undefined)
  const subjects = new Map<string, unknown>()
  for (const event of events) if (event.type === 'approval.requested') subjects.set(event.requestId, event.subject)
  return found.map(({ requestId, kind, stateName, message, until, input }) => {
    const subject = subjects.has(requestId) ? subjects.get(requestId) : withoutTags(JSON.parse(input) as unknown)
    return { id: requestId, kind, stateName, message, input: subject, until }
  })
}
