import { ask, runPath } from './api.js'
import { h } from './element.js'
import { atMostEvery } from './repeat.js'
import { RequestCards } from './request-cards.js'
import type { RunParts } from './run-parts.js'
import { isOver } from './status-badge.js'
import type { OpenRequest } from './wire.js'

/** What a run waits for from people and from outside, to be answered. */
export function runRequests({ runId, signal, details, feed, refresh }: RunParts): HTMLElement {
  const cards = new RequestCards({
    showRun: false,
    answered: () => {
      soon()
      refresh()
    },
  })
  const element = h(
    'section',
    { class: 'waiting', 'aria-labelledby': 'waiting-title', hidden: true },
    h('h2', { id: 'waiting-title' }, 'Waiting for an answer'),
    cards.element,
  )
  const load = async (): Promise<void> => {
    if (isOver(details.value.status)) return show([])
    const { requests } = await ask<{ readonly requests: readonly OpenRequest[] }>(runPath(runId, 'requests'), {
      query: { limit: 100 },
      signal,
    })
    show(requests)
  }
  const show = (requests: readonly OpenRequest[]): void => {
    cards.show(requests)
    element.hidden = requests.length === 0
  }
  const soon = atMostEvery(150, () => void load().catch(() => undefined), signal)
  feed.count.watch(soon, signal)
  details.watch(soon, signal)
  return element
}
